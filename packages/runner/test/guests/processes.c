// Processes: fork, vfork, exec, wait, groups, orphans, shared memory. Prints the same natively and under us.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <unistd.h>

static char self[4096];
/* arguments are evaluated in no order, so calls come first */
static long answer;

static void say(const char *text, long a, long b) {
  printf("%s: %ld %ld\n", text, a, b);
  fflush(stdout);
}

static int status_of(pid_t pid, int options) {
  int status = -1;
  pid_t got = waitpid(pid, &status, options);
  return got == pid ? status : got < 0 ? -errno : -1000;
}

static void ends(void) {
  pid_t pid = fork();
  if (pid == 0) _exit(300);
  say("exit code", status_of(pid, 0), 0);
  pid = fork();
  if (pid == 0) raise(SIGKILL);
  say("killed", status_of(pid, 0), 0);
  pid = fork();
  if (pid == 0) {
    signal(SIGSEGV, SIG_DFL);
    *(volatile int *)8 = 1;
  }
  say("fault", status_of(pid, 0) & 0x7f, 0);
  say("nobody", status_of(-1, 0), 0);
  answer = status_of(getpid(), 0);
  say("no such child", answer, errno);
  pid = fork();
  if (pid == 0) _exit(5);
  siginfo_t info;
  memset(&info, 0, sizeof info);
  long result = waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
  say("looked at", result, info.si_status);
  say("code and signal", info.si_code, info.si_signo);
  say("its pid", info.si_pid == pid, info.si_uid == getuid());
  say("still there", status_of(pid, 0), 0);
  answer = waitid(P_PID, pid, &info, WEXITED);
  say("gone", answer, errno);
  answer = waitid(P_ALL, 0, &info, 0);
  say("bad options", answer, errno);
  answer = waitid(9, 1, &info, WEXITED);
  say("bad kind", answer, errno);
}

static volatile int caught, code, status;
static void on_child(int signal, siginfo_t *info, void *context) {
  caught++;
  code = info->si_code;
  status = info->si_status;
}

static void notices(void) {
  struct sigaction action = {.sa_sigaction = on_child, .sa_flags = SA_SIGINFO};
  sigaction(SIGCHLD, &action, NULL);
  int result;
  pid_t pid = fork();
  if (pid == 0) for (;;) pause();
  kill(pid, SIGSTOP);
  result = status_of(pid, WUNTRACED);
  say("stopped", result, caught);
  say("said", code, status);
  say("once only", waitpid(pid, NULL, WNOHANG | WUNTRACED), 0);
  kill(pid, SIGCONT);
  result = status_of(pid, WCONTINUED);
  while (caught < 2) usleep(1000);
  say("continued", result, caught);
  say("said", code, status);
  kill(pid, SIGTERM);
  result = status_of(pid, 0);
  say("terminated", result, caught);
  say("said", code, status);
  action.sa_flags |= SA_NOCLDSTOP;
  sigaction(SIGCHLD, &action, NULL);
  caught = 0;
  pid = fork();
  if (pid == 0) raise(SIGSTOP), _exit(0);
  result = status_of(pid, WUNTRACED);
  say("stopped unsaid", result, caught);
  kill(pid, SIGCONT);
  result = status_of(pid, 0);
  say("ended", result, caught);
  signal(SIGCHLD, SIG_IGN);
  pid = fork();
  if (pid == 0) _exit(1);
  say("ignored children leave nothing", status_of(pid, 0), 0);
  signal(SIGCHLD, SIG_DFL);
}

static int global = 1;
static void memory(void) {
  int *private = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int *shared = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int *wiped = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int *gone = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  madvise(wiped, 4096, MADV_WIPEONFORK);
  madvise(gone, 4096, MADV_DONTFORK);
  private[0] = shared[0] = wiped[0] = gone[0] = 10;
  pid_t pid = fork();
  if (pid == 0) {
    int ok = private[0] == 10 && shared[0] == 10 && wiped[0] == 0 && private[1024] == 0 && shared[1024] == 0;
    private[0] = shared[0] = global = 20;
    shared[1024] = ok;
    private[1024] = 5;
    pid_t inner = fork();
    if (inner == 0) {
      shared[1] = private[0] + global;
      private[0] = 30;
      _exit(0);
    }
    waitpid(inner, NULL, 0);
    shared[2] = private[0];
    _exit(*(volatile int *)gone);
  }
  say("child touched what it has not", status_of(pid, 0) & 0x7f, 0);
  say("private", private[0], global);
  say("shared", shared[0], shared[1024]);
  say("grandchild", shared[1], shared[2]);
  munmap(shared, 8192);
}

