/* Devices, /proc and prctl as a program finds them; every line must be the same under the real kernel. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char text[4096];
#define SAY(...) write(1, text, snprintf(text, sizeof text, __VA_ARGS__))
static long result(long value) { return value < 0 ? -errno : value; }
#define R(call) result(call)

static void devices(void) {
  static const char *names[] = {"null", "zero", "full", "random", "urandom", "fd", "stdin", "stdout", "stderr", "shm", "pts", "nothing"};
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
    char path[64], buffer[64] = "x";
    struct stat st;
    snprintf(path, sizeof path, "/dev/%s", names[i]);
    if (lstat(path, &st) < 0) {
      SAY("%s: %d\n", path, -errno);
      continue;
    }
    SAY("%s: mode %o device %lx\n", path, (int)st.st_mode, S_ISCHR(st.st_mode) ? (long)st.st_rdev : 0);
    if (i > 4) continue;
    int fd = open(path, O_RDWR), reader = open(path, O_RDONLY), writer = open(path, O_WRONLY);
    struct pollfd p = {fd, POLLIN | POLLOUT, 0};
    SAY("read %ld byte %d empty %ld", R(read(fd, buffer, 32)), i == 1 || i == 2 ? buffer[0] : 0, R(read(fd, buffer, 0)));
    SAY(" write %ld from nowhere %ld empty %ld pread %ld pwrite %ld", R(write(fd, buffer, 10)), R(write(fd, (void *)8, 10)), R(write(fd, buffer, 0)), R(pread(fd, buffer, 5, 100)), R(pwrite(fd, buffer, 5, 100)));
    SAY(" seek %ld %ld poll %d %x", R(lseek(fd, 100, SEEK_SET)), R(lseek(fd, 0, SEEK_END)), poll(&p, 1, 0), p.revents);
    SAY(" reader %ld writer %ld truncate %ld sync %ld tty %ld\n", R(write(reader, buffer, 1)), R(read(writer, buffer, 1)), R(ftruncate(fd, 0)), R(fsync(fd)), R(ioctl(fd, 0x5401, buffer)));
    char *at = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 4096);
    if (at == MAP_FAILED) SAY("map %d", -errno);
    else {
      at[5000] = 7;
      SAY("map %d %d", at[0], at[5000]);
    }
    at = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    SAY(" shared %d truncated open %ld\n", at == MAP_FAILED ? -errno : at[9], R(open(path, O_WRONLY | O_TRUNC | O_CREAT, 0600)) > 0);
    close(fd), close(reader), close(writer);
  }
}

static void contents(const char *path, int shown) {
  char buffer[4096];
  int fd = open(path, O_RDONLY);
  if (fd < 0) {
    SAY("%s: %d\n", path, -errno);
    return;
  }
  long n = R(read(fd, buffer, sizeof buffer - 1));
  buffer[n > 0 ? n : 0] = 0;
  close(fd);
  if (shown) SAY("%s: %s|\n", path, buffer);
  else SAY("%s: %s\n", path, n > 0 ? "something" : "nothing");
}
static void put(const char *path, const char *value) {
  int fd = open(path, O_WRONLY);
  long n = fd < 0 ? -errno : R(write(fd, value, strlen(value)));
  SAY("%s < %s: %ld\n", path, value, n);
  close(fd);
}

static void proc(void) {
  static const char *shown[] = {"/proc/self/comm", "/proc/self/oom_score_adj", "/proc/self/oom_adj", "/proc/self/coredump_filter", "/proc/self/uid_map", "/proc/self/gid_map", "/proc/self/projid_map", "/proc/self/setgroups",
                                "/proc/self/wchan", "/proc/self/timerslack_ns", "/proc/self/task/nothing", "/proc/self/nothing", "/proc/nothing", "/proc/sys/nothing", "/proc/sys/kernel/ostype",
                                "/proc/sys/kernel/cap_last_cap", "/proc/sys/kernel/ngroups_max", "/proc/sys/fs/pipe-max-size", "/proc/sys/fs/nr_open", "/proc/sys/vm/overcommit_memory"};
  static const char *there[] = {"stat", "statm", "status", "cmdline", "auxv", "maps", "smaps", "smaps_rollup", "limits", "io", "mounts", "mountinfo", "cgroup", "oom_score", "schedstat", "sessionid", "loginuid"};
  static const char *system[] = {"stat", "meminfo", "loadavg", "uptime", "version", "cpuinfo", "filesystems", "vmstat", "devices", "partitions", "swaps", "mounts", "cmdline", "tty/drivers", "sys/fs/file-nr", "sys/kernel/random/uuid"};
  char path[128];
  for (unsigned i = 0; i < sizeof shown / sizeof *shown; i++) contents(shown[i], 1);
  for (unsigned i = 0; i < sizeof there / sizeof *there; i++) {
    snprintf(path, sizeof path, "/proc/self/%s", there[i]);
    contents(path, 0);
    snprintf(path, sizeof path, "/proc/thread-self/%s", there[i]);
    contents(path, 0);
  }
  for (unsigned i = 0; i < sizeof system / sizeof *system; i++) {
    snprintf(path, sizeof path, "/proc/%s", system[i]);
    contents(path, 0);
  }
  put("/proc/self/oom_score_adj", "500");
  contents("/proc/self/oom_score_adj", 1);
  contents("/proc/self/oom_adj", 1);
  put("/proc/self/oom_score_adj", "1001");
  put("/proc/self/oom_score_adj", "x");
  put("/proc/self/oom_score_adj", " 0x10\n");
  contents("/proc/self/oom_score_adj", 1);
  put("/proc/self/oom_adj", "3");
  contents("/proc/self/oom_score_adj", 1);
  contents("/proc/self/oom_adj", 1);
  put("/proc/self/oom_adj", "15");
  contents("/proc/self/oom_score_adj", 1);
  put("/proc/self/coredump_filter", "0x7f");
  contents("/proc/self/coredump_filter", 1);
  put("/proc/self/comm", "a name that is too long\n");
  contents("/proc/self/comm", 1);
  /* memory */
  static char word[16] = "before";
  int fd = open("/proc/self/mem", O_RDWR);
  char copy[16] = "";
  SAY("mem read %ld %s", R(pread(fd, copy, 7, (long)word)), copy);
  SAY(" write %ld %s nothing there %ld read-only", R(pwrite(fd, "after", 6, (long)word)), word, R(pread(fd, copy, 4, 16)));
  void *page = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SAY(" %ld %s\n", R(pwrite(fd, "forced", 7, (long)page)), (char *)page);
}

