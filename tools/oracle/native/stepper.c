/*
 * Runs one program under PTRACE_SINGLESTEP and says how many instructions it executed.
 *
 *   stepper [-w] [-u] [-0 ARGV0] [-C DIR] [-E K=V]... [-m MAX] [-t TRACE] -r REPORT PROG [ARGS]
 *
 * The conventions, the marks and the JSON report are described in ../README.md.
 * Facts used: ptrace(2), signal(7); arch/x86/kernel/{step,signal,ptrace}.c; SDM vol. 3B 17.3.1.4 (single step).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRAP_FLAG 0x100ULL
#define UC_EFLAGS 176 /* of struct ucontext, arch/x86/include/uapi/asm/{ucontext,sigcontext}.h */
#define MAX_TASKS 1024

typedef uint64_t u64;

enum kind { OTHER, REP, SYSCALL, PUSHF, POPF, MOV_SS, INT3 };

struct counts { u64 rep_iteration, retired, bytes_read, bytes_written; };

struct task {
  pid_t pid;
  int mem;              /* /proc/PID/mem */
  enum kind kind;       /* of the instruction about to execute */
  int operand16;        /* that instruction has a 66 prefix */
  u64 rip, nr, fd;      /* before it */
  int guest_tf;         /* the guest itself has set TF. Tracked here: after popf the kernel forgets whose TF it is */
  int next_tf;          /* what rt_sigreturn makes of it */
  int delivered;        /* a signal was passed on with the last resume */
  int fresh;            /* its first SIGSTOP is ptrace's, not the guest's */
  int stepped;          /* resumed by PTRACE_SINGLESTEP (not PTRACE_SYSCALL) */
};

static struct task tasks[MAX_TASKS];
static int ntasks;

static struct counts total, window;
static int active;               /* between a start and a stop mark */
static int windows_only;
static u64 stray_stops, faults, signals, execs, threads, max_stops;
static FILE *trace;
static struct { struct counts counts; int thread; } *done;
static size_t ndone, capdone;

static void die(const char *what) {
  fprintf(stderr, "stepper: %s: %s\n", what, strerror(errno));
  exit(125);
}

static struct task *task_of(pid_t pid) {
  for (int i = 0; i < ntasks; i++) if (tasks[i].pid == pid) return &tasks[i];
  if (ntasks == MAX_TASKS) { errno = EAGAIN; die("too many threads"); }
  struct task *t = &tasks[ntasks++];
  memset(t, 0, sizeof *t);
  t->pid = pid;
  t->mem = -1;
  return t;
}

static void open_mem(struct task *t) {
  char path[64];
  if (t->mem >= 0) close(t->mem);
  snprintf(path, sizeof path, "/proc/%d/mem", t->pid);
  t->mem = open(path, O_RDWR | O_CLOEXEC);
}

static void drop(struct task *t) {
  if (t->mem >= 0) close(t->mem);
  *t = tasks[--ntasks];
}

/* What the bytes at rip are, as far as counting cares. Prefixes may come in any order; REX must be last. */
static void classify(struct task *t, const uint8_t *b, ssize_t n) {
  int rep = 0, rex = 0;
  ssize_t i = 0;
  t->kind = OTHER;
  t->operand16 = 0;
  for (; i < n; i++) {
    uint8_t c = b[i];
    if (c == 0xf2 || c == 0xf3) rep = 1;
    else if (c == 0x66) t->operand16 = 1;
    else if (!(c == 0x67 || c == 0xf0 || c == 0x2e || c == 0x36 || c == 0x3e || c == 0x26 || c == 0x64 || c == 0x65)) break;
  }
  if (i < n && (b[i] & 0xf0) == 0x40) rex = b[i++];
  if (rex & 8) t->operand16 = 0;
  if (i >= n) return;
  uint8_t op = b[i];
  if (rep && ((op >= 0x6c && op <= 0x6f) || (op >= 0xa4 && op <= 0xa7) || (op >= 0xaa && op <= 0xaf))) t->kind = REP;
  else if (op == 0x0f && i + 1 < n && b[i + 1] == 0x05) t->kind = SYSCALL;
  else if (op == 0xcd && i + 1 < n && b[i + 1] == 0x80) t->kind = SYSCALL;
  else if (op == 0x9c) t->kind = PUSHF;
  else if (op == 0x9d || op == 0xcf) t->kind = POPF;
  else if (op == 0xcc) t->kind = INT3;
  else if (op == 0x8e && i + 1 < n && ((b[i + 1] >> 3) & 7) == 2) t->kind = MOV_SS;
}

