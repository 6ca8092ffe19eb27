/* epoll, eventfd, timerfd, signalfd and the masks of ppoll; every line must be the same under the real kernel. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static char text[1024];
#define SAY(...) write(1, text, snprintf(text, sizeof text, __VA_ARGS__))
static long result(long value) { return value < 0 ? -errno : value; }
#define R(call) result(call)

static void eventfds(void) {
  uint64_t value = 0, words[2] = {5, 6};
  int fd = eventfd(3, EFD_NONBLOCK);
  SAY("eventfd flags %x\n", fcntl(fd, F_GETFL));
  SAY("read %ld", R(read(fd, &value, 8)));
  SAY(" %ld again %ld short %ld\n", (long)value, R(read(fd, &value, 8)), R(read(fd, &value, 7)));
  value = -1;
  SAY("write max %ld short %ld", R(write(fd, &value, 8)), R(write(fd, &value, 4)));
  value = -2;
  SAY(" full %ld", R(write(fd, &value, 8)));
  value = 1;
  SAY(" one more %ld zero", R(write(fd, &value, 8)));
  value = 0;
  SAY(" %ld\n", R(write(fd, &value, 8)));
  struct pollfd p = {fd, POLLIN | POLLOUT, 0};
  SAY("poll full %d %x", poll(&p, 1, 0), p.revents);
  SAY(" read %ld", R(read(fd, &value, 16)));
  SAY(" %llx poll %d %x\n", (unsigned long long)value, poll(&p, 1, 0), p.revents);
  SAY("seek %ld pread %ld", R(lseek(fd, 5, SEEK_SET)), R(pread(fd, &value, 8, 0)));
  struct iovec v[2] = {{words, 8}, {words + 1, 0}};
  SAY(" writev %ld\n", R(writev(fd, v, 2)));
  SAY("fault %ld %ld\n", R(read(fd, (void *)8, 8)), R(write(fd, (void *)8, 8)));
  close(fd);
  fd = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC);
  SAY("semaphore %ld", R(read(fd, &value, 8)));
  SAY(" %ld %ld", (long)value, R(read(fd, &value, 8)));
  SAY(" %ld %ld cloexec %d\n", (long)value, R(read(fd, &value, 8)), fcntl(fd, F_GETFD));
  close(fd);
  SAY("bad flags %ld\n", R(eventfd(0, 2)));
  fd = eventfd(7, 0);
  SAY("long %ld", R(write(fd, words, 16)));
  SAY(" odd %ld", R(write(fd, words, 12)));
  SAY(" read %ld", R(read(fd, &value, 8)));
  SAY(" %ld\n", (long)value);
  char path[64], line[256];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  long n = readlink(path, line, sizeof line - 1);
  line[n > 0 ? n : 0] = 0;
  SAY("name %s\n", line);
  close(fd);
}

static void show(int ep, int max, const char *what) {
  struct epoll_event events[16];
  long n = R(epoll_wait(ep, events, max, 0));
  int used = snprintf(text, sizeof text, "%s %ld", what, n);
  for (int i = 0; i < n; i++) used += snprintf(text + used, sizeof text - used, " %llu:%x", (unsigned long long)events[i].data.u64, events[i].events);
  used += snprintf(text + used, sizeof text - used, "\n");
  write(1, text, used);
}

static long control(int ep, int op, int fd, unsigned events, uint64_t data) {
  struct epoll_event e = {events, {.u64 = data}};
  return R(epoll_ctl(ep, op, fd, &e));
}

static void epolls(void) {
  int ep = epoll_create1(EPOLL_CLOEXEC), a[2], b[2], events[4];
  char buffer[8192];
  uint64_t one = 1;
  pipe2(a, O_NONBLOCK);
  pipe2(b, O_NONBLOCK);
  SAY("create %ld %ld flags %x\n", R(epoll_create(0)), R(epoll_create1(1)), fcntl(ep, F_GETFL));
  SAY("read %ld write %ld\n", R(read(ep, buffer, 8)), R(write(ep, buffer, 8)));
  SAY("add %ld twice %ld", control(ep, EPOLL_CTL_ADD, a[0], EPOLLIN, 1), control(ep, EPOLL_CTL_ADD, a[0], EPOLLIN, 1));
  SAY(" self %ld op %ld bad %ld %ld", control(ep, EPOLL_CTL_ADD, ep, EPOLLIN, 1), control(ep, 9, a[0], 0, 0), control(ep, EPOLL_CTL_ADD, 99, 0, 0), control(99, EPOLL_CTL_ADD, a[0], 0, 0));
  SAY(" no epoll %ld fault %ld del %ld mod %ld\n", control(a[0], EPOLL_CTL_ADD, b[0], 0, 0), R(epoll_ctl(ep, EPOLL_CTL_ADD, b[0], (void *)8)), control(ep, EPOLL_CTL_DEL, b[0], 0, 0), control(ep, EPOLL_CTL_MOD, b[0], 0, 0));
  int null = open("/dev/null", O_RDWR), zero = open("/dev/zero", O_RDWR), full = open("/dev/full", O_RDWR), random = open("/dev/urandom", O_RDWR), dir = open("/", O_RDONLY), exe = open("/proc/self/exe", O_RDONLY), path = open("/", O_PATH);
  SAY("null %ld zero %ld full %ld urandom %ld directory %ld file %ld path %ld\n", control(ep, EPOLL_CTL_ADD, null, EPOLLIN, 1), control(ep, EPOLL_CTL_ADD, zero, EPOLLIN, 1), control(ep, EPOLL_CTL_ADD, full, EPOLLIN, 1),
      control(ep, EPOLL_CTL_ADD, random, 0, 1), control(ep, EPOLL_CTL_ADD, dir, EPOLLIN, 1), control(ep, EPOLL_CTL_ADD, exe, EPOLLIN, 1), control(ep, EPOLL_CTL_ADD, path, EPOLLIN, 1));
  close(random);
  SAY("wait %ld %ld %ld %ld %ld\n", R(epoll_wait(ep, (void *)buffer, 0, 0)), R(epoll_wait(ep, (void *)buffer, -1, 0)), R(epoll_wait(a[0], (void *)buffer, 1, 0)), R(epoll_wait(99, (void *)buffer, 1, 0)), R(epoll_wait(ep, (void *)-4096, 1, 0)));
  show(ep, 4, "empty");
  write(a[1], "x", 1);
  SAY("fault %ld\n", R(epoll_wait(ep, (void *)8, 4, 0)));
  show(ep, 4, "level");
  show(ep, 4, "level");
  control(ep, EPOLL_CTL_MOD, a[0], EPOLLIN | EPOLLET, 2);
  show(ep, 4, "edge");
  show(ep, 4, "edge");
  write(a[1], "y", 1);
  show(ep, 4, "edge more");
  read(a[0], buffer, 1);
  show(ep, 4, "edge after a read");
  write(a[1], "y", 1);
  read(a[0], buffer, 8);
  show(ep, 4, "edge that went");
  control(ep, EPOLL_CTL_MOD, a[0], EPOLLIN | EPOLLONESHOT, 3);
  write(a[1], "y", 1);
  show(ep, 4, "oneshot");
  write(a[1], "y", 1);
  show(ep, 4, "oneshot");
  control(ep, EPOLL_CTL_MOD, a[0], EPOLLIN | EPOLLONESHOT, 4);
  show(ep, 4, "armed");
  control(ep, EPOLL_CTL_MOD, a[0], EPOLLIN, 5);
  SAY("add b %ld %ld\n", control(ep, EPOLL_CTL_ADD, b[1], EPOLLOUT | EPOLLET, 6), control(ep, EPOLL_CTL_ADD, b[0], EPOLLIN | EPOLLRDHUP, 7));
  show(ep, 4, "both");
  while (write(b[1], buffer, sizeof buffer) > 0) ;
  show(ep, 4, "full");
  read(b[0], buffer, 100);
  show(ep, 4, "100 read");
  read(b[0], buffer, 4096);
  show(ep, 4, "page read");
  while (read(b[0], buffer, sizeof buffer) > 0) ;
  show(ep, 4, "drained");
  close(b[1]);
  show(ep, 4, "hung up");
  close(b[0]);
  show(ep, 4, "closed");
  read(a[0], buffer, 8);
  close(a[0]);
  close(a[1]);
  /* fairness */
  for (int i = 0; i < 4; i++) {
    events[i] = eventfd(1, EFD_NONBLOCK);
    control(ep, EPOLL_CTL_ADD, events[i], EPOLLIN, 10 + i);
  }
  for (int i = 0; i < 6; i++) show(ep, 1 + i % 3, "rotation");
  read(events[1], buffer, 8);
  show(ep, 2, "without one");
  write(events[1], &one, 8);
  show(ep, 2, "with it");
  show(ep, 8, "all");
  control(ep, EPOLL_CTL_MOD, events[2], EPOLLOUT, 99);
  show(ep, 8, "changed");
  /* a descriptor's number and its file */
  int copy = dup(events[0]);
  close(events[0]);
  show(ep, 8, "copied");
  SAY("del closed %ld del copy %ld\n", control(ep, EPOLL_CTL_DEL, events[0], 0, 0), control(ep, EPOLL_CTL_DEL, copy, 0, 0));
  dup2(copy, events[0]);
  SAY("back %ld\n", control(ep, EPOLL_CTL_DEL, events[0], 0, 0));
  control(ep, EPOLL_CTL_ADD, copy, EPOLLIN, 20);
  SAY("same file twice %ld\n", control(ep, EPOLL_CTL_ADD, events[0], EPOLLIN, 21));
  show(ep, 8, "twice");
  close(events[0]);
  close(copy);
  show(ep, 8, "gone");
  SAY("exclusive %ld", control(ep, EPOLL_CTL_ADD, eventfd(1, 0), EPOLLIN | EPOLLEXCLUSIVE, 30));
  SAY(" mod %ld %ld bad %ld\n", control(ep, EPOLL_CTL_MOD, events[1], EPOLLIN | EPOLLEXCLUSIVE, 0), control(ep, EPOLL_CTL_MOD, events[0], EPOLLIN, 0), control(ep, EPOLL_CTL_ADD, eventfd(0, 0), EPOLLIN | EPOLLONESHOT | EPOLLEXCLUSIVE, 0));
  show(ep, 8, "exclusive");
  close(ep);
}

