/* Signals sent and caused: masks, nesting, an alternate stack, one-shot handlers, traps, unmasked SSE and x87 exceptions. */
#include "../signals.h"
static u8 stack[16384];
static volatile u64 sum, depth, deepest, on_stack, left;
static void mix(u64 value) { sum = sum * 31 + value; }
static void nested(int signal, u8 *info, u8 *context) {
  (void)info;
  depth++;
  if (depth > deepest) deepest = depth;
  u8 here;
  if (&here >= stack && &here < stack + sizeof stack) on_stack++;
  mix((u64)signal + registers(context)[G_TRAP]);
  if (left > 0) left--, SYS(SYS_kill, SYS(SYS_getpid, 0, 0, 0), signal == SIGUSR1 ? SIGUSR2 : SIGUSR1, 0);
  depth--;
}
static void once(int signal, u8 *info, u8 *context) { (void)context, mix((u64)signal * 100 + (u64)(code_of(info) & 255)); }
/* an exception: which, where, and over it; all of them are marked by a label behind */
static u64 resume;
static void exception(int signal, u8 *info, u8 *context) {
  u64 *regs = registers(context);
  mix((u64)signal | (u64)code_of(info) << 8 | regs[G_TRAP] << 16 | regs[G_ERR] << 24);
  mix(address_of(info) == regs[G_RIP]);
  mix(regs[G_RIP] - resume);
  u32 *image = *(u32 **)(context + 40 + 23 * 8); /* uc_mcontext.fpstate */
  image[6] = 0x1f80;
  *(unsigned short *)image = 0x37f;
  *(unsigned short *)((u8 *)image + 2) = 0;
  regs[G_RIP] = resume;
}
#define TRY(code) do { u64 r; __asm__ volatile("leaq 1f(%%rip), %0\n movq %0, %1\n" code "\n1:" : "=&r"(r), "=m"(resume) : : "rax", "rcx", "rdx", "xmm0", "xmm1", "memory", "cc"); } while (0)
static int main_of_guest(u64 argc, char **argv) {
  (void)argc, (void)argv;
  tally86_start();
  alternate_stack(stack, sizeof stack);
  on_signal(SIGUSR1, nested, SA_ONSTACK, 0);
  on_signal(SIGUSR2, nested, SA_NODEFER, 0);
  for (int i = 0; i < 10; i++) left = (u64)i, SYS(SYS_tkill, SYS(SYS_gettid, 0, 0, 0), SIGUSR1 + 2 * (i & 1), 0);
  mix(deepest), mix(on_stack);
  /* masked, sent twice, delivered once */
  u64 mask = 1ul << (SIGUSR1 - 1) | 1ul << (SIGUSR2 - 1), old = 5;
  left = 3;
  syscall6(SYS_rt_sigprocmask, 0, (long)&mask, (long)&old, 8, 0, 0);
  mix(old);
  for (int i = 0; i < 2; i++) SYS(SYS_kill, SYS(SYS_getpid, 0, 0, 0), SIGUSR1, 0), SYS(SYS_kill, SYS(SYS_getpid, 0, 0, 0), SIGUSR2, 0);
  mix(sum);
  syscall6(SYS_rt_sigprocmask, 1, (long)&mask, 0, 8, 0, 0);
  mix(sum);
  on_signal(SIGUSR1, once, (u32)SA_RESETHAND, 0);
  SYS(SYS_kill, SYS(SYS_getpid, 0, 0, 0), SIGUSR1, 0);
  for (int s = 0; s < 5; s++) on_signal((int[]){SIGILL, SIGTRAP, SIGFPE, SIGSEGV, SIGBUS}[s], exception, s & 1 ? SA_ONSTACK | SA_NODEFER : 0, ~0x10ul) /* single-stepping cannot do with a blocked SIGTRAP */;
  u32 unmasked = 0x1f80 & ~0x280u; /* invalid, divide by zero */
  for (int i = 0; i < 3; i++) {
    TRY("int3");
    TRY("ud2");
    TRY("hlt");
    TRY("xorl %%ecx, %%ecx\n xorl %%edx, %%edx\n divl %%ecx");
    TRY("movl $0x80000000, %%eax\n cdq\n movl $-1, %%ecx\n idivl %%ecx");
    TRY("movq $-0x8000000000000000, %%rax\n notq %%rax\n movq $0x123456789abcde, %%rcx\n shlq $8, %%rcx\n movq (%%rcx), %%rax");
    TRY("xorl %%eax, %%eax\n movq %%rax, (%%rax)");
    TRY("xorl %%eax, %%eax\n jmpq *%%rax");
    TRY("movaps -120(%%rsp), %%xmm0\n movaps -121(%%rsp), %%xmm0");
    TRY("int $0x81");
    TRY("cli");
    TRY("movl $0x1234, %%eax\n movl %%eax, %%fs");
    __asm__ volatile("ldmxcsr %0" : : "m"(unmasked));
    TRY("xorps %%xmm0, %%xmm0\n xorps %%xmm1, %%xmm1\n divps %%xmm1, %%xmm0");
    __asm__ volatile("ldmxcsr %0" : : "m"(unmasked));
    TRY("movl $0x3f800000, %%eax\n movd %%eax, %%xmm0\n xorps %%xmm1, %%xmm1\n divss %%xmm1, %%xmm0");
    TRY("movl $0x37a, %%eax\n pushq %%rax\n fldcw (%%rsp)\n popq %%rax\n fldz\n fld1\n fdiv %%st(1), %%st\n nop\n fwait\n nop");
  }
  tally86_stop();
  print_hex("signals ", sum);
  return 0;
}
