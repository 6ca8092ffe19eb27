/*
 * Does the system calls that standard input tells: 4096 bytes for the page at 0x10000000, then records of a number and six arguments.
 * A timer wakes it from calls that would sleep for ever.
 */
#include "../signals.h"
#define AREA ((u8 *)0x10000000)
#define SCRIPT ((u64 *)0x20000000)
enum { SCRIPT_BYTES = 1 << 20, MAP_FIXED = 0x10, SIGALRM = 14 };
static void wake(int signal, u8 *info, u8 *context) { (void)signal, (void)info, (void)context; }

static u64 read_all(u8 *to, u64 bytes) {
  u64 done = 0;
  while (done < bytes) {
    i64 got = SYS(SYS_read, 0, to + done, bytes - done);
    if (got <= 0) break;
    done += (u64)got;
  }
  return done;
}

static int main_of_guest(u64 argc, char **argv) {
  (void)argc, (void)argv;
  map(AREA, 2 * 4096, 3, MAP_FIXED);
  map(SCRIPT, SCRIPT_BYTES, 3, MAP_FIXED);
  read_all(AREA, 4096);
  u64 records = read_all((u8 *)SCRIPT, SCRIPT_BYTES) / 56;
  on_signal(SIGALRM, wake, 0, 0);
  u64 timer[4] = {0, 1000, 0, 1000}; /* microseconds */
  SYS(38, 0, timer, 0);
  for (u64 i = 0; i < records; i++) {
    u64 *r = SCRIPT + 7 * i;
    syscall6((i64)r[0], (i64)r[1], (i64)r[2], (i64)r[3], (i64)r[4], (i64)r[5], (i64)r[6]);
  }
  return 42;
}