static void nested(void) {
  int ep[8], fd = eventfd(0, EFD_NONBLOCK);
  uint64_t one = 1;
  for (int i = 0; i < 8; i++) ep[i] = epoll_create1(0);
  SAY("nested %ld %ld\n", control(ep[0], EPOLL_CTL_ADD, fd, EPOLLIN, 1), control(ep[1], EPOLL_CTL_ADD, ep[0], EPOLLIN, 2));
  SAY("circle %ld exclusive %ld\n", control(ep[0], EPOLL_CTL_ADD, ep[1], EPOLLIN, 3), control(ep[2], EPOLL_CTL_ADD, ep[0], EPOLLIN | EPOLLEXCLUSIVE, 3));
  struct pollfd p = {ep[1], POLLIN | POLLOUT, 0};
  SAY("poll %d %x\n", poll(&p, 1, 0), p.revents);
  show(ep[1], 4, "outer");
  write(fd, &one, 8);
  SAY("poll %d %x\n", poll(&p, 1, 0), p.revents);
  show(ep[1], 4, "outer");
  show(ep[0], 4, "inner");
  read(fd, &one, 8);
  show(ep[1], 4, "outer after");
  control(ep[1], EPOLL_CTL_MOD, ep[0], EPOLLIN | EPOLLET, 4);
  one = 1;
  write(fd, &one, 8);
  show(ep[1], 4, "outer edge");
  show(ep[1], 4, "outer edge");
  write(fd, &one, 8);
  show(ep[1], 4, "outer edge");
  for (int i = 2; i < 8; i++) SAY("chain %d: %ld\n", i, control(ep[i], EPOLL_CTL_ADD, ep[i - 1], EPOLLIN, i));
  SAY("from below: %ld\n", control(ep[0], EPOLL_CTL_ADD, ep[7], EPOLLIN, 9));
  for (int i = 0; i < 8; i++) close(ep[i]);
  close(fd);
}

