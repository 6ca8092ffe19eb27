/* Timers and sleep; every line must be the same under the real kernel. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static char text[1024];
#define SAY(...) write(1, text, snprintf(text, sizeof text, __VA_ARGS__))
static long result(long value) { return value < 0 ? -errno : value; }
#define R(call) result(call)
#define MS 1000000ll

static long long now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * 1000000000ll + t.tv_nsec;
}
static struct timespec spec(long long ns) { return (struct timespec){ns / 1000000000, ns % 1000000000}; }
static void pause_for(long long ns) {
  struct timespec t = spec(ns);
  nanosleep(&t, 0);
}

static volatile int count;
static void ignore(int signal) {}
static volatile siginfo_t last;
static void handler(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)context;
  last = *info;
  count++;
}

static int create(clockid_t clock, int notify, int signal, int value) {
  struct sigevent event;
  int id = -1;
  memset(&event, 0, sizeof event);
  event.sigev_notify = notify;
  event.sigev_signo = signal;
  event.sigev_value.sival_int = value;
  ((int *)&event)[4] = gettid();
  long error = R(syscall(SYS_timer_create, clock, &event, &id));
  return error < 0 ? error : id;
}
static long set(int id, int flags, long long value, long long interval, struct itimerspec *old) {
  struct itimerspec next = {spec(interval), spec(value)};
  return R(syscall(SYS_timer_settime, id, flags, &next, old));
}

static void posix_timers(void) {
  struct itimerspec old;
  int id = -1;
  static const int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME, CLOCK_TAI, 77};
  for (unsigned i = 0; i < sizeof clocks / sizeof *clocks; i++) {
    int made = create(clocks[i], SIGEV_SIGNAL, SIGUSR1, 0);
    SAY("create on %d: %d\n", clocks[i], made < 0 ? made : 1);
  }
  SAY("bad notify %d signal %d %d none %d", create(CLOCK_MONOTONIC, 3, SIGUSR1, 0), create(CLOCK_MONOTONIC, SIGEV_SIGNAL, 0, 0), create(CLOCK_MONOTONIC, SIGEV_SIGNAL, 65, 0), create(CLOCK_MONOTONIC, SIGEV_NONE, 99, 0) >= 0);
  SAY(" thread %d other %ld", create(CLOCK_MONOTONIC, SIGEV_THREAD, SIGUSR1, 0) >= 0, R(syscall(SYS_timer_create, CLOCK_MONOTONIC, (int[]){0, 0, SIGUSR1, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, &id)));
  SAY(" faults %ld %ld\n", R(syscall(SYS_timer_create, CLOCK_MONOTONIC, 8, &id)), R(syscall(SYS_timer_create, CLOCK_MONOTONIC, 0, 8)));
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &action, 0);
  sigaction(SIGALRM, &action, 0);
  sigaction(SIGRTMIN, &action, 0);
  SAY("errors %ld %ld %ld %ld %ld %ld\n", set(1000, 0, 1, 0, 0), R(syscall(SYS_timer_gettime, 1000, &old)), R(syscall(SYS_timer_getoverrun, 1000)), R(syscall(SYS_timer_delete, 1000)),
      R(syscall(SYS_timer_settime, id, 0, 0, 0)), R(syscall(SYS_timer_settime, id, 0, 8, 0)));
  /* the default event */
  R(syscall(SYS_timer_create, CLOCK_MONOTONIC, 0, &id));
  set(id, 0, 5 * MS, 0, 0);
  long slept = R(nanosleep(&(struct timespec){5, 0}, 0));
  SAY("default: %ld count %d signal %d code %d value %d timer %d overrun %d\n", slept, count, last.si_signo, last.si_code, last.si_value.sival_int == id, last.si_timerid == id, last.si_overrun);
  SAY("again %ld", R(syscall(SYS_timer_gettime, id, &old)));
  SAY(" left %ld interval %ld delete %ld %ld\n", old.it_value.tv_nsec, old.it_interval.tv_nsec, R(syscall(SYS_timer_delete, id)), R(syscall(SYS_timer_delete, id)));
  static const int real[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME};
  for (int i = 0; i < 3; i++) {
    for (int notify = 0; notify <= SIGEV_THREAD_ID; notify += SIGEV_THREAD_ID) {
      sigset_t block, waiting;
      count = 0;
      id = create(real[i], notify, i == 1 ? SIGRTMIN : SIGUSR1, 42 + i);
      sigemptyset(&block);
      sigaddset(&block, SIGUSR1);
      sigaddset(&block, SIGRTMIN);
      sigprocmask(SIG_BLOCK, &block, 0);
      SAY("periodic %ld", set(id, 0, 3 * MS, 2 * MS, &old));
      pause_for(25 * MS);
      sigpending(&waiting);
      syscall(SYS_timer_gettime, id, &old);
      SAY(" pending %d left %d interval %ld overrun %ld", sigismember(&waiting, i == 1 ? SIGRTMIN : SIGUSR1), old.it_value.tv_nsec > 0 && old.it_value.tv_nsec <= 2 * MS, old.it_interval.tv_nsec, R(syscall(SYS_timer_getoverrun, id)));
      sigprocmask(SIG_UNBLOCK, &block, 0);
      int overrun = syscall(SYS_timer_getoverrun, id);
      SAY(" count %d value %d overruns %d same %d\n", count >= 1, last.si_value.sival_int, overrun >= 9, count > 1 || overrun == last.si_overrun);
      long long at = now(real[i]) + 4 * MS;
      count = 0;
      SAY("absolute %ld", set(id, TIMER_ABSTIME, at, 0, &old));
      while (count == 0) pause();
      SAY(" late enough %d count %d left", now(real[i]) >= at, count);
      syscall(SYS_timer_gettime, id, &old);
      SAY(" %ld", old.it_value.tv_nsec);
      count = 0;
      SAY(" past %ld count %d", set(id, TIMER_ABSTIME, 1, 0, 0), count);
      set(id, 0, 1000 * MS, 7, 0);
      SAY(" disarm %ld", set(id, 0, 0, 9, &old));
      SAY(" had %d %ld", old.it_value.tv_sec * 1000000000ll + old.it_value.tv_nsec > 0, old.it_interval.tv_nsec);
      syscall(SYS_timer_gettime, id, &old);
      SAY(" has %ld %ld delete %ld\n", old.it_value.tv_nsec, old.it_interval.tv_nsec, R(syscall(SYS_timer_delete, id)));
    }
  }
  id = create(CLOCK_MONOTONIC, SIGEV_NONE, 0, 0);
  set(id, 0, 2 * MS, 0, 0);
  pause_for(3 * MS);
  syscall(SYS_timer_gettime, id, &old);
  SAY("none, over: %ld", old.it_value.tv_nsec);
  set(id, 0, 2 * MS, 2 * MS, 0);
  pause_for(3 * MS);
  syscall(SYS_timer_gettime, id, &old);
  SAY(" periodic: %d overrun %ld\n", old.it_value.tv_nsec > 0 && old.it_value.tv_nsec <= 2 * MS, R(syscall(SYS_timer_getoverrun, id)));
  /* CPU time */
  for (int clock = CLOCK_PROCESS_CPUTIME_ID; clock <= CLOCK_THREAD_CPUTIME_ID; clock++) {
    count = 0;
    id = create(clock, SIGEV_SIGNAL, SIGUSR1, 5);
    long long before = now(clock);
    set(id, 0, 3 * MS, 2 * MS, &old);
    pause_for(10 * MS);
    SAY("cpu %d asleep %d", clock, count);
    while (count < 3) ;
    long long used = now(clock) - before;
    SAY(" count %d used %d value %d", count >= 3, used >= 7 * MS, last.si_value.sival_int);
    set(id, TIMER_ABSTIME, now(clock) + 2 * MS, 0, &old);
    count = 0;
    while (count == 0) ;
    SAY(" had interval %ld absolute %d\n", old.it_interval.tv_nsec, count);
    syscall(SYS_timer_delete, id);
  }
  /* a signal that nobody sees */
  signal(SIGUSR2, SIG_IGN);
  id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR2, 6);
  set(id, 0, MS, MS, 0);
  pause_for(5 * MS);
  count = 0;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGUSR2, &action, 0);
  while (count == 0) pause();
  SAY("ignored, then not: signal %d value %d\n", last.si_signo, last.si_value.sival_int);
  syscall(SYS_timer_delete, id);
}

