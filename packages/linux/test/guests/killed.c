/* A thread kills its process: nothing more is heard of any thread. */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void say(const char *text) { write(1, text, strlen(text)); }
static void handler(int signal) { say(signal == SIGUSR1 ? "USR1 " : "USR2 "); }
/* How often the main thread was about to sleep: on a busy machine it may take its time. */
static volatile int sleeps;
static void until_it_sleeps(int n) {
  while (sleeps < n) nanosleep(&(struct timespec){0, 1000000}, 0);
  nanosleep(&(struct timespec){0, 300000000}, 0);
}
static void *killer(void *unused) {
  /* both go to the main thread, which sleeps */
  until_it_sleeps(1);
  kill(getpid(), SIGUSR1);
  until_it_sleeps(2);
  kill(getpid(), SIGUSR2);
  until_it_sleeps(3);
  say("dying\n");
  kill(getpid(), SIGTERM);
  say("not dead\n");
  return unused;
}

int main(void) {
  pthread_t thread[4];
  signal(SIGUSR1, handler);
  signal(SIGUSR2, handler);
  for (int i = 0; i < 3; i++) pthread_create(&thread[i], 0, (void *(*)(void *))sleep, (void *)100);
  pthread_create(&thread[3], 0, killer, 0);
  sleeps = 1;
  pause();
  say("woken ");
  sleeps = 2;
  pause();
  say("woken again ");
  sleeps = 3;
  for (;;) pause();
}