static long long now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void timerfds(void) {
  uint64_t ticks = 0;
  struct itimerspec old, set = {{0, 0}, {0, 20000000}};
  SAY("timerfd %ld %ld %ld\n", R(timerfd_create(99, 0)), R(timerfd_create(CLOCK_MONOTONIC, 1)), R(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0)));
  static const clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME};
  for (int i = 0; i < 3; i++) {
    int fd = timerfd_create(clocks[i], TFD_NONBLOCK);
    set = (struct itimerspec){{0, 0}, {0, 20000000}};
    SAY("clock %d settime %ld", (int)clocks[i], R(timerfd_settime(fd, 0, &set, &old)));
    SAY(" old %ld %ld read %ld short %ld", (long)old.it_value.tv_sec, old.it_value.tv_nsec, R(read(fd, &ticks, 8)), R(read(fd, &ticks, 7)));
    timerfd_gettime(fd, &old);
    SAY(" left %d interval %ld\n", old.it_value.tv_nsec > 0 && old.it_value.tv_nsec <= 20000000, old.it_interval.tv_nsec);
    struct pollfd p = {fd, POLLIN | POLLOUT, 0};
    SAY("poll %d", poll(&p, 1, 0));
    long long before = now(CLOCK_MONOTONIC);
    SAY(" %d", poll(&p, 1, -1));
    long long took = now(CLOCK_MONOTONIC) - before;
    SAY(" %x in time %d read %ld", p.revents, took > 10000000 && took < 2000000000, R(read(fd, &ticks, 8)));
    SAY(" ticks %ld again %ld\n", (long)ticks, R(read(fd, &ticks, 8)));
    long long at = now(clocks[i]) + 15000000;
    set = (struct itimerspec){{0, 5000000}, {at / 1000000000, at % 1000000000}};
    SAY("absolute %ld", R(timerfd_settime(fd, TFD_TIMER_ABSTIME, &set, 0)));
    struct timespec pause = {0, 32000000};
    nanosleep(&pause, 0);
    SAY(" read %ld", R(read(fd, &ticks, 8)));
    SAY(" ticks %d", ticks >= 4 && ticks < 40);
    set = (struct itimerspec){{0, 0}, {1, 0}};
    timerfd_settime(fd, TFD_TIMER_ABSTIME, &set, &old);
    SAY(" old interval %ld past %ld", old.it_interval.tv_nsec, R(read(fd, &ticks, 8)));
    timerfd_gettime(fd, &old);
    SAY(" ticks %ld left %ld", (long)ticks, old.it_value.tv_sec + old.it_value.tv_nsec);
    set = (struct itimerspec){{0, 7}, {0, 0}};
    SAY(" disarm %ld", R(timerfd_settime(fd, 0, &set, 0)));
    timerfd_gettime(fd, &old);
    SAY(" %ld %ld\n", old.it_value.tv_nsec, old.it_interval.tv_nsec);
    set = (struct itimerspec){{0, 0}, {0, 1000000000}};
    SAY("bad %ld", R(timerfd_settime(fd, 0, &set, 0)));
    set = (struct itimerspec){{-1, 0}, {0, 1}};
    SAY(" %ld flags %ld fd %ld %ld fault %ld\n", R(timerfd_settime(fd, 0, &set, 0)), R(timerfd_settime(fd, 8, &set, 0)), R(timerfd_settime(1, 0, &set, 0)), R(timerfd_gettime(99, &old)), R(timerfd_settime(fd, 0, (void *)8, 0)));
    /* blocking read, through epoll with edges */
    int ep = epoll_create1(0);
    fcntl(fd, F_SETFL, 0);
    set = (struct itimerspec){{0, 10000000}, {0, 10000000}};
    timerfd_settime(fd, 0, &set, 0);
    control(ep, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLET, 1);
    struct epoll_event event;
    SAY("epoll %ld", R(epoll_wait(ep, &event, 1, 1000)));
    SAY(" unread %ld", R(epoll_wait(ep, &event, 1, 25)));
    read(fd, &ticks, 8);
    SAY(" missed %d next %ld read %ld\n", ticks >= 3, R(epoll_wait(ep, &event, 1, 1000)), R(read(fd, &ticks, 8)));
    close(ep);
    close(fd);
  }
}