static void interval_timers(void) {
  struct itimerval value = {{0, 0}, {5, 600000}}, old;
  SAY("alarm %u", alarm(7));
  SAY(" %u %u\n", alarm(0), alarm(0));
  setitimer(ITIMER_REAL, &value, 0);
  SAY("rounded %u", alarm(0));
  value.it_value.tv_usec = 300000;
  setitimer(ITIMER_REAL, &value, 0);
  SAY(" %u", alarm(1));
  getitimer(ITIMER_REAL, &old);
  SAY(" left %d interval %ld", old.it_value.tv_sec == 0 && old.it_value.tv_usec > 900000, old.it_interval.tv_usec);
  value = (struct itimerval){{0, 2000}, {0, 3000}};
  SAY(" set %ld bad %ld %ld\n", R(setitimer(ITIMER_REAL, &value, &old)), R(setitimer(9, &value, 0)), R(getitimer(-1, &old)));
  count = 0;
  while (count < 4) pause();
  getitimer(ITIMER_REAL, &old);
  SAY("real %d code %d left %d interval %ld\n", last.si_signo, last.si_code, old.it_value.tv_usec <= 2000, old.it_interval.tv_usec);
  value = (struct itimerval){{0, 0}, {0, 0}};
  setitimer(ITIMER_REAL, &value, 0);
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGVTALRM, &action, 0);
  sigaction(SIGPROF, &action, 0);
  for (int which = ITIMER_VIRTUAL; which <= ITIMER_PROF; which++) {
    value = (struct itimerval){{0, 8000}, {0, 8000}};
    count = 0;
    setitimer(which, &value, 0);
    while (count < 3) ;
    getitimer(which, &old);
    SAY("timer %d signal %d interval %ld left %d\n", which, last.si_signo, old.it_interval.tv_usec, old.it_value.tv_usec > 0 && old.it_value.tv_usec <= 8000);
    value = (struct itimerval){{0, 0}, {0, 0}};
    setitimer(which, &value, 0);
  }
}

