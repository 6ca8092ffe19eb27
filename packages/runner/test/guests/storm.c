// A storm of processes, threads, signals and mappings, decided by a seed: storm SEED STEPS DEPTH. Prints a hash of all that it saw.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t state, hash = 14695981039346656037u;
static volatile unsigned handled;

static unsigned below(unsigned n) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (unsigned)(state >> 11) % n;
}
static void see(uint64_t value) { hash = (hash ^ value) * 1099511628211u; }
static void on_signal(int signal) { handled += (unsigned)signal; }

#define AREAS 12
/* `backed` is less than `size` where a shared mapping was made longer: what it is of was not, and a touch there is a SIGBUS. */
static struct { char *at; size_t size, backed; int shared; } areas[AREAS];

static void mappings(void) {
  unsigned i = below(AREAS);
  if (areas[i].at == NULL) {
    size_t size = (1 + below(below(20) == 0 ? 300000 : 40)) * 4096ul;
    int shared = below(3) == 0;
    char *at = mmap(0, size, PROT_READ | PROT_WRITE, (shared ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) { see(errno); return; }
    areas[i].at = at;
    areas[i].size = areas[i].backed = size;
    areas[i].shared = shared;
    see((uintptr_t)at);
    for (int k = 0; k < 8; k++) at[below(size < 100 * 4096 ? size : 100 * 4096)] = (char)k;
    return;
  }
  size_t size = areas[i].size;
  switch (below(5)) {
  case 0:
    see(munmap(areas[i].at, size));
    areas[i].at = NULL;
    break;
  case 1:
    see(madvise(areas[i].at, size, below(2) ? MADV_DONTNEED : MADV_WILLNEED));
    break;
  case 2: {
    size_t longer = size + 4096ul * below(30);
    char *moved = mremap(areas[i].at, size, longer, MREMAP_MAYMOVE);
    if (moved == MAP_FAILED) { see(errno); break; }
    see((uintptr_t)moved);
    areas[i].at = moved;
    areas[i].size = longer;
    if (!areas[i].shared) areas[i].backed = longer;
    break;
  }
  case 3:
    mprotect(areas[i].at, 4096, PROT_READ);
    mprotect(areas[i].at, 4096, PROT_READ | PROT_WRITE);
    break;
  default:
    for (size_t at = 0; at < areas[i].backed && at < 64 * 4096; at += 4096) see((unsigned char)areas[i].at[at]++);
  }
}

/* Code that is written, executed, and written again. */
static void code(void) {
  static unsigned char *page;
  if (page == NULL) page = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  unsigned at = below(16) * 64, value = below(1000000);
  page[at] = 0xb8;
  memcpy(page + at + 1, &value, 4);
  page[at + 5] = 0xc3;
  for (int i = 0; i < 200; i++) see(((unsigned (*)(void))(page + at))());
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t barrier;
static unsigned long counter;
static void *work(void *argument) {
  pthread_barrier_wait(&barrier);
  for (unsigned i = 0, n = (unsigned)(uintptr_t)argument; i < n; i++) {
    pthread_mutex_lock(&mutex);
    counter = counter * 31 + i;
    pthread_mutex_unlock(&mutex);
  }
  void *block = malloc(1000 + (uintptr_t)argument);
  free(block);
  return argument;
}
static void threads(void) {
  unsigned n = 1 + below(6);
  pthread_t ids[8];
  pthread_barrier_init(&barrier, NULL, n);
  for (unsigned i = 0; i < n; i++) if (pthread_create(&ids[i], NULL, work, (void *)(uintptr_t)below(300)) != 0) exit(90);
  for (unsigned i = 0; i < n; i++) {
    void *result;
    pthread_join(ids[i], &result);
    see((uintptr_t)result);
  }
  pthread_barrier_destroy(&barrier);
  see(counter);
}

static void signals(void) {
  const int numbers[] = {SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGURG, SIGRTMIN, SIGRTMIN + 3};
  for (unsigned i = 0; i < 7; i++) {
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = below(2) ? SA_RESTART : SA_NODEFER};
    sigaction(numbers[i], &action, NULL);
  }
  sigset_t set, old;
  sigemptyset(&set);
  sigaddset(&set, numbers[below(7)]);
  sigprocmask(SIG_BLOCK, &set, &old);
  for (int i = 0; i < 4; i++) kill(getpid(), numbers[below(7)]);
  struct itimerval timer = {.it_value.tv_usec = 1 + below(300)};
  setitimer(below(2) ? ITIMER_REAL : ITIMER_VIRTUAL, &timer, NULL);
  for (volatile unsigned i = 0; i < 2000; i++) continue;
  sigprocmask(SIG_SETMASK, &old, NULL);
  usleep(below(400));
  see(handled);
}

static void storm(unsigned steps, unsigned depth, char *self);

static void children(unsigned depth, char *self) {
  int pipes[2];
  if (pipe(pipes) != 0) { see(errno); return; }
  unsigned n = 1 + below(3);
  pid_t pids[3];
  for (unsigned i = 0; i < n; i++) {
    uint64_t seed = state ^ (i + 1) * 0x9e3779b97f4a7c15u;
    unsigned kind = below(4);
    char number[24];
    sprintf(number, "%llu", (unsigned long long)(seed | 1));
    pid_t pid = kind == 0 ? vfork() : fork();
    if (pid == 0) {
      if (kind == 0) {
        execl(self, self, number, "2", "0", (char *)NULL);
        _exit(80);
      }
      if (kind == 1) for (;;) usleep(1000);
      close(pipes[0]);
      state = seed | 1;
      storm(2, depth - 1, self);
      if (write(pipes[1], &hash, sizeof hash) != sizeof hash) _exit(81);
      _exit((int)(hash & 63));
    }
    if (pid < 0) { see(errno); n = i; break; }
    pids[i] = pid;
    if (kind == 1) kill(pid, below(2) ? SIGKILL : SIGTERM);
  }
  close(pipes[1]);
  uint64_t value;
  while (read(pipes[0], &value, sizeof value) == sizeof value) see(value);
  close(pipes[0]);
  for (unsigned i = 0; i < n; i++) {
    int status = 0;
    while (waitpid(pids[i], &status, 0) < 0 && errno == EINTR) continue;
    see((uint64_t)status);
  }
}

static void storm(unsigned steps, unsigned depth, char *self) {
  for (unsigned i = 0; i < steps; i++) {
    switch (below(depth > 0 ? 6 : 5)) {
    case 0: threads(); break;
    case 1: signals(); break;
    case 2: code(); break;
    case 5: children(depth, self); break;
    default: for (int k = 0; k < 6; k++) mappings();
    }
  }
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  state = strtoull(argv[1], NULL, 10) | 1;
  storm((unsigned)atoi(argv[2]), (unsigned)atoi(argv[3]), argv[0]);
  char line[32];
  int length = sprintf(line, "%016llx\n", (unsigned long long)hash);
  return write(1, line, (size_t)length) == length ? 0 : 1;
}