static void signalfds(void) {
  sigset_t set;
  struct signalfd_siginfo info[3];
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGKILL);
  sigaddset(&set, SIGRTMIN + 1);
  sigprocmask(SIG_BLOCK, &set, 0);
  int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC), ep = epoll_create1(0);
  SAY("signalfd read %ld short %ld\n", R(read(fd, info, sizeof info)), R(read(fd, info, 127)));
  SAY("bad %ld %ld %ld %ld %ld\n", R(signalfd(-1, &set, 1)), R(signalfd(99, &set, 0)), R(signalfd(1, &set, 0)), R(syscall(SYS_signalfd4, -1, &set, 7, 0)), R(syscall(SYS_signalfd4, -1, 8, 8, 0)));
  control(ep, EPOLL_CTL_ADD, fd, EPOLLIN, 1);
  show(ep, 2, "none");
  raise(SIGUSR1);
  show(ep, 2, "raised");
  sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 77});
  sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 78});
  kill(getpid(), SIGUSR1);
  long n = R(read(fd, info, sizeof info));
  SAY("read %ld\n", n);
  for (int i = 0; i < n / 128; i++) SAY("signal %u code %d self %d value %d errno %d\n", info[i].ssi_signo, info[i].ssi_code, info[i].ssi_pid == (unsigned)getpid() && info[i].ssi_uid == getuid(), info[i].ssi_int, info[i].ssi_errno);
  n = R(read(fd, info, sizeof info));
  SAY("read %ld value %d\n", n, info[0].ssi_int);
  show(ep, 2, "read");
  timer_t timer;
  (void)timer;
  sigdelset(&set, SIGUSR1);
  raise(SIGUSR1);
  show(ep, 2, "raised again");
  SAY("other mask %d\n", signalfd(fd, &set, 0) == fd);
  show(ep, 2, "not looked for");
  sigaddset(&set, SIGUSR1);
  signalfd(fd, &set, 0);
  show(ep, 2, "looked for");
  read(fd, info, sizeof info);
  sigprocmask(SIG_UNBLOCK, &set, 0);
  close(fd);
  close(ep);
}