static void sleep_cases(void) {
  struct itimerval soon = {{0, 0}, {0, 4000}};
  struct timespec left = {9, 9}, t;
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigaction(SIGALRM, &action, 0);
  setitimer(ITIMER_REAL, &soon, 0);
  t = spec(3000 * MS);
  long n = R(nanosleep(&t, &left));
  SAY("nanosleep %ld left %d\n", n, left.tv_sec == 2 && left.tv_nsec > 0);
  static const int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_TAI};
  for (int i = 0; i < 4; i++) {
    left = spec(0);
    setitimer(ITIMER_REAL, &soon, 0);
    t = spec(3000 * MS);
    n = -clock_nanosleep(clocks[i], 0, &t, &left);
    SAY("clock %d: %ld left %d", clocks[i], n, left.tv_sec == 2 && left.tv_nsec > 0);
    left = spec(0);
    long long at = now(clocks[i]) + 3000 * MS;
    t = spec(at);
    setitimer(ITIMER_REAL, &soon, 0);
    n = -clock_nanosleep(clocks[i], TIMER_ABSTIME, &t, &left);
    SAY(" absolute %ld left %ld", n, left.tv_sec + left.tv_nsec);
    at = now(clocks[i]) + 5 * MS;
    t = spec(at);
    n = -clock_nanosleep(clocks[i], TIMER_ABSTIME, &t, 0);
    SAY(" whole %ld %d", n, now(clocks[i]) >= at);
    t = spec(1);
    SAY(" past %d\n", -clock_nanosleep(clocks[i], TIMER_ABSTIME, &t, 0));
  }
  static const int others[] = {CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, 55};
  for (int i = 0; i < 5; i++) {
    t = spec(1);
    SAY("clock %d: %ld\n", others[i], R(syscall(SYS_clock_nanosleep, others[i], 0, &t, 0)));
  }
  t = (struct timespec){0, 1000000000};
  SAY("bad %ld", R(nanosleep(&t, 0)));
  t = (struct timespec){-1, 0};
  SAY(" %ld %ld\n", R(nanosleep(&t, 0)), R(nanosleep((void *)8, 0)));
}

/* A timer of CPU time that runs out just when a call begins to sleep, or an instruction before or behind it: the call has its result or EINTR. */
static void at_the_call(void) {
  static const int kinds[] = {ITIMER_VIRTUAL, ITIMER_PROF};
  signal(SIGVTALRM, ignore);
  signal(SIGPROF, ignore);
  for (int k = 0; k < 2; k++) {
    int wrong = 0;
    for (long spin = 0; spin < 480; spin++) {
      struct itimerval timer = {.it_value.tv_usec = 1}, none = {};
      setitimer(kinds[k], &timer, 0);
      long n = 400 + spin / 4;
      __asm__ volatile("1: dec %0; jns 1b" : "+r"(n) : : "cc");
      for (long i = spin % 4; i > 0; i--) __asm__ volatile("nop; nop");
      long ended = R(syscall(SYS_poll, 0, 0, 1));
      if (ended != 0 && ended != -EINTR) wrong++;
      setitimer(kinds[k], &none, 0);
    }
    SAY("timer %d at a call: %d wrong\n", kinds[k], wrong);
  }
}

int main(void) {
  at_the_call();
  posix_timers();
  interval_timers();
  sleep_cases();
  return 0;
}
