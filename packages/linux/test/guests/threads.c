/* Threads that die, wait, are signalled and cancelled; every line must be the same under the real kernel. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static char text[512];
#define SAY(...) write(1, text, snprintf(text, sizeof text, __VA_ARGS__))
enum { TICK = 20000000, FUTEX_WAKE = 1, FUTEX_REQUEUE = 3, FUTEX_WAIT_BITSET = 9, FUTEX_PRIVATE_FLAG = 128 };
static void doze(long ns) { nanosleep(&(struct timespec){0, ns}, 0); }

static pthread_mutex_t robust, robust_pi, pi;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static sem_t started;
static volatile int handled, handler_thread;
static long total;
static __thread int local = 5;

static void *hold(void *mutex) {
  pthread_mutex_lock(mutex);
  sem_post(&started);
  doze(3 * TICK);
  return 0;
}
static void inherit_from_the_dead(const char *name, pthread_mutex_t *mutex) {
  pthread_t thread;
  pthread_create(&thread, 0, hold, mutex);
  sem_wait(&started);
  SAY("%s, waited for: %d\n", name, pthread_mutex_lock(mutex));
  pthread_mutex_consistent(mutex);
  pthread_mutex_unlock(mutex);
  pthread_join(thread, 0);
  pthread_create(&thread, 0, hold, mutex);
  sem_wait(&started);
  pthread_join(thread, 0);
  SAY("%s, afterwards: %d\n", name, pthread_mutex_lock(mutex));
  pthread_mutex_unlock(mutex);
  SAY("%s, given up: %d\n", name, pthread_mutex_lock(mutex));
}

static void *count(void *unused) {
  for (int i = 0; i < 1000; i++) {
    pthread_mutex_lock(&pi);
    total++;
    if (i % 32 == 0) sched_yield();
    pthread_mutex_unlock(&pi);
  }
  return unused;
}
static void *timed(void *unused) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  time.tv_nsec += 2 * TICK;
  if (time.tv_nsec >= 1000000000) time.tv_sec++, time.tv_nsec -= 1000000000;
  return (void *)(long)pthread_mutex_timedlock(&pi, &time);
}

static void handler(int signal) {
  handled++;
  handler_thread = gettid();
}
static void *sleeper(void *unused) {
  sem_post(&started);
  for (;;) pause();
  return unused;
}
static void cleaned(void *name) { SAY("cleaned up: %s\n", (char *)name); }
static void *in_sleep(void *unused) {
  pthread_cleanup_push(cleaned, "asleep");
  sem_post(&started);
  for (;;) sleep(100);
  pthread_cleanup_pop(0);
  return unused;
}
static void *in_condition(void *unused) {
  pthread_cleanup_push(cleaned, "in a condition");
  pthread_mutex_lock(&pi);
  sem_post(&started);
  pthread_cond_wait(&never, &pi);
  pthread_cleanup_pop(0);
  return unused;
}
static void cancel(void *(*body)(void *)) {
  pthread_t thread;
  void *result;
  pthread_create(&thread, 0, body, 0);
  sem_wait(&started);
  doze(TICK);
  pthread_cancel(thread);
  pthread_join(thread, &result);
  SAY("cancelled: %d\n", result == PTHREAD_CANCELED);
}

static void *own(void *number) { return (void *)(long)(local += (long)number); }
static void *detached(void *unused) {
  sem_post(&started);
  return unused;
}
static void *wait_for(void *set) {
  int signal = 0;
  sigwait(set, &signal);
  return (void *)(long)signal;
}

static long futex(void *word, int op, int value, long other, void *second, int third) { return syscall(SYS_futex, word, op, value, other, second, third); }
static int *words;
static void *waiter(void *op) { return (void *)(futex(words, (int)(long)op, 0, 0, 0, -1) == 0 ? 1L : (long)-errno); }
/* Two sleepers under the one flag are not found under the other; some are moved to another word. */
static void raw_futexes(void) {
  pthread_t thread[3];
  words = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 3; i++) pthread_create(&thread[i], 0, waiter, (void *)(long)(FUTEX_WAIT_BITSET | (i == 2 ? 0 : FUTEX_PRIVATE_FLAG)));
  doze(2 * TICK);
  SAY("no such bits: %ld\n", futex(words, FUTEX_WAKE, 0, 0, 0, 0));
  SAY("moved: %ld, ", futex(words, FUTEX_REQUEUE | FUTEX_PRIVATE_FLAG, 1, 9, words + 1, 0));
  SAY("there: %ld\n", futex(words + 1, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 9, 0, 0, 0));
  for (int i = 0; i < 3; i++) pthread_join(thread[i], 0);
  int *view = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int *again = mremap(view, 0, 4096, MREMAP_MAYMOVE);
  words = view;
  pthread_create(&thread[0], 0, waiter, (void *)(long)FUTEX_WAIT_BITSET);
  doze(2 * TICK);
  SAY("through another mapping: %ld, ", futex(again, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, 0, 0, 0));
  SAY("%ld\n", futex(again, FUTEX_WAKE, 1, 0, 0, 0));
  pthread_join(thread[0], 0);
  struct { unsigned long value, address; unsigned flags, zero; } list[2] = {{0, (long)view, 2, 0}, {0, (long)(view + 1), 2, 0}};
  struct timespec past = {0, 0};
  SAY("waitv: %ld", syscall(449, list, 2, 0, &past, CLOCK_MONOTONIC));
  SAY(" %d\n", errno);
}

