/* String instructions: every kind and size, both directions, counts 0 and up, ended by count and by condition. */
#include "../free.h"
static u8 a[6000], b[6000];
static u64 sum;
#define REP(code, count)                                                                                                  \
  do {                                                                                                                    \
    u8 *s = a + 64, *d = b + 64;                                                                                          \
    u64 todo = (count), x = 0x0102030405060708ul * (u64)(count), f;                                                          \
    __asm__ volatile("cmpq $1, %2\n" code "\n pushfq\n popq %4\n cld" : "+S"(s), "+D"(d), "+c"(todo), "+a"(x), "=r"(f) : : "memory", "cc");  \
    sum = sum * 31 + (u64)(s - a) + (u64)(d - b) * 7 + todo * 3 + x + (f & 0x8d5);                                           \
  } while (0)
#define SIZES(op, count) REP(op "b", count); REP(op "w", count); REP(op "l", count); REP(op "q", count)
static int main_of_guest(u64 argc, char **argv) {
  (void)argc, (void)argv;
  for (int i = 0; i < 6000; i++) a[i] = (u8)(i * 7 >> 2), b[i] = (u8)(i * 7 >> 2);
  b[700] = 0xee;
  static const u64 counts[] = {0, 1, 2, 3, 8, 100, 333};
  tally86_start();
  for (int i = 0; i < 7; i++) {
    u64 n = counts[i];
    SIZES("rep movs", n);
    SIZES("rep stos", n);
    SIZES("rep lods", n);
    SIZES("repe cmps", n);
    SIZES("repne cmps", n);
    SIZES("repe scas", n);
    SIZES("repne scas", n);
    SIZES("movs", n);
    SIZES("stos", n);
    SIZES("lods", n);
    SIZES("cmps", n);
    SIZES("scas", n);
    REP("std\n rep movsb", n > 60 ? 60 : n);
    REP("std\n rep stosw", n > 30 ? 30 : n);
    REP("std\n repe cmpsb", n > 60 ? 60 : n);
  }
  /* across pages, and forward onto itself */
  {
    u8 *s = a, *d = a + 3;
    u64 n = 5000;
    __asm__ volatile("rep movsb" : "+S"(s), "+D"(d), "+c"(n) : : "memory");
  }
  for (int i = 0; i < 6000; i++) sum = sum * 131 + a[i] + b[i];
  tally86_stop();
  print_hex("string ", sum);
  return 0;
}