static int mark(const struct task *t) {
  if (t->kind != SYSCALL || (uint32_t)t->nr != 0) return -1;
  uint32_t fd = (uint32_t)t->fd;
  if (fd - 0xcafebabeU < 4) return (int)(fd - 0xcafebabeU);
  if (fd - 0x0afebabeU < 4) return (int)(fd - 0x0afebabeU);
  return -1;
}

static void count(u64 iterations, u64 retired) {
  total.rep_iteration += iterations;
  total.retired += retired;
  if (active) {
    window.rep_iteration += iterations;
    window.retired += retired;
  }
}

static void start_mark(void) {
  memset(&window, 0, sizeof window);
  active = 1;
}

static void stop_mark(pid_t pid) {
  if (!active) { stray_stops++; return; }
  if (ndone == capdone) {
    capdone = capdone ? capdone * 2 : 16;
    done = realloc(done, capdone * sizeof *done);
    if (!done) die("realloc");
  }
  done[ndone].counts = window;
  done[ndone++].thread = pid;
  active = 0;
}

static void count_bytes(u64 nr, int64_t ret) {
  if (!active || ret <= 0) return;
  switch ((uint32_t)nr) {
    case 0: case 17: case 19: case 295: window.bytes_read += ret; break;
    case 1: case 18: case 20: case 296: window.bytes_written += ret; break;
  }
}

/* Lets the task run: one step, or (outside windows) freely to the next system call. */
static void resume(struct task *t, int sig) {
  t->delivered = sig != 0;
  if (windows_only && !active) {
    t->stepped = 0;
    if (ptrace(PTRACE_SYSCALL, t->pid, 0, sig) < 0 && errno != ESRCH) die("PTRACE_SYSCALL");
    return;
  }
  struct user_regs_struct r;
  uint8_t bytes[16];
  if (ptrace(PTRACE_GETREGS, t->pid, 0, &r) < 0) { if (errno == ESRCH) return; die("PTRACE_GETREGS"); }
  ssize_t n = pread(t->mem, bytes, 16, (off_t)r.rip);
  if (n < 0) n = pread(t->mem, bytes, 4096 - (r.rip & 4095) < 16 ? 4096 - (r.rip & 4095) : 16, (off_t)r.rip);
  classify(t, bytes, n);
  t->rip = r.rip;
  t->nr = r.rax;
  t->fd = r.rdi;
  t->next_tf = t->guest_tf;
  u64 saved;
  if (t->kind == SYSCALL && (uint32_t)r.rax == 15 && pread(t->mem, &saved, 8, (off_t)(r.rsp + UC_EFLAGS)) == 8) t->next_tf = (saved & TRAP_FLAG) != 0;
  t->stepped = 1;
  if (trace) {
    u64 row[18] = { r.rip, r.rax, r.rcx, r.rdx, r.rbx, r.rsp, r.rbp, r.rsi, r.rdi, r.r8, r.r9, r.r10, r.r11, r.r12, r.r13, r.r14, r.r15, r.eflags };
    fwrite(row, sizeof row, 1, trace);
  }
  if (ptrace(PTRACE_SINGLESTEP, t->pid, 0, sig) < 0 && errno != ESRCH) die("PTRACE_SINGLESTEP");
}

static void clear_saved_tf(struct task *t, u64 address) {
  uint16_t low;
  if (pread(t->mem, &low, 2, (off_t)address) != 2) return;
  low &= (uint16_t)~TRAP_FLAG;
  if (pwrite(t->mem, &low, 2, (off_t)address) != 2) die("clear_saved_tf");
}

/* Stepping sets TF behind the guest's back; the places where the guest could see it are put right. */
static void hide_trap_flag(struct task *t, struct user_regs_struct *r) {
  if (t->kind == SYSCALL && r->rip == t->rip + 2 && r->rcx == r->rip && (r->r11 & TRAP_FLAG)) {
    r->r11 &= ~TRAP_FLAG;
    ptrace(PTRACE_SETREGS, t->pid, 0, r);
  } else if (t->kind == PUSHF) {
    clear_saved_tf(t, r->rsp);
  }
}

static void entered_handler(struct task *t) {
  struct user_regs_struct r;
  if (ptrace(PTRACE_GETREGS, t->pid, 0, &r) == 0 && !t->guest_tf) clear_saved_tf(t, r.rsp + 8 + UC_EFLAGS);
  t->guest_tf = 0;
}

