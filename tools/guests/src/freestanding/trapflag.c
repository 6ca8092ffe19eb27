/* The trap flag set by the program itself: which instructions trap, where, and what pushf shows. */
#include "../signals.h"
static volatile u64 traps, sum;
static u64 origin;
static void trap(int signal, u8 *info, u8 *context) {
  u64 *regs = registers(context);
  traps++;
  sum = sum * 31 + (u64)signal + (u64)code_of(info) * 3 + (regs[G_RIP] - origin) * 5 + (regs[G_FLAGS] & 0x100) * 7 + regs[G_TRAP] * 11 + regs[G_RCX] % 64;
}
#define STEP(code)                                                                                                         \
  do {                                                                                                                     \
    u64 before = traps;                                                                                                    \
    __asm__ volatile("leaq 8f(%%rip), %%rax\n movq %%rax, %0\n pushfq\n orl $0x100, (%%rsp)\n popfq\n8: " code "\n pushfq\n andl $~0x100, (%%rsp)\n popfq\n nop" : "=m"(origin) : : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r11", "memory", "cc"); \
    print_hex("", traps - before);                                                                                        \
  } while (0)
u8 step_buffer[64];
static int main_of_guest(u64 argc, char **argv) {
  (void)argc, (void)argv;
  on_signal(SIGTRAP, trap, SA_NODEFER, 0);
  on_signal(SIGSEGV, trap, 0, 0);
  tally86_start();
  STEP("nop");
  STEP("nop\n nop\n addl $1, %%ecx");
  STEP("pushfq\n popq %%rdx");
  STEP("movl $5, %%ecx\n leaq step_buffer(%%rip), %%rdi\n rep stosb");
  STEP("xorl %%ecx, %%ecx\n rep stosb" );
  STEP("jmp 1f\n ud2\n1: call 2f\n jmp 3f\n2: ret\n3: nop");
  STEP("movl $39, %%eax\n syscall\n nop\n nop");
  STEP("fld1\n fstp %%st\n nop");
  tally86_stop();
  print_hex("trapflag ", sum);
  print_hex("traps ", traps);
  return 0;
}