static void family(void) {
  int pipes[2];
  if (pipe(pipes) != 0) exit(9);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  pid_t pid = fork();
  if (pid == 0) {
    pid_t parent = getpid(), inner = fork();
    if (inner == 0) {
      while (getppid() == parent) usleep(1000);
      pid_t new_parent = getppid();
      if (write(pipes[1], &new_parent, sizeof new_parent) < 0) _exit(1);
      _exit(7);
    }
    _exit(0);
  }
  say("middle", status_of(pid, 0), 0);
  pid_t adopted = 0;
  long got = read(pipes[0], &adopted, sizeof adopted);
  say("adopted by us", got, adopted == getpid());
  int word = 0;
  pid_t orphan = waitpid(-1, &word, 0);
  say("orphan", orphan > 0, word);
  prctl(PR_SET_CHILD_SUBREAPER, 0);
  pid = fork();
  if (pid == 0) {
    setpgid(0, 0);
    pid_t inner = fork();
    if (inner == 0) for (;;) pause();
    say("group of both", getpgid(inner) == getpid(), getsid(0) == getsid(getppid()));
    signal(SIGTERM, SIG_IGN);
    kill(0, SIGTERM);
    say("inner", status_of(inner, 0), 0);
    answer = kill(-99999, 0);
  say("kill of no group", answer, errno);
    _exit(0);
  }
  say("group leader", status_of(pid, 0), 0);
  pid = fork();
  if (pid == 0) {
    say("new session", setsid() == getpid(), getpgrp() == getpid());
    answer = setsid();
  say("twice", answer, errno);
    answer = setpgid(0, getppid());
  say("leader moves", answer, errno);
    _exit(0);
  }
  say("session leader", status_of(pid, 0), 0);
  answer = setpgid(1, 0);
  say("set group of a stranger", answer, errno);
  close(pipes[0]);
  close(pipes[1]);
}

static void programs(void) {
  int flags_of[2] = {open("/dev/null", O_RDONLY), open("/dev/null", O_RDONLY | O_CLOEXEC)};
  char first[16], second[16];
  sprintf(first, "%d", flags_of[0]);
  sprintf(second, "%d", flags_of[1]);
  fflush(stdout);
  pid_t pid = vfork();
  if (pid == 0) {
    execl(self, "renamed", "descriptors", first, second, (char *)NULL);
    _exit(99);
  }
  say("vfork and exec", status_of(pid, 0), 0);
  int local = 1;
  pid = vfork();
  if (pid == 0) {
    *(volatile int *)&local = 2;
    _exit(3);
  }
  answer = status_of(pid, 0);
  say("vfork shares", answer, local);
  pid = fork();
  if (pid == 0) {
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, on_child ? (void (*)(int))on_child : SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    execl(self, "x", "signals", (char *)NULL);
    _exit(99);
  }
  say("exec keeps signals", status_of(pid, 0), 0);
  answer = execl("/nonexistent", "x", (char *)NULL);
  say("no program", answer, errno);
  answer = execl("/tmp", "x", (char *)NULL);
  say("a directory", answer, errno);
  pid = fork();
  if (pid == 0) {
    char *huge = malloc(200000);
    memset(huge, 'x', 199999);
    huge[199999] = 0;
    execl(self, huge, (char *)NULL);
    _exit(errno);
  }
  say("too long", status_of(pid, 0), 0);
  FILE *pipe = popen("tr a-z A-Z; exit 4", "w");
  fputs("through a pipe\n", pipe);
  say("pclose", pclose(pipe), 0);
  say("system", system("exit 6"), 0);
}

/** A thread with nothing but system calls: it has no memory of its own for errno. */
static int change_files(void *unused) {
  (void)unused;
  syscall(SYS_chdir, "/usr");
  syscall(SYS_umask, 0123);
  syscall(SYS_dup2, 1, 40);
  syscall(SYS_close, 41);
  syscall(SYS_exit, 0);
  return 0;
}
/** Threads that share descriptors, or directories, or neither; their creator sleeps until they end (CLONE_VFORK). */
static void own_files(void) {
  static char stack[16384] __attribute__((aligned(16)));
  const int shared[] = {0, CLONE_FILES, CLONE_FS, CLONE_FILES | CLONE_FS};
  char directory[100];
  for (int i = 0; i < 4; i++) {
    chdir("/");
    umask(022);
    dup2(1, 41);
    long tid = clone(change_files, stack + sizeof stack, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_VFORK | shared[i], NULL);
    getcwd(directory, sizeof directory);
    say(directory, tid > 0, umask(022));
    say("its descriptors", fcntl(40, F_GETFD), fcntl(41, F_GETFD));
    close(40);
    close(41);
  }
  chdir("/");
}