/* A finished step. Returns the signal to pass on: the guest's own SIGTRAP if it had set TF itself. */
static int stepped(struct task *t) {
  struct user_regs_struct r;
  int which = mark(t), had_tf = t->guest_tf;
  if (t->kind != OTHER && ptrace(PTRACE_GETREGS, t->pid, 0, &r) < 0) return 0;
  switch (t->kind) {
    case REP: count(1, r.rip != t->rip); break;
    case MOV_SS: count(2, 2); break; /* the trap is held back for one instruction: SDM vol. 3A 6.8.3 */
    default: count(1, 1);
  }
  if (!had_tf && (t->kind == SYSCALL || t->kind == PUSHF)) hide_trap_flag(t, &r);
  t->guest_tf = t->kind == POPF ? (r.eflags & TRAP_FLAG) != 0 : t->next_tf;
  if (which == 0) start_mark();
  else if (which == 1) stop_mark(t->pid);
  else if (t->kind == SYSCALL) count_bytes(t->nr, (int64_t)r.rax);
  return had_tf && t->kind != SYSCALL ? SIGTRAP : 0;
}

/* PTRACE_SYSCALL stops outside windows: only a start mark matters. */
static void syscall_stop(struct task *t) {
  struct user_regs_struct r;
  if (ptrace(PTRACE_GETREGS, t->pid, 0, &r) < 0) return;
  t->kind = SYSCALL;
  t->nr = r.orig_rax;
  t->fd = r.rdi;
  int which = mark(t);
  if (which < 0) return;
  struct { uint8_t op; uint8_t rest[127]; } info;
  if (ptrace(PTRACE_GET_SYSCALL_INFO, t->pid, sizeof info, &info) < 0) die("PTRACE_GET_SYSCALL_INFO");
  if (info.op != 2 /* PTRACE_SYSCALL_INFO_EXIT */) return;
  if (which == 0) start_mark();
  else if (which == 1) stray_stops++;
}

/* A SIGTRAP stop: a step, the entry to a handler, or a trap of the guest's own. Returns the signal to pass on. */
static int trapped(struct task *t) {
  if (!t->stepped) return SIGTRAP; /* not ours: we asked for system calls only */
  if (t->delivered || t->kind == INT3 || t->kind == SYSCALL) {
    siginfo_t info;
    if (ptrace(PTRACE_GETSIGINFO, t->pid, 0, &info) < 0) return 0;
    if (info.si_code == SIGTRAP) { entered_handler(t); return 0; } /* ptrace_notify */
    if (info.si_code == SI_KERNEL) { count(1, 1); return SIGTRAP; } /* int3: a trap, so it has completed */
    if (info.si_code <= 0 && t->kind != SYSCALL) return SIGTRAP; /* sent by kill, tgkill, sigqueue */
    if (info.si_code < 0 || (info.si_code == SI_USER && info.si_pid != 0)) return SIGTRAP;
  }
  return stepped(t);
}

static void report(const char *path, int status, int limit) {
  FILE *f = fopen(path, "w");
  if (!f) die(path);
  fprintf(f, "{\"mode\":\"%s\",", windows_only ? "windows" : "full");
  if (windows_only) fprintf(f, "\"repIteration\":null,\"retired\":null,");
  else fprintf(f, "\"repIteration\":%llu,\"retired\":%llu,", (unsigned long long)total.rep_iteration, (unsigned long long)total.retired);
  if (limit) fprintf(f, "\"exit\":null,");
  else if (WIFSIGNALED(status)) fprintf(f, "\"exit\":{\"code\":null,\"signal\":%d},", WTERMSIG(status));
  else fprintf(f, "\"exit\":{\"code\":%d,\"signal\":null},", WEXITSTATUS(status));
  fprintf(f, "\"windows\":[");
  for (size_t i = 0; i < ndone; i++) {
    struct counts *c = &done[i].counts;
    fprintf(f, "%s{\"repIteration\":%llu,\"retired\":%llu,\"bytesRead\":%llu,\"bytesWritten\":%llu}", i ? "," : "",
            (unsigned long long)c->rep_iteration, (unsigned long long)c->retired, (unsigned long long)c->bytes_read, (unsigned long long)c->bytes_written);
  }
  fprintf(f, "],\"openWindow\":%s,\"strayStops\":%llu,\"faults\":%llu,\"signals\":%llu,\"execs\":%llu,\"threads\":%llu,\"limit\":%s}\n",
          active ? "true" : "false", (unsigned long long)stray_stops, (unsigned long long)faults, (unsigned long long)signals,
          (unsigned long long)execs, (unsigned long long)threads, limit ? "true" : "false");
  if (fclose(f)) die(path);
}

