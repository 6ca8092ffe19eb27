/* A thread kills its process: nothing more is heard of any thread. */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void say(const char *text) { write(1, text, strlen(text)); }
static void handler(int signal) { say(signal == SIGUSR1 ? "USR1 " : "USR2 "); }
static void *killer(void *unused) {
  /* both go to the main thread, which sleeps */
  kill(getpid(), SIGUSR1);
  nanosleep(&(struct timespec){0, 50000000}, 0);
  kill(getpid(), SIGUSR2);
  nanosleep(&(struct timespec){0, 50000000}, 0);
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
  pause();
  say("woken ");
  pause();
  say("woken again ");
  for (;;) pause();
}
