/* Signals as a program sees them; every line must be the same under the real kernel. */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static char text[512];
#define SAY(...) write(1, text, snprintf(text, sizeof text, __VA_ARGS__))

static sigjmp_buf again;
static volatile int count;
static char *page;

static void fault(int signal, siginfo_t *info, void *context) {
  greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
  unsigned long address = (unsigned long)info->si_addr;
  if (address - (unsigned long)page < 65536) address -= (unsigned long)page;
  if (address == regs[REG_RIP]) address = 0x1111;
  SAY("signal %d code %d addr %lx trap %d err %lx cr2 %d csgsfs %llx\n", signal, info->si_code, address, (int)regs[REG_TRAPNO], (long)regs[REG_ERR],
      regs[REG_CR2] != 0, regs[REG_CSGSFS] & 0xffff0000ffffull);
  siglongjmp(again, 1);
}

static void repair(int signal, siginfo_t *info, void *context) {
  (void)signal;
  count++;
  mprotect((void *)((unsigned long)info->si_addr & ~4095ul), 4096, PROT_READ | PROT_WRITE);
}

static void change(int signal, siginfo_t *info, void *context) {
  ucontext_t *uc = context;
  (void)signal, (void)info;
  uc->uc_mcontext.gregs[REG_RBX] = 0x1234567890abcdef;
  uc->uc_mcontext.gregs[REG_EFL] |= 1;
  uc->uc_mcontext.gregs[REG_RIP] += 2;
  uc->uc_mcontext.fpregs->_xmm[7].element[0] = 0xfeedface;
  uc->uc_mcontext.fpregs->mxcsr |= 0x8000;
}

static void note(int signal, siginfo_t *info, void *context) {
  stack_t stack;
  sigset_t now;
  (void)context;
  sigaltstack(0, &stack);
  sigprocmask(SIG_SETMASK, 0, &now);
  count++;
  SAY("note %d code %d self %d value %d onstack %d blocked %d\n", signal, info->si_code, info->si_pid == getpid(), info->si_code == SI_QUEUE ? info->si_value.sival_int : 0,
      stack.ss_flags, sigismember(&now, signal));
}

static void install(int signal, void (*handler)(int, siginfo_t *, void *), int flags) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
  sigaction(signal, &action, 0);
}

#define FAULT(statement) if (!sigsetjmp(again, 1)) { statement; SAY("no fault\n"); }

int main(void) {
  volatile int zero = 0;
  page = mmap(0, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(page + 4096, 4096, PROT_READ);
  mprotect(page + 8192, 4096, PROT_NONE);
  munmap(page + 12288, 4096);
  for (int signal = 1; signal < 32; signal++) if (signal == SIGSEGV || signal == SIGFPE || signal == SIGILL || signal == SIGTRAP || signal == SIGBUS) install(signal, fault, 0);
  FAULT(*(volatile char *)0x10 = 1);
  FAULT((void)*(volatile char *)(page + 12290));
  FAULT(page[4097] = 1);
  FAULT((void)*(volatile char *)(page + 8193));
  FAULT((void)*(volatile char *)0xffff800000000000);
  FAULT((void)*(volatile char *)0x8000000000000000);
  FAULT(((void (*)(void))page)());
  FAULT(((void (*)(void))(page + 12288))());
  FAULT(zero = 1 / zero);
  FAULT(__asm__ volatile("ud2"));
  FAULT(__asm__ volatile("int3"));
  FAULT(__asm__ volatile("hlt"));
  FAULT(__asm__ volatile("int $0x3f"));
  unsigned unmasked = 0x1f80 & ~0x200, normal = 0x1f80;
  FAULT(__asm__ volatile("ldmxcsr %0" : : "m"(unmasked)); volatile double d = zero; d = 1.0 / d);
  __asm__ volatile("ldmxcsr %0" : : "m"(normal));
  FAULT(unsigned short cw = 0x37b; volatile long double d = zero; __asm__ volatile("fldcw %0" : : "m"(cw)); d = 1.0L / d; __asm__ volatile("fwait"));
  __asm__ volatile("fninit");
  FAULT(unsigned mxcsr = 0x1f80 & ~0x80; __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr)); volatile double d = -1; __asm__ volatile("sqrtsd %0, %%xmm0" : : "m"(d) : "xmm0"));
  __asm__ volatile("ldmxcsr %0" : : "m"(normal));

  install(SIGSEGV, repair, 0);
  page[4096] = 7;
  page[8192] = 8;
  SAY("repaired %d: %d %d\n", count, page[4096], page[8192]);

  unsigned long rbx = 0, flags = 0;
  unsigned xmm = 0, mxcsr = 0;
  install(SIGILL, change, 0);
  __asm__ volatile("pxor %%xmm7, %%xmm7\n\txor %%ebx, %%ebx\n\tud2\n\tpushfq\n\tpop %1\n\tmov %%rbx, %0\n\tmovd %%xmm7, %2\n\tstmxcsr %3" : "=r"(rbx), "=r"(flags), "=r"(xmm), "=m"(mxcsr) : : "rbx", "xmm7", "memory");
  SAY("changed %lx carry %lu xmm %x mxcsr %x\n", rbx, flags & 1, xmm, mxcsr & 0xffc0);

  static char stack[65536];
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternate, 0);
  count = 0;
  install(SIGUSR1, note, SA_ONSTACK);
  install(SIGUSR2, note, SA_NODEFER);
  install(SIGALRM, note, SA_RESTART);
  install(SIGRTMIN, note, 0);
  raise(SIGUSR1);
  kill(getpid(), SIGUSR2);
  union sigval value = {.sival_int = 42};
  sigset_t all, old, some;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &old);
  for (int i = 0; i < 3; i++) value.sival_int = i, sigqueue(getpid(), SIGRTMIN, value);
  raise(SIGUSR2);
  raise(SIGUSR2);
  sigpending(&some);
  SAY("pending %d %d %d\n", sigismember(&some, SIGRTMIN), sigismember(&some, SIGUSR2), sigismember(&some, SIGUSR1));
  sigprocmask(SIG_SETMASK, &old, 0);
  SAY("count %d\n", count);

  struct itimerval timer = {.it_value = {0, 20000}};
  setitimer(ITIMER_REAL, &timer, 0);
  int result = pause();
  SAY("pause %d errno %d\n", result, errno);
  timer.it_value.tv_usec = 20000;
  setitimer(ITIMER_REAL, &timer, 0);
  struct timespec request = {0, 50000000}, rest = {0, 0};
  result = nanosleep(&request, &rest);
  SAY("nanosleep %d errno %d rest %d\n", result, errno, rest.tv_nsec > 0 && rest.tv_nsec < 50000000);
  sigemptyset(&some);
  sigaddset(&some, SIGUSR1);
  sigprocmask(SIG_BLOCK, &some, &old);
  raise(SIGUSR1);
  result = sigsuspend(&old);
  SAY("sigsuspend %d errno %d\n", result, errno);
  raise(SIGUSR1);
  siginfo_t info;
  result = sigwaitinfo(&some, &info);
  SAY("sigwaitinfo %d code %d\n", result, info.si_code);
  signal(SIGTERM, SIG_DFL);
  raise(SIGTERM);
  return 0;
}