static const char *usage =
  "stepper [-w] [-u] [-0 ARGV0] [-C DIR] [-E K=V]... [-m MAX] [-t TRACE] -r REPORT PROG [ARGS]\n";

int main(int argc, char **argv) {
  const char *argv0 = NULL, *cwd = NULL, *out = NULL, *trace_path = NULL;
  char **env = calloc(argc + 1, sizeof *env);
  int nenv = 0, opt, pin = 1;
  while ((opt = getopt(argc, argv, "+wu0:C:E:m:t:r:")) != -1) switch (opt) {
    case 'w': windows_only = 1; break;
    case 'u': pin = 0; break;
    case '0': argv0 = optarg; break;
    case 'C': cwd = optarg; break;
    case 'E': env[nenv++] = optarg; break;
    case 'm': max_stops = strtoull(optarg, NULL, 0); break;
    case 't': trace_path = optarg; break;
    case 'r': out = optarg; break;
    default: fputs(usage, stderr); return 125;
  }
  if (optind >= argc || !out) { fputs(usage, stderr); return 125; }
  const char *prog = argv[optind];
  char **guest = argv + optind;
  if (trace_path && !(trace = fopen(trace_path, "we"))) die(trace_path);
  if (pin) { /* both on one core: a stop costs a third of what it costs across cores */
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    sched_setaffinity(0, sizeof one, &one);
  }

  pid_t main_pid = fork();
  if (main_pid < 0) die("fork");
  if (main_pid == 0) {
    personality(ADDR_NO_RANDOMIZE);
    if (cwd && chdir(cwd)) die(cwd);
    if (argv0) guest[0] = (char *)argv0;
    if (ptrace(PTRACE_TRACEME, 0, 0, 0)) die("PTRACE_TRACEME");
    execve(prog, guest, env);
    die(prog);
  }
  int status;
  if (waitpid(main_pid, &status, 0) != main_pid) die("waitpid");
  if (!WIFSTOPPED(status)) return WIFEXITED(status) ? WEXITSTATUS(status) : 125; /* exec failed, and said so */
  long options = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE;
  if (ptrace(PTRACE_SETOPTIONS, main_pid, 0, options)) die("PTRACE_SETOPTIONS");
  struct task *t = task_of(main_pid);
  open_mem(t);
  resume(t, 0);

  for (;;) {
    pid_t pid = waitpid(-1, &status, __WALL);
    if (pid < 0) { if (errno == EINTR) continue; die("waitpid"); }
    t = task_of(pid);
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      if (t->stepped && t->kind == SYSCALL) count(1, 1); /* exit never comes back, but it was executed */
      drop(t);
      if (pid == main_pid) { report(out, status, 0); return 0; }
      continue;
    }
    int sig = WSTOPSIG(status), event = status >> 16, pass = 0;
    if (t->mem < 0) { open_mem(t); t->fresh = 1; }
    if (event == PTRACE_EVENT_EXEC) { execs++; open_mem(t); }
    else if (event == PTRACE_EVENT_CLONE) threads++;
    if (event) {
      /* in the middle of a system call: go on with what we know about it */
      int request = t->stepped ? PTRACE_SINGLESTEP : PTRACE_SYSCALL;
      if (ptrace(request, pid, 0, 0) < 0 && errno != ESRCH) die("resume after event");
      continue;
    }
    if (sig == SIGSTOP && t->fresh) t->fresh = 0;
    else if (sig == (SIGTRAP | 0x80)) syscall_stop(t);
    else if (sig == SIGTRAP) pass = trapped(t);
    else {
      pass = sig;
      signals++;
      siginfo_t info;
      if (ptrace(PTRACE_GETSIGINFO, pid, 0, &info) == 0 && info.si_code > 0 &&
          (sig == SIGSEGV || sig == SIGBUS || sig == SIGILL || sig == SIGFPE)) faults++;
    }
    if (max_stops && total.rep_iteration >= max_stops) {
      report(out, status, 1);
      kill(main_pid, SIGKILL);
      return 0;
    }
    resume(t, pass);
  }
}
