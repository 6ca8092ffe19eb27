/* tally86.h: marks the part of a program whose instructions are counted. MIT.
 *
 *   tally86_start();
 *   ... the part that matters ...
 *   unsigned long count = tally86_stop();   // 0 unless the program runs under tally86
 *
 * No libc is needed, and no library: two system calls in line. Natively they fail with EBADF and change nothing.
 */
#ifndef TALLY86_H
#define TALLY86_H

static inline long tally86_mark(unsigned int fd, volatile unsigned long *value) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "0"(0L), "D"((unsigned long)fd), "S"(value), "d"(8L) : "rcx", "r11", "memory");
  return result;
}

/* Starts (and resets) the count. */
static inline void tally86_start(void) {
  volatile unsigned long started = 0;
  tally86_mark(0xcafebabeu, &started);
}

/* Stops the count and returns it. */
static inline unsigned long tally86_stop(void) {
  volatile unsigned long count = 0;
  tally86_mark(0xcafebabfu, &count);
  return count;
}

#endif
