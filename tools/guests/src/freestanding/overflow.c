/* Recursion until the stack is used up; the handler, on a stack of its own, jumps out. Then again, from deeper code. */
#include "../signals.h"
static u8 stack[16384];
static u64 saved[8], sum, begin;
static volatile u64 deep;
__attribute__((noreturn)) extern void leave_to(u64 *, u64);
extern u64 set_jump(u64 *);
__asm__("set_jump: popq %rdx\n movq %rdx, (%rdi)\n movq %rsp, 8(%rdi)\n movq %rbx, 16(%rdi)\n movq %rbp, 24(%rdi)\n movq %r12, 32(%rdi)\n movq %r13, 40(%rdi)\n"
        "movq %r14, 48(%rdi)\n movq %r15, 56(%rdi)\n xorl %eax, %eax\n jmp *%rdx\n"
        "leave_to: movq %rsi, %rax\n movq 8(%rdi), %rsp\n movq 16(%rdi), %rbx\n movq 24(%rdi), %rbp\n movq 32(%rdi), %r12\n movq 40(%rdi), %r13\n"
        "movq 48(%rdi), %r14\n movq 56(%rdi), %r15\n jmp *(%rdi)");
static void overflow(int signal, u8 *info, u8 *context) {
  u64 *regs = registers(context);
  sum = sum * 31 + (u64)signal + (u64)code_of(info) + regs[G_TRAP];
  if (signal == SIGSEGV) sum += address_of(info) >= regs[G_RSP] - 4096 && address_of(info) < regs[G_RSP] + 4096;
  leave_to(saved, 1);
}
#pragma GCC diagnostic ignored "-Winfinite-recursion"
static u64 __attribute__((noinline, optimize("no-optimize-sibling-calls"))) recurse(u64 n) {
  volatile u64 frame[64];
  frame[n & 63] = n;
  deep++;
  u64 r = recurse(n + frame[n & 63] * 0 + 1);
  return r + frame[n & 63];
}
static int main_of_guest(u64 argc, char **argv) {
  (void)argc, (void)argv;
  alternate_stack(stack, sizeof stack);
  on_signal(SIGSEGV, overflow, SA_ONSTACK | SA_NODEFER, 0);
  struct { u64 soft, hard; } limit = {1 << 20, 1 << 20};
  SYS(160, 3, &limit, 0); /* setrlimit RLIMIT_STACK */
  tally86_start();
  for (int round = 0; round < 3; round++) {
    deep = 0;
    /* a stack of our own makes the depth the same everywhere */
    u8 *own = map(0, 65 * 4096, 3, 0);
    SYS(SYS_mprotect, own, 4096, 0);
    if (set_jump(saved) == 0) {
      begin = (u64)own + 65 * 4096;
      __asm__ volatile("movq %0, %%rsp\n xorl %%edi, %%edi\n call *%1" : : "r"(begin), "r"(recurse) : "memory");
      __builtin_unreachable();
    }
    sum = sum * 7 + deep;
    SYS(SYS_munmap, own, 65 * 4096, 0);
  }
  tally86_stop();
  print_hex("overflow ", sum);
  return 0;
}
