/* `bomb`: forks as long as it runs, and so do its children. `loop N`: N children, one after the other, that write to their memory and end. */
#include "../free.h"
enum { SYS_fork = 57, SYS_wait4 = 61 };

static u64 number(const char *text) {
  u64 value = 0;
  while (*text >= '0' && *text <= '9') value = value * 10 + (u64)(*text++ - '0');
  return value;
}
static volatile u64 touched[4096];

static int loop(u64 children) {
  for (u64 i = 0; i < children; i++) {
    long pid = SYS(SYS_fork, 0, 0, 0);
    if (pid < 0) return 1;
    if (pid == 0) {
      touched[0] = touched[2048] = i;
      quit((int)(i & 127));
    }
    int status = 0;
    if (syscall6(SYS_wait4, pid, (long)&status, 0, 0, 0, 0) != pid || status != (int)(i & 127) << 8) return 2;
  }
  return touched[0] == 0 ? 0 : 3;
}

static int main_of_guest(u64 argc, char **argv) {
  if (argc == 3 && argv[1][0] == 'l') return loop(number(argv[2]));
  for (;;) SYS(SYS_fork, 0, 0, 0);
}