static void *last(void *unused) {
  doze(TICK);
  SAY("the last one\n");
  syscall(SYS_exit, 9);
  return unused;
}

int main(int argc, char **argv) {
  pthread_t thread[8];
  pthread_mutexattr_t kind;
  pthread_attr_t attributes;
  void *result;
  sigset_t set;
  alarm(60);
  sem_init(&started, 0, 0);
  pthread_mutexattr_init(&kind);
  pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&robust, &kind);
  pthread_mutexattr_setprotocol(&kind, PTHREAD_PRIO_INHERIT);
  pthread_mutex_init(&robust_pi, &kind);
  pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_STALLED);
  pthread_mutex_init(&pi, &kind);
  inherit_from_the_dead("robust", &robust);
  inherit_from_the_dead("robust with inheritance", &robust_pi);
  for (int i = 0; i < 5; i++) pthread_create(&thread[i], 0, count, 0);
  for (int i = 0; i < 5; i++) pthread_join(thread[i], 0);
  pthread_mutex_lock(&pi);
  pthread_create(&thread[0], 0, timed, 0);
  pthread_join(thread[0], &result);
  pthread_mutex_unlock(&pi);
  SAY("total %ld, timed out: %ld\n", total, (long)result);

  sigaction(SIGUSR1, &(struct sigaction){.sa_handler = handler}, 0);
  pthread_create(&thread[0], 0, sleeper, 0);
  sem_wait(&started);
  for (int i = 0; i < 3; i++) {
    pthread_kill(thread[0], SIGUSR1);
    doze(TICK);
  }
  SAY("handled %d, elsewhere: %d\n", handled, handler_thread != getpid());
  for (int i = 0; i < 3; i++) kill(getpid(), SIGUSR1);
  SAY("handled here: %d %d\n", handled >= 4, handler_thread == getpid());
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &set, 0);
  kill(getpid(), SIGUSR1);
  doze(2 * TICK);
  SAY("handled by who does not block it: %d\n", handler_thread != getpid());
  pthread_cancel(thread[0]);
  pthread_join(thread[0], 0);
  cancel(in_sleep);
  cancel(in_condition);
  pthread_mutex_unlock(&pi);
  pthread_create(&thread[0], 0, wait_for, &set);
  doze(TICK);
  kill(getpid(), SIGUSR1);
  pthread_join(thread[0], &result);
  SAY("sigwait: %ld\n", (long)result);

  for (long i = 0; i < 8; i++) pthread_create(&thread[i], 0, own, (void *)i);
  long locals = 0;
  for (int i = 0; i < 8; i++) pthread_join(thread[i], &result), locals += (long)result;
  SAY("locals %ld, here %d\n", locals, local);
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  for (int i = 0; i < 10; i++) pthread_create(&thread[0], &attributes, detached, 0), sem_wait(&started);
  raw_futexes();
  pthread_create(&thread[0], 0, last, 0);
  syscall(SYS_exit, 4);
}
