/* Mappings and what becomes of their contents: maps over maps, holes, moves, shared pages, discarded pages, the program break, code that goes away. */
#include "../signals.h"
static u64 sum;
static u64 resume;
static void mix(u64 value) { sum = sum * 0x9e3779b97f4a7c15ul + value + (sum >> 27); }
static void fault(int signal, u8 *info, u8 *context) {
  u64 *regs = registers(context);
  mix((u64)signal | (u64)code_of(info) << 8 | regs[G_ERR] << 16 | (address_of(info) & 4095) << 24);
  if (resume) regs[G_RIP] = resume;
  else regs[G_RIP] = *(u64 *)regs[G_RSP], regs[G_RSP] += 8, regs[G_RAX] = 99; /* a call into nowhere returns */
}
static void touch(u8 *at) {
  __asm__ volatile("leaq 1f(%%rip), %%rax\n movq %%rax, %0\n movb (%1), %%al\n addb $3, (%1)\n1: movq $0, %0" : "+m"(resume) : "r"(at) : "rax", "memory", "cc");
}
static int main_of_guest(u64 argc, char **argv) {
  (void)argc, (void)argv;
  on_signal(SIGSEGV, fault, 0, 0);
  on_signal(SIGBUS, fault, 0, 0);
  tally86_start();
  u8 *a = map(0, 64 * 4096, 3, 0);
  for (int i = 0; i < 64; i++) a[i * 4096 + i] = (u8)(i + 1);
  SYS(SYS_munmap, a + 5 * 4096, 3 * 4096, 0);
  SYS(SYS_mprotect, a + 20 * 4096, 4 * 4096, 1);
  SYS(SYS_mprotect, a + 30 * 4096, 2 * 4096, 0);
  map(a + 40 * 4096, 4 * 4096, 3, 0x10);
  SYS(28, a + 50 * 4096, 3 * 4096, 4); /* madvise DONTNEED */
  for (int i = 0; i < 64; i++) touch(a + i * 4096 + i);
  for (int i = 0; i < 64; i++) if ((i < 5 || i > 7) && (i < 30 || i > 31)) mix(a[i * 4096 + i]);
  u8 *grown = (u8 *)syscall6(SYS_mremap, (long)(a + 10 * 4096), 2 * 4096, 6 * 4096, 1, 0, 0);
  mix(grown[10] + grown[4096 + 11] * 3ul + grown[5 * 4096]);
  touch(a + 10 * 4096);
  u8 *shared = (u8 *)syscall6(SYS_mmap, 0, 4 * 4096, 3, 0x21, -1, 0);
  u8 *alias = (u8 *)syscall6(SYS_mremap, (long)shared, 0, 4 * 4096, 1, 0, 0);
  for (int i = 0; i < 4; i++) shared[i * 4096 + 7] = (u8)(i * 9 + 1);
  for (int i = 0; i < 4; i++) alias[i * 4096 + 8] = alias[i * 4096 + 7] + 1;
  for (int i = 0; i < 4; i++) mix(shared[i * 4096 + 8]);
  /* code by an alias of its page, then taken away, then back */
  SYS(SYS_mprotect, alias, 4096, 5);
  for (u32 i = 0; i < 20; i++) {
    shared[0] = 0xb8;
    __builtin_memcpy(shared + 1, &i, 4);
    shared[5] = 0xc3;
    __asm__ volatile("" : : : "memory");
    mix(((u32(*)(void))alias)());
  }
  SYS(SYS_mprotect, alias, 4096, 1);
  mix(((u32(*)(void))alias)() & 255);
  SYS(SYS_munmap, alias, 4096, 0);
  mix(((u32(*)(void))alias)() & 255);
  u8 *brk = (u8 *)SYS(12, 0, 0, 0);
  mix((u64)SYS(12, brk + 10000, 0, 0) - (u64)brk);
  for (int i = 0; i < 10000; i += 500) brk[i] = (u8)i;
  SYS(12, brk + 5000, 0, 0);
  SYS(12, brk + 10000, 0, 0);
  for (int i = 0; i < 10000; i += 500) mix(brk[i]);
  touch(brk + 3 * 4096 + 4000);
  tally86_stop();
  print_hex("memory ", sum);
  return 0;
}
