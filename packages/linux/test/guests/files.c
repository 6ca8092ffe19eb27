/* Memory files and their seals, locks, O_ASYNC, flags of transfers; every line must be the same under the real kernel. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static char text[1024];
#define SAY(...) write(1, text, snprintf(text, sizeof text, __VA_ARGS__))
static long result(long value) { return value < 0 ? -errno : value; }
#define R(call) result(call)

static long map(int fd, int prot, int flags) {
  void *at = mmap(0, 4096, prot, flags, fd, 0);
  if (at == MAP_FAILED) return -errno;
  long writable = mprotect(at, 4096, PROT_READ | PROT_WRITE) < 0 ? -errno : 0;
  munmap(at, 4096);
  return writable;
}

static void seals(void) {
  struct stat st;
  char name[300];
  memset(name, 'x', sizeof name);
  name[249] = 0;
  SAY("memfd %ld", R(memfd_create(name, 0)) > 0);
  name[249] = 'x';
  name[250] = 0;
  SAY(" long %ld flags %ld both %ld fault %ld\n", R(memfd_create(name, 0)), R(memfd_create("a", 64)), R(memfd_create("a", 0x18)), R(memfd_create((void *)8, 0)));
  int plain = memfd_create("plain", 0), fd = memfd_create("sealing", MFD_ALLOW_SEALING | MFD_CLOEXEC), noexec = memfd_create("noexec", 8), p[2];
  pipe(p);
  SAY("plain %ld add %ld pipe %ld %ld\n", R(fcntl(plain, F_GET_SEALS)), R(fcntl(plain, F_ADD_SEALS, F_SEAL_GROW)), R(fcntl(p[0], F_GET_SEALS)), R(fcntl(p[1], F_ADD_SEALS, 1)));
  fstat(noexec, &st);
  SAY("noexec %ld mode %o", R(fcntl(noexec, F_GET_SEALS)), st.st_mode);
  SAY(" chmod %ld %ld", R(fchmod(noexec, 0755)), R(fchmod(noexec, 0600)));
  fstat(fd, &st);
  SAY(" plain mode %o size %ld flags %x\n", st.st_mode, (long)st.st_size, fcntl(fd, F_GETFL));
  char buffer[8192] = "hello";
  write(fd, buffer, 5000);
  SAY("seals %ld bad %ld", R(fcntl(fd, F_GET_SEALS)), R(fcntl(fd, F_ADD_SEALS, 0x100)));
  SAY(" shrink %ld", R(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK)));
  SAY(" to %ld %ld %ld\n", R(ftruncate(fd, 100)), R(ftruncate(fd, 5000)), R(ftruncate(fd, 8192)));
  SAY("grow %ld", R(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW)));
  SAY(" to %ld write %ld inside %ld behind %ld across %ld allocate %ld %ld\n", R(ftruncate(fd, 9000)), R(pwrite(fd, buffer, 100, 8192)), R(pwrite(fd, buffer, 100, 8000)), R(pwrite(fd, buffer, 1, 100000)),
      R(pwrite(fd, buffer, 5000, 4096)), R(fallocate(fd, 0, 0, 8192)), R(fallocate(fd, 0, 8000, 1000)));
  void *at = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  SAY("mapped %ld", R(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE)));
  SAY(" future %ld", R(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE)));
  *(char *)at = 'j';
  SAY(" write %ld punch %ld", R(pwrite(fd, buffer, 5, 0)), R(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096)));
  pread(fd, buffer, 5, 0);
  SAY(" %.5s map %ld %ld %ld\n", buffer, map(fd, PROT_READ | PROT_WRITE, MAP_SHARED), map(fd, PROT_READ, MAP_SHARED), map(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE));
  munmap(at, 4096);
  SAY("write seal %ld", R(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE)));
  SAY(" %lx last %ld", R(fcntl(fd, F_GET_SEALS)), R(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL)));
  SAY(" %ld", R(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL)));
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int again = open(path, O_RDWR), reader = open(path, O_RDONLY);
  SAY(" reopened %lx write %ld read-only %ld\n", R(fcntl(again, F_GET_SEALS)), R(write(again, buffer, 1)), R(fcntl(reader, F_ADD_SEALS, 1)));
  long n = readlink(path, buffer, sizeof buffer);
  SAY("name %.*s\n", (int)n, buffer);
}

static struct flock lock(int type, long start, long length) {
  struct flock l;
  memset(&l, 0, sizeof l);
  l.l_type = type, l.l_start = start, l.l_len = length;
  return l;
}
static long set(int fd, int command, int type, long start, long length) {
  struct flock l = lock(type, start, length);
  return R(fcntl(fd, command, &l));
}
static void ask(int fd, int command, int type, long start, long length) {
  struct flock l = lock(type, start, length);
  long n = R(fcntl(fd, command, &l));
  SAY("ask %ld: type %d whence %d from %ld length %ld pid %d\n", n, l.l_type, l.l_whence, (long)l.l_start, (long)l.l_len, l.l_type == F_UNLCK ? 0 : l.l_pid == getpid() ? 1 : l.l_pid);
}

static void locks(void) {
  int one = memfd_create("locks", 0);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", one);
  int two = open(path, O_RDWR), reader = open(path, O_RDONLY), writer = open(path, O_WRONLY);
  ftruncate(one, 100);
  SAY("flock %ld %ld", R(flock(one, LOCK_EX | LOCK_NB)), R(flock(two, LOCK_SH | LOCK_NB)));
  SAY(" %ld", R(flock(one, LOCK_SH)));
  SAY(" %ld %ld", R(flock(two, LOCK_SH | LOCK_NB)), R(flock(two, LOCK_EX | LOCK_NB)));
  SAY(" %ld bad %ld %ld\n", R(flock(one, LOCK_UN)), R(flock(one, LOCK_NB)), R(flock(99, LOCK_SH)));
  SAY("posix %ld own %ld", set(one, F_SETLK, F_WRLCK, 0, 10), set(two, F_SETLK, F_WRLCK, 5, 10));
  SAY(" reader %ld %ld writer %ld %ld", set(reader, F_SETLK, F_RDLCK, 50, 1), set(reader, F_SETLK, F_WRLCK, 50, 1), set(writer, F_SETLK, F_WRLCK, 51, 1), set(writer, F_SETLK, F_RDLCK, 51, 1));
  SAY(" bad %ld %ld %ld\n", set(one, F_SETLK, 7, 0, 1), set(one, F_SETLK, F_WRLCK, -5, 1), set(one, F_SETLK, F_WRLCK, 3, -4));
  ask(one, F_GETLK, F_WRLCK, 0, 0);
  ask(one, F_OFD_GETLK, F_WRLCK, 0, 0);
  ask(one, F_OFD_GETLK, F_RDLCK, 15, 36);
  ask(one, F_OFD_GETLK, F_RDLCK, 200, 0);
  SAY("ofd against posix %ld %ld", set(two, F_OFD_SETLK, F_WRLCK, 0, 1), set(two, F_OFD_SETLK, F_WRLCK, 60, 0));
  SAY(" posix against ofd %ld", set(one, F_SETLK, F_RDLCK, 70, 1));
  SAY(" ofd against ofd %ld same %ld\n", set(reader, F_OFD_SETLK, F_RDLCK, 80, 1), set(two, F_OFD_SETLK, F_RDLCK, 80, 5));
  ask(one, F_GETLK, F_WRLCK, 60, 100);
  ask(one, F_GETLK, F_WRLCK, 80, 1);
  ask(one, F_GETLK, F_RDLCK, 82, 10);
  struct flock l = lock(F_WRLCK, -10, 5);
  l.l_whence = SEEK_END;
  SAY("from the end %ld", R(fcntl(one, F_OFD_SETLK, &l)));
  l.l_pid = 1;
  SAY(" pid %ld whence", R(fcntl(one, F_OFD_SETLK, &l)));
  l = lock(F_WRLCK, 0, 1);
  l.l_whence = 9;
  SAY(" %ld\n", R(fcntl(one, F_SETLK, &l)));
  SAY("split %ld", set(one, F_SETLK, F_UNLCK, 4, 2));
  ask(two, F_OFD_GETLK, F_WRLCK, 0, 20);
  ask(two, F_OFD_GETLK, F_WRLCK, 4, 20);
  close(writer);
  ask(two, F_OFD_GETLK, F_WRLCK, 0, 20);
  ask(one, F_GETLK, F_WRLCK, 60, 100);
  close(two);
  ask(one, F_GETLK, F_WRLCK, 60, 100);
}

static volatile int count;
static volatile siginfo_t last;
static void handler(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)context;
  last = *info;
  count++;
}

static void notices(void) {
  int p[2], on = 1;
  char c;
  struct { int type, pid; } owner = {9, 9};
  pipe(p);
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGIO, &action, 0);
  sigaction(SIGRTMIN + 3, &action, 0);
  SAY("owner %ld", R(fcntl(p[0], F_GETOWN)));
  SAY(" set %ld %ld none %ld %ld ex %ld", R(fcntl(p[0], F_SETOWN, getpid())), R(fcntl(p[0], F_GETOWN)) == getpid(), R(fcntl(p[0], F_SETOWN, 99999999)), R(fcntl(p[0], F_SETOWN, -0x7fffffff - 1)), R(fcntl(p[0], F_GETOWN_EX, &owner)));
  SAY(" %d %d bad", owner.type, owner.pid == getpid());
  owner.type = 3;
  SAY(" %ld", R(fcntl(p[0], F_SETOWN_EX, &owner)));
  owner.type = 0;
  owner.pid = gettid();
  SAY(" %ld signal %ld %ld %ld\n", R(fcntl(p[0], F_SETOWN_EX, &owner)), R(fcntl(p[0], F_GETSIG)), R(fcntl(p[0], F_SETSIG, 65)), R(fcntl(p[0], F_SETSIG, -1)));
  write(p[1], "x", 1);
  SAY("not yet %d\n", count);
  fcntl(p[0], F_SETFL, O_ASYNC | O_NONBLOCK);
  write(p[1], "x", 1);
  SAY("io %d signal %d code %x flags %x\n", count, last.si_signo, last.si_code, fcntl(p[0], F_GETFL));
  fcntl(p[0], F_SETSIG, SIGRTMIN + 3);
  write(p[1], "x", 1);
  SAY("rt %d signal %d code %d band %lx fd %d\n", count, last.si_signo - SIGRTMIN, last.si_code, last.si_band, last.si_fd == p[0]);
  on = 0;
  SAY("off %ld", R(ioctl(p[0], FIOASYNC, &on)));
  write(p[1], "x", 1);
  on = 1;
  SAY(" %d on %ld", count, R(ioctl(p[0], FIOASYNC, &on)));
  write(p[1], "x", 1);
  SAY(" %d file %ld\n", count, R(ioctl(open("/proc/self/exe", O_RDONLY), FIOASYNC, &on)));
  read(p[0], &c, 1);
  close(p[1]);
  SAY("closed %d signal %d\n", count, last.si_signo - SIGRTMIN);
}

static void transfers(void) {
  int p[2], fd = memfd_create("x", 0);
  char buffer[100] = "0123456789";
  struct iovec v = {buffer, 10};
  pipe(p);
  SAY("nowait %ld", R(preadv2(p[0], &v, 1, -1, RWF_NOWAIT)));
  SAY(" bad %ld %ld", R(preadv2(p[0], &v, 1, -1, 0x800)), R(preadv2(p[0], &v, 1, 0, 0)));
  SAY(" write %ld append %ld", R(pwritev2(fd, &v, 1, 0, RWF_DSYNC)), R(pwritev2(fd, &v, 1, 0, RWF_APPEND)));
  SAY(" position %ld size %ld sync %ld", (long)lseek(fd, 0, SEEK_CUR), (long)lseek(fd, 0, SEEK_END), R(pwritev2(fd, &v, 1, -1, RWF_SYNC)));
  SAY(" read %ld\n", R(preadv2(fd, &v, 1, 25, RWF_NOWAIT | RWF_HIPRI)));
  SAY("clone %ld pipe %ld descriptor %ld\n", R(ioctl(fd, 0x40049409, fd)), R(ioctl(p[1], 0x40049409, fd)), R(ioctl(fd, 0x40049409, 99)));
  SAY("allocate zero %ld collapse %ld insert %ld\n", R(fallocate(fd, FALLOC_FL_ZERO_RANGE, 0, 10)), R(fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, 4096)), R(fallocate(fd, FALLOC_FL_INSERT_RANGE, 0, 4096)));
  SAY("io_uring %ld %ld\n", R(syscall(SYS_io_uring_setup, 0, 0)) < 0, R(syscall(SYS_io_uring_enter, 99, 0, 0, 0, 0, 0)) < 0);
}

int main(void) {
  seals();
  locks();
  notices();
  transfers();
  return 0;
}
