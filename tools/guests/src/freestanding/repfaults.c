/* Every repeated string instruction, both directions and all sizes, stopped in the middle by pages that its handler unlocks. */
#include "../signals.h"
static u8 *area;
static u64 sum;
static volatile u64 faults;
static void unlock(int signal, u8 *info, u8 *context) {
  (void)signal;
  u64 *regs = registers(context), at = address_of(info);
  faults++;
  sum = sum * 31 + (at - (u64)area) + regs[G_RCX] * 3 + (regs[G_RSI] - (u64)area) * 5 + (regs[G_RDI] - (u64)area) * 7 + (regs[G_ERR] << 20) + (regs[G_FLAGS] & 0xcd5);
  SYS(SYS_mprotect, at & ~4095ul, 4096, 3);
}
#define PAGES 8
static void lock(u64 pages) {
  SYS(SYS_mprotect, area, PAGES * 4096, 3);
  for (int p = 0; p < PAGES; p++) if (pages >> p & 1) SYS(SYS_mprotect, area + p * 4096, 4096, p & 1 ? 0 : 1);
}
/* source in pages 0 to 3, destination in 4 to 7, both begin off by a little */
#define RUN(before, op, size, count, locked)                                                                              \
  do {                                                                                                                     \
    u64 back = before[0] == 's', todo = (count), x = 0x5a5a5a5a5a5a5a5aul, f;                                                                    \
    u8 *s = area + (back ? 3 * 4096 + 40 : 4096 - 40) + (size > 1), *d = s + 4 * 4096 + (size > 2 ? 3 : 0);                                       \
    lock(locked);                                                                                                          \
    __asm__ volatile(before "\n cmpq $1, %%rcx\n" op "\n pushfq\n popq %4\n cld" : "+S"(s), "+D"(d), "+c"(todo), "+a"(x), "=&r"(f) : : "memory", "cc");     \
    sum = sum * 131 + (u64)(s - area) + (u64)(d - area) * 3 + todo * 7 + x + (f & 0xcd5);                                              \
  } while (0)
#define SIZES(before, op, count, locked) RUN(before, op "b", 1, count, locked); RUN(before, op "w", 2, (count) / 2, locked); RUN(before, op "l", 4, (count) / 4, locked); RUN(before, op "q", 8, (count) / 8, locked)
#define BOTH(op, count, locked) SIZES("cld", op, count, locked); SIZES("std", op, count, locked)
static int main_of_guest(u64 argc, char **argv) {
  (void)argc, (void)argv;
  on_signal(SIGSEGV, unlock, 0, 0);
  area = map(0, PAGES * 4096, 3, 0);
  for (int i = 0; i < PAGES * 4096; i++) area[i] = (u8)(i % 4096 * 3 >> 1);
  tally86_start();
  static const u64 locks[] = {0x22, 0x66, 0xff, 0x60, 0x0a};
  for (int i = 0; i < 5; i++) {
    for (u64 n = 0; n < 9000; n = n * 3 + 1) {
      BOTH("rep stos", n, locks[i]);
      BOTH("rep movs", n, locks[i]);
      BOTH("rep lods", n, locks[i]);
      /* which operand of cmps faults first differs between CPUs: lock one at a time */
      BOTH("repe cmps", n, locks[i] & 0xf0);
      BOTH("repne cmps", n, locks[i] & 0x0a);
      BOTH("repe scas", n, locks[i] & 0xaa);
      BOTH("repne scas", n, locks[i] & 0xaa);
      BOTH("movs", 1, locks[i]);
      BOTH("stos", 1, locks[i]);
      SYS(SYS_mprotect, area, PAGES * 4096, 3);
      for (int j = 0; j < PAGES * 4096; j += 61) area[j] = (u8)(sum >> (j & 15));
    }
  }
  tally86_stop();
  print_hex("repfaults ", sum + faults);
  return 0;
}