static volatile int handled, mask_inside;
static void handler(int signal) {
  sigset_t now;
  (void)signal;
  sigprocmask(SIG_BLOCK, 0, &now);
  mask_inside = sigismember(&now, SIGUSR1) + 2 * sigismember(&now, SIGUSR2);
  handled++;
}

static void masks(void) {
  sigset_t both, none, now;
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
  struct timespec zero = {0, 0}, second = {1, 0};
  int p[2], ep = epoll_create1(0);
  struct epoll_event event = {EPOLLIN, {.u32 = 5}};
  pipe(p);
  epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &event);
  sigaction(SIGUSR1, &action, 0);
  sigemptyset(&none);
  sigemptyset(&both);
  sigaddset(&both, SIGUSR1);
  sigaddset(&both, SIGUSR2);
  sigprocmask(SIG_SETMASK, &both, 0);
  struct pollfd fd = {p[0], POLLIN, 0};
  fd_set reading;
  for (int ready = 0; ready < 2; ready++) {
    for (int call = 0; call < 4; call++) {
      raise(SIGUSR1);
      handled = 0;
      long n = 0;
      FD_ZERO(&reading);
      FD_SET(p[0], &reading);
      if (call == 0) n = R(ppoll(&fd, 1, &second, &none));
      if (call == 1) n = R(pselect(p[0] + 1, &reading, 0, 0, &second, &none));
      if (call == 2) n = R(epoll_pwait(ep, &event, 1, 1000, &none));
      if (call == 3) n = R(ppoll(&fd, 1, &zero, &none));
      int handled_now = handled;
      sigprocmask(SIG_SETMASK, 0, &now);
      SAY("call %d ready %d: %ld handled %d inside %d after %d\n", call, ready, n, handled_now, mask_inside, sigismember(&now, SIGUSR1));
      sigprocmask(SIG_SETMASK, &none, 0);
      sigprocmask(SIG_SETMASK, &both, 0);
    }
    write(p[1], "x", 1);
  }
  SAY("sizes %ld %ld %ld\n", R(syscall(SYS_ppoll, &fd, 1, &zero, &none, 7)), R(syscall(SYS_epoll_pwait, ep, &event, 1, 0, &none, 7)), R(syscall(SYS_epoll_pwait, ep, &event, 1, 0, 0, 7)));
  SAY("pwait2 %ld %ld", R(syscall(SYS_epoll_pwait2, ep, &event, 1, &second, 0, 0)), R(syscall(SYS_epoll_pwait2, ep, &event, 1, &(struct timespec){0, -1}, 0, 0)));
  SAY(" %ld\n", R(syscall(SYS_epoll_pwait2, ep, &event, 1, 8, 0, 0)));
  sigprocmask(SIG_SETMASK, &none, 0);
  close(ep);
}

int main(void) {
  eventfds();
  epolls();
  nested();
  timerfds();
  signalfds();
  masks();
  return 0;
}
