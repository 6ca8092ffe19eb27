/* Signals for freestanding guests, as the kernel has them: struct sigaction, ucontext and siginfo at fixed offsets. */
#ifndef SIGNALS_H
#define SIGNALS_H
#include "free.h"
enum { SYS_rt_sigprocmask = 14, SYS_getpid = 39, SYS_kill = 62, SYS_sigaltstack = 131, SYS_gettid = 186, SYS_tkill = 200, SYS_mremap = 25 };
enum { SIGILL = 4, SIGTRAP = 5, SIGBUS = 7, SIGFPE = 8, SIGUSR1 = 10, SIGSEGV = 11, SIGUSR2 = 12 };
enum { SA_SIGINFO = 4, SA_RESTORER = 0x04000000, SA_ONSTACK = 0x08000000, SA_NODEFER = 0x40000000, SA_RESETHAND = (int)0x80000000 };
extern void restorer(void);
__asm__("restorer: mov $15, %eax\n syscall");
typedef void Handler(int, u8 *, u8 *);
static inline long on_signal(int signal, Handler *handler, u64 flags, u64 mask) {
  struct { Handler *handler; u64 flags; void (*restorer)(void); u64 mask; } action = {handler, (u32)flags | SA_SIGINFO | SA_RESTORER, restorer, mask};
  return syscall6(SYS_rt_sigaction, signal, (long)&action, 0, 8, 0, 0);
}
static inline void alternate_stack(void *base, u64 size) {
  struct { void *sp; u64 flags; u64 size; } stack = {base, 0, size};
  SYS(SYS_sigaltstack, &stack, 0, 0);
}
/* Places in gregs: r8 to r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, eflags, selectors, err, trapno, oldmask, cr2. */
enum { G_RDI = 8, G_RSI, G_RBP, G_RBX, G_RDX, G_RAX, G_RCX, G_RSP, G_RIP, G_FLAGS, G_SEL, G_ERR, G_TRAP, G_MASK, G_CR2 };
static inline u64 *registers(u8 *context) { return (u64 *)(context + 40); }
static inline int code_of(u8 *info) { return *(int *)(info + 8); }
static inline u64 address_of(u8 *info) { return *(u64 *)(info + 16); }
#endif
