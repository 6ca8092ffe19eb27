/* Threads that depend on each other in every way libc knows: the output is the same whoever runs when. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { WORKERS = 5, ROUNDS = 120 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, inherit, robust;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t table_lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_spinlock_t spin;
static sem_t items;
static __thread long mine;
static long sum, queued, taken, spun, inherited, table[8];

static void add(pthread_mutex_t *mutex, long *to, long value) {
  pthread_mutex_lock(mutex);
  *to += value;
  pthread_mutex_unlock(mutex);
}

static void *work(void *argument) {
  long number = (long)argument;
  for (int i = 0; i < ROUNDS; i++) {
    add(&lock, &sum, number);
    add(&inherit, &inherited, 1);
    pthread_spin_lock(&spin);
    spun++;
    pthread_spin_unlock(&spin);
    mine += i;
    if (i % 16 == number) {
      sched_yield();
      pthread_rwlock_wrlock(&table_lock);
      for (int k = 0; k < 8; k++) table[k] += number;
      pthread_rwlock_unlock(&table_lock);
    }
    pthread_rwlock_rdlock(&table_lock);
    for (int k = 1; k < 8; k++) if (table[k] != table[0]) abort();
    pthread_rwlock_unlock(&table_lock);
  }
  pthread_barrier_wait(&barrier);
  for (int i = 0; i < ROUNDS / 4; i++) {
    pthread_mutex_lock(&lock);
    if (number % 2 == 0) {
      queued += 2;
      pthread_cond_broadcast(&filled);
    } else {
      while (queued == 0) pthread_cond_wait(&filled, &lock);
      queued--;
      taken++;
    }
    pthread_mutex_unlock(&lock);
    sem_post(&items);
  }
  return (void *)(mine + number);
}

static void *die(void *mutex) {
  pthread_mutex_lock(mutex);
  return mutex;
}
static void cleaned(void *text) { puts(text); }
static void *sleeper(void *unused) {
  pthread_cleanup_push(cleaned, "cancelled in its sleep");
  sem_post(&items);
  for (;;) pause();
  pthread_cleanup_pop(0);
  return unused;
}
static void *last(void *unused) {
  usleep(100);
  puts("the last one ends the process");
  fflush(stdout);
  _exit(3);
  return unused;
}

int main(void) {
  pthread_t threads[WORKERS];
  pthread_mutexattr_t kind;
  void *result;
  long results = 0;
  pthread_barrier_init(&barrier, 0, WORKERS);
  pthread_spin_init(&spin, 0);
  sem_init(&items, 0, 0);
  pthread_mutexattr_init(&kind);
  pthread_mutexattr_setprotocol(&kind, PTHREAD_PRIO_INHERIT);
  pthread_mutex_init(&inherit, &kind);
  pthread_mutexattr_init(&kind);
  pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&robust, &kind);
  for (long i = 0; i < WORKERS; i++) pthread_create(&threads[i], 0, work, (void *)i);
  for (int i = 0; i < WORKERS * (ROUNDS / 4); i++) sem_wait(&items);
  for (int i = 0; i < WORKERS; i++) {
    pthread_join(threads[i], &result);
    results += (long)result;
  }
  printf("sum %ld, results %ld, queued %ld, taken %ld, spun %ld, inherited %ld, table %ld\n", sum, results, queued, taken, spun, inherited, table[7]);
  pthread_create(&threads[0], 0, die, &robust);
  pthread_join(threads[0], 0);
  printf("the owner died: %d\n", pthread_mutex_lock(&robust) == EOWNERDEAD);
  pthread_mutex_consistent(&robust);
  pthread_mutex_unlock(&robust);
  pthread_create(&threads[0], 0, sleeper, 0);
  sem_wait(&items);
  pthread_cancel(threads[0]);
  pthread_join(threads[0], &result);
  printf("cancelled: %d\n", result == PTHREAD_CANCELED);
  fflush(stdout);
  pthread_create(&threads[0], 0, last, 0);
  pthread_exit(0);
}