static int thread_like(void *argument) {
  *(int *)argument += 1;
  int fd = open("/dev/null", O_RDONLY);
  return fd;
}

static void clones(void) {
  static char stack[65536] __attribute__((aligned(16)));
  int value = 1, word = 0;
  pid_t pid = clone(thread_like, stack + sizeof stack, CLONE_VM | CLONE_FILES | SIGCHLD, &value);
  int word2 = status_of(pid, 0);
  say("clone shares memory", value, fcntl(word2 >> 8, F_GETFD));
  close(word2 >> 8);
  pid = clone(thread_like, stack + sizeof stack, CLONE_FS, &value);
  say("not for plain wait", status_of(pid, 0), 0);
  answer = waitpid(pid, &word, __WALL) == pid;
  say("clone without signal", answer, value);
  for (int signal = 65; signal < 256; signal += 95) {
    pid = syscall(SYS_clone, signal, 0, 0, 0, 0);
    if (pid == 0) _exit(signal & 63);
    answer = waitpid(pid, &word2, __WCLONE);
    say("clone with a signal that there is not", answer == pid, word2);
  }
  own_files();
  int pidfd = -1;
  pid = syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, 0, &pidfd, 0, 0);
  if (pid == 0) {
    usleep(1000);
    _exit(8);
  }
  struct pollfd poll_fd = {.fd = pidfd, .events = POLLIN};
  answer = poll(&poll_fd, 1, -1);
  say("pidfd polled", answer, poll_fd.revents);
  siginfo_t info;
  answer = waitid(P_PIDFD, pidfd, &info, WEXITED);
  say("pidfd waited for", answer, info.si_status);
  answer = syscall(SYS_pidfd_send_signal, pidfd, 0, 0, 0);
  say("pidfd of nobody", answer, errno);
  close(pidfd);
  pidfd = syscall(SYS_pidfd_open, getpid(), 0);
  say("pidfd_open", pidfd >= 0, fcntl(pidfd, F_GETFD));
  answer = syscall(SYS_pidfd_open, 4000000, 0);
  say("pidfd_open of nobody", answer, errno);
  pid = fork();
  if (pid == 0) for (;;) pause();
  char path[32];
  snprintf(path, sizeof path, "/proc/%d", pid);
  int directory = open(path, O_RDONLY | O_DIRECTORY);
  answer = syscall(SYS_pidfd_send_signal, directory, SIGTERM, 0, 0);
  say("signal by a directory of /proc", answer, status_of(pid, 0));
  answer = syscall(SYS_pidfd_send_signal, directory, 0, 0, 0);
  say("signal by the directory of nobody", answer, errno);
  close(directory);
  directory = open("/proc", O_RDONLY | O_DIRECTORY);
  answer = syscall(SYS_pidfd_send_signal, directory, 0, 0, 0);
  say("signal by another directory", answer, errno);
  close(directory);
  pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGUSR1);
    int signal = 0;
    prctl(PR_GET_PDEATHSIG, &signal);
    _exit(signal);
  }
  say("death signal", status_of(pid, 0), 0);
}

static void usage(void) {
  pid_t pid = fork();
  if (pid == 0) {
    for (volatile int i = 0; i < 30000000; i++) continue;
    _exit(0);
  }
  struct rusage of_child, of_children;
  int word;
  pid_t got = wait4(pid, &word, 0, &of_child);
  say("wait4", got == pid, word);
  getrusage(RUSAGE_CHILDREN, &of_children);
  long one = of_child.ru_utime.tv_sec * 1000000 + of_child.ru_utime.tv_usec;
  long all = of_children.ru_utime.tv_sec * 1000000 + of_children.ru_utime.tv_usec;
  say("time of children", one > 0, all >= one);
  say("resident set of one", of_child.ru_maxrss > 0, of_children.ru_maxrss >= of_child.ru_maxrss);
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "descriptors") == 0) {
    say("name", strcmp(argv[0], "renamed"), argc);
    say("kept and closed", fcntl(atoi(argv[2]), F_GETFD), fcntl(atoi(argv[3]), F_GETFD));
    return 40;
  }
  if (argc > 1 && strcmp(argv[1], "signals") == 0) {
    struct sigaction one, two;
    sigaction(SIGUSR1, NULL, &one);
    sigaction(SIGUSR2, NULL, &two);
    say("ignored and default", one.sa_handler == SIG_IGN, two.sa_handler == SIG_DFL);
    sigset_t set;
    sigprocmask(SIG_BLOCK, NULL, &set);
    say("blocked", sigismember(&set, SIGHUP), sigismember(&set, SIGTERM));
    return 41;
  }
  realpath(argv[0], self);
  ends();
  notices();
  memory();
  family();
  programs();
  clones();
  usage();
  return 0;
}