static void options(void) {
  char name[20] = "";
  int value = 9;
  SAY("name %ld", R(prctl(PR_SET_NAME, "0123456789abcdefgh")));
  SAY(" %ld %s fault %ld %ld\n", R(prctl(PR_GET_NAME, name)), name, R(prctl(PR_SET_NAME, 8)), R(prctl(PR_GET_NAME, 8)));
  SAY("death %ld", R(prctl(PR_GET_PDEATHSIG, &value)));
  SAY(" %d set %ld bad %ld", value, R(prctl(PR_SET_PDEATHSIG, SIGTERM)), R(prctl(PR_SET_PDEATHSIG, 65)));
  prctl(PR_GET_PDEATHSIG, &value);
  SAY(" %d fault %ld\n", value, R(prctl(PR_GET_PDEATHSIG, 8)));
  SAY("reaper %ld", R(prctl(PR_GET_CHILD_SUBREAPER, &value)));
  SAY(" %d %ld", value, R(prctl(PR_SET_CHILD_SUBREAPER, 5)));
  prctl(PR_GET_CHILD_SUBREAPER, &value);
  SAY(" %d\n", value);
  SAY("dumpable %ld %ld %ld", R(prctl(PR_GET_DUMPABLE)), R(prctl(PR_SET_DUMPABLE, 2)), R(prctl(PR_SET_DUMPABLE, 0)));
  SAY(" %ld %ld\n", R(prctl(PR_GET_DUMPABLE)), R(prctl(PR_SET_DUMPABLE, 1)));
  SAY("slack %ld %ld", R(prctl(PR_GET_TIMERSLACK)), R(prctl(PR_SET_TIMERSLACK, 1234)));
  SAY(" %ld %ld", R(prctl(PR_GET_TIMERSLACK)), R(prctl(PR_SET_TIMERSLACK, 0)));
  SAY(" %ld\n", R(prctl(PR_GET_TIMERSLACK)));
  SAY("keep %ld %ld %ld", R(prctl(PR_GET_KEEPCAPS)), R(prctl(PR_SET_KEEPCAPS, 2)), R(prctl(PR_SET_KEEPCAPS, 1)));
  SAY(" %ld %ld\n", R(prctl(PR_GET_KEEPCAPS)), R(prctl(PR_SET_KEEPCAPS, 0)));
  SAY("huge %ld %ld", R(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0)), R(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0)));
  SAY(" %ld extra %ld %ld\n", R(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0)), R(prctl(PR_GET_THP_DISABLE, 1, 0, 0, 0)), R(prctl(PR_SET_THP_DISABLE, 0, 0, 1, 0)));
  SAY("privileges %ld %ld %ld", R(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)), R(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0)), R(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)));
  SAY(" %ld extra %ld\n", R(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)), R(prctl(PR_GET_NO_NEW_PRIVS, 0, 1, 0, 0)));
  SAY("bounds %ld %ld %ld", R(prctl(PR_CAPBSET_READ, 0)), R(prctl(PR_CAPBSET_READ, 40)), R(prctl(PR_CAPBSET_READ, 41)));
  SAY(" ambient %ld %ld %ld %ld\n", R(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 5, 0, 0)), R(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)), R(prctl(PR_CAP_AMBIENT, 9, 0, 0, 0)), R(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 99, 0, 0)));
  SAY("timing %ld %ld secure %ld tsc %ld", R(prctl(PR_GET_TIMING)), R(prctl(PR_SET_TIMING, 1)), R(prctl(PR_GET_SECUREBITS)), R(prctl(PR_GET_TSC, &value)));
  SAY(" %d unknown %ld %ld\n", value, R(prctl(9999)), R(prctl(-1)));
  SAY("seccomp %ld filter %ld", R(prctl(PR_GET_SECCOMP)), R(prctl(PR_SET_SECCOMP, 9)));
  SAY(" call %ld\n", R(syscall(SYS_seccomp, 99, 0, 0)));
}

int main(void) {
  devices();
  proc();
  options();
  return 0;
}
