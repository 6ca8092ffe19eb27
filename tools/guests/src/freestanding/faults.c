/* Faults handled and retried: stores to pages that the handler unlocks, a page-crossing store, a rep in the middle, #DE and #UD stepped over. */
#include "../free.h"
static u8 *area;
static volatile u64 faults, last;
static void handler(int signal, void *info, void *context) {
  u64 *regs = (u64 *)((u8 *)context + 40); /* gregs: r8 … r15 rdi rsi rbp rbx rdx rax rcx rsp rip */
  faults = faults * 3 + (u64)signal;
  if (signal == 11) {
    u64 at = *(u64 *)((u8 *)info + 16);
    last = at - (u64)area;
    SYS(SYS_mprotect, at & ~4095ul, 4096, 3);
  } else {
    last = *(u64 *)((u8 *)info + 16) != 0;
    regs[16] += 2; /* both instructions below are two bytes long */
  }
}
extern void restorer(void);
__asm__("restorer: mov $15, %eax\n syscall");
static int main_of_guest(u64 argc, char **argv) {
  (void)argc, (void)argv;
  struct { void *handler; u64 flags; void *restorer; u64 mask; } action = {handler, 0x04000004, restorer, 0};
  static const int signals[] = {4, 8, 11};
  for (int i = 0; i < 3; i++) syscall6(SYS_rt_sigaction, signals[i], (long)&action, 0, 8, 0, 0);
  area = map(0, 64 * 4096, 0, 0);
  u64 sum = 0;
  tally86_start();
  for (int i = 0; i < 8; i++) {
    area[i * 4096 + 17] = (u8)i;
    sum = sum * 31 + last + faults;
  }
  *(volatile u64 *)(area + 9 * 4096 - 4) = 0x1122334455667788; /* page 8, then page 9 */
  sum = sum * 31 + last + faults;
  {
    u8 *d = area + 10 * 4096 + 100;
    u64 n = 3 * 4096;
    __asm__ volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(0x5a) : "memory");
    sum = sum * 31 + last + faults + (u64)(d - area);
  }
  {
    u8 *d = area + 20 * 4096, *s = area + 10 * 4096;
    u64 n = 1024;
    __asm__ volatile("rep movsq" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
    sum = sum * 31 + last + faults + (u64)(d - area);
  }
  for (int i = 0; i < 3; i++) {
    u32 a = 5, d = 0, z = 0;
    __asm__ volatile("divl %2" : "+a"(a), "+d"(d) : "r"(z));
    sum = sum * 31 + last + faults + a;
    __asm__ volatile("ud2" : : : "memory");
    sum = sum * 31 + last + faults;
  }
  /* read, modify, write on a locked page */
  __asm__ volatile("addq $7, %0" : "+m"(*(u64 *)(area + 40 * 4096 + 8)) : : "cc", "memory");
  sum = sum * 31 + last + faults + *(u64 *)(area + 40 * 4096 + 8);
  tally86_stop();
  print_hex("faults ", sum);
  return 0;
}
