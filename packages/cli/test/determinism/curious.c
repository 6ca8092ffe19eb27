// Asks for everything in which hosts and runs differ, and prints it.
#define _GNU_SOURCE
#include <cpuid.h>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

extern char **environ;

static const char *const PROC[] = { "maps", "stat", "status", "statm", "auxv", "cmdline", "environ", "limits", "mountinfo", "comm", "io", "smaps", "cgroup", "oom_score" };
static const char *const SYSTEM[] = { "/proc/cpuinfo", "/proc/meminfo", "/proc/uptime", "/proc/loadavg", "/proc/version", "/proc/mounts", "/proc/stat", "/proc/filesystems", "/proc/sys/kernel/pid_max",
  "/proc/sys/kernel/hostname", "/proc/sys/kernel/osrelease", "/proc/sys/kernel/random/boot_id", "/proc/sys/vm/overcommit_memory", "/sys/devices/system/cpu/online" };

static void print_file(const char *path)
{
  static char buffer[1 << 16];
  int fd = open(path, O_RDONLY);
  ssize_t n = fd < 0 ? -1 : read(fd, buffer, sizeof buffer);
  if (fd >= 0) close(fd);
  printf("%s: %zd bytes\n", path, n);
  for (ssize_t i = 0; i < n; i++) putchar(buffer[i] ? buffer[i] : '|');
}

static void print_stat(const char *name, int result, const struct stat *s)
{
  printf("%s: %d %lx %lx %o %lx %u %u %lx %ld %ld %ld %ld %ld\n", name, result, (long)s->st_dev, (long)s->st_ino, s->st_mode, (long)s->st_nlink, s->st_uid, s->st_gid, (long)s->st_rdev,
    (long)s->st_size, (long)s->st_blocks, (long)s->st_atim.tv_sec, (long)s->st_mtim.tv_sec, (long)s->st_ctim.tv_sec);
}

int main(int argc, char **argv)
{
  struct timespec t;
  for (int clock = 0; clock < 12; clock++) {
    memset(&t, 0, sizeof t);
    int r = clock_gettime(clock, &t);
    printf("clock %d: %d %ld.%09ld\n", clock, r, t.tv_sec, t.tv_nsec);
  }
  struct timeval tv;
  gettimeofday(&tv, NULL);
  printf("%ld %ld %ld %ld\n", tv.tv_sec, tv.tv_usec, time(NULL), (long)clock());
  struct tms tms;
  printf("times %ld\n", (long)times(&tms));
  unsigned aux;
  unsigned long long tsc = __rdtsc();
  printf("tsc %llx %llx\n", tsc, (unsigned long long)__rdtscp(&aux));
  usleep(1000);
  for (unsigned leaf = 0; leaf < 0x18; leaf++)
    for (unsigned sub = 0; sub < 4; sub++) {
      unsigned a, b, c, d;
      __cpuid_count(leaf, sub, a, b, c, d);
      printf("cpuid %x.%x: %08x %08x %08x %08x\n", leaf, sub, a, b, c, d);
    }
  uint64_t random[2];
  ssize_t got = getrandom(random, 16, 0);
  printf("getrandom %zd %lx\n", got, random[0]);
  printf("AT_RANDOM %lx\n", *(uint64_t *)getauxval(AT_RANDOM));
  print_file("/dev/null");
  int fd = open("/dev/urandom", O_RDONLY);
  got = read(fd, random, 16);
  printf("urandom %zd %lx\n", got, random[1]);
  close(fd);

  printf("ids %d %d %d %d %d %d %d %d %d\n", getpid(), getppid(), gettid(), getuid(), geteuid(), getgid(), getegid(), getpgrp(), getsid(0));
  gid_t groups[64];
  printf("groups %d umask %o\n", getgroups(64, groups), umask(0));
  struct utsname u;
  uname(&u);
  printf("%s %s %s %s %s %s\n", u.sysname, u.nodename, u.release, u.version, u.machine, u.domainname);
  struct sysinfo si;
  sysinfo(&si);
  printf("sysinfo %ld %lu %lu %lu %d\n", si.uptime, si.loads[0], si.totalram, si.freeram, si.procs);
  cpu_set_t cpus;
  int affinity = sched_getaffinity(0, sizeof cpus, &cpus);
  printf("cpus %d %d %ld %ld\n", affinity, CPU_COUNT(&cpus), sysconf(_SC_NPROCESSORS_ONLN), sysconf(_SC_PHYS_PAGES));
  printf("cpu %d priority %d\n", sched_getcpu(), getpriority(PRIO_PROCESS, 0));
  for (int i = 0; i < 16; i++) {
    struct rlimit limit;
    int r = getrlimit(i, &limit);
    printf("limit %d: %d %lx %lx\n", i, r, limit.rlim_cur, limit.rlim_max);
  }
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("usage %ld %ld %ld %ld\n", usage.ru_utime.tv_usec, usage.ru_stime.tv_usec, usage.ru_maxrss, usage.ru_minflt);
  printf("addresses %p %p %p %p\n", (void *)main, (void *)&t, malloc(100), malloc(1 << 20));
  for (char **e = environ; *e; e++) puts(*e);
  for (int i = 0; i < argc; i++) puts(argv[i]);

  struct stat s;
  for (int i = 0; i < 8; i++) {
    struct termios term;
    memset(&s, 0, sizeof s);
    int r = fstat(i, &s);
    print_stat("fd", r, &s);
    printf("tty %d flags %x position %ld\n", tcgetattr(i, &term), i == 0 ? fcntl(i, F_GETFL) & ~O_ACCMODE : 0, (long)lseek(i, 0, SEEK_CUR));
  }
  static const char *const PLACES[] = { "/", "/data", "/data/file", "/data/directory", "/data/link", "/proc/self", "/dev/null", "/proc", "/dev" };
  for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++) {
    memset(&s, 0, sizeof s);
    int r = lstat(PLACES[i], &s);
    print_stat(PLACES[i], r, &s);
  }
  struct statfs fs;
  memset(&fs, 0, sizeof fs);
  int r = statfs("/data", &fs);
  printf("statfs %d %lx %lx %lx %lx\n", r, (long)fs.f_type, (long)fs.f_blocks, (long)fs.f_bfree, (long)fs.f_files);
  DIR *d = opendir("/data");
  for (struct dirent *e; d && (e = readdir(d));) printf("%s %ld %d %ld\n", e->d_name, (long)e->d_ino, e->d_type, (long)e->d_off);
  for (size_t i = 0; i < sizeof PROC / sizeof *PROC; i++) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/%s", PROC[i]);
    print_file(path);
  }
  for (size_t i = 0; i < sizeof SYSTEM / sizeof *SYSTEM; i++) print_file(SYSTEM[i]);
  for (int i = 0; i < 4; i++) {
    char path[64], target[256];
    snprintf(path, sizeof path, "/proc/self/fd/%d", i);
    ssize_t n = readlink(path, target, sizeof target);
    printf("%s -> %.*s\n", path, (int)(n < 0 ? 0 : n), target);
  }
  char input[64];
  printf("stdin %zd\n", read(0, input, sizeof input));
  return 42;
}
