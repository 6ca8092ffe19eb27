/* Locked read-modify-write instructions of every size, at aligned places and across pages; bit tests by far indices. */
#include "../free.h"
static u8 *area;
static u64 sum;
static void mix(u64 value) { sum = sum * 0x9e3779b97f4a7c15ul + value + (sum >> 29); }
#define FLAGS(f) "\n pushfq\n popq " f
#define ONE(text, type, place, value)                                                                                      \
  do {                                                                                                                     \
    type *p = (type *)(place), v = (type)(value);                                                                          \
    u64 f, a = (u64)*p + ((u64)(value)&1);                                                                                      \
    __asm__ volatile("cmpq $3, %%rcx\n" text FLAGS("%1") : "+m"(*p), "=&r"(f), "+a"(a), "+d"(v) : "c"(7ul) : "cc", "memory");               \
    mix(*p), mix(f & 0x8d5), mix(a), mix(v);                                                                                \
  } while (0)
#define EACH(place, value)                                                                                                 \
  do {                                                                                                                     \
    ONE("lock cmpxchgb %3, %0", u8, place, value); ONE("lock cmpxchgw %3, %0", u16, place, value);                             \
    ONE("lock cmpxchgl %3, %0", u32, place, value); ONE("lock cmpxchgq %3, %0", u64, place, value);                             \
    ONE("lock xaddb %3, %0", u8, place, value); ONE("lock xaddw %3, %0", u16, place, value);                                   \
    ONE("lock xaddl %3, %0", u32, place, value); ONE("lock xaddq %3, %0", u64, place, value);                                   \
    ONE("xchgb %3, %0", u8, place, value); ONE("xchgq %3, %0", u64, place, value);                                             \
    ONE("lock addl %3, %0", u32, place, value); ONE("lock subq %3, %0", u64, place, value);                                     \
    ONE("lock adcw %3, %0", u16, place, value); ONE("lock sbbq %3, %0", u64, place, value);                                     \
    ONE("lock andl %3, %0", u32, place, value); ONE("lock orb %3, %0", u8, place, value); ONE("lock xorq %3, %0", u64, place, value); \
    ONE("lock incl %0", u32, place, value); ONE("lock decq %0", u64, place, value); ONE("lock negl %0", u32, place, value);         \
    ONE("lock notq %0", u64, place, value); ONE("lock btsl $9, %0", u32, place, value); ONE("lock btrq $33, %0", u64, place, value); \
    ONE("lock btcq %3, %0", u64, place, (i64)(value) % 4000); ONE("btsl %k3, %0", u32, place, (i64)(value) % 4000);                \
  } while (0)
static int main_of_guest(u64 argc, char **argv) {
  (void)argc, (void)argv;
  area = map(0, 4 * 4096, 3, 0);
  for (int i = 0; i < 4 * 4096; i++) area[i] = (u8)(i * 17 >> 3);
  tally86_start();
  for (u64 i = 0; i < 60; i++) {
    EACH(area + 4096 + i * 8, i * 0x123456789abcdul);
    EACH(area + 8192 - i % 9, i * 0xfedcba987ul);
    u64 a = i & 1 ? *(u64 *)(area + 8184) : i, d = i & 1 ? *(u64 *)(area + 8192) : 3;
    u32 a4 = (u32)a, d4 = (u32)d;
    u64 f;
    __asm__ volatile("lock cmpxchg8b %2" FLAGS("%3") : "+a"(a4), "+d"(d4), "+m"(*(u64 *)(area + 8190 - i % 7)), "=&r"(f) : "b"((u32)i), "c"((u32)~i) : "cc", "memory");
    mix(a4), mix(d4), mix(f & 0x8d5);
    __asm__ volatile("lock cmpxchg16b %2" FLAGS("%3") : "+a"(a), "+d"(d), "+m"(*(__int128 *)(area + 4096 + 16 * (i & 31))), "=&r"(f) : "b"(i), "c"(~i) : "cc", "memory");
    mix(a), mix(d), mix(f & 0x8d5);
  }
  tally86_stop();
  for (int i = 0; i < 4 * 4096; i += 8) mix(*(u64 *)(area + i));
  print_hex("atomics ", sum);
  return 0;
}
