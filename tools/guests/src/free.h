/* What a freestanding guest needs: system calls, output, and marks. No libc; the same on every machine. */
#ifndef FREE_H
#define FREE_H
#include "../../../packages/counter/include/tally86.h"

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef long i64;

static inline long syscall6(long n, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall" : "=a"(result) : "0"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return result;
}
#define SYS(n, a, b, c) syscall6(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
enum { SYS_read = 0, SYS_write = 1, SYS_mmap = 9, SYS_mprotect = 10, SYS_munmap = 11, SYS_rt_sigaction = 13, SYS_exit_group = 231 };

static inline __attribute__((noreturn)) void quit(int status) {
  SYS(SYS_exit_group, status, 0, 0);
  __builtin_unreachable();
}
static inline void *map(void *at, u64 bytes, int prot, int flags) {
  return (void *)syscall6(SYS_mmap, (long)at, (long)bytes, prot, flags | 0x22, -1, 0);
}

static u64 text_length(const char *text) {
  u64 n = 0;
  while (text[n]) n++;
  return n;
}
static void print(const char *text) { SYS(SYS_write, 1, text, text_length(text)); }
static inline void print_hex(const char *label, u64 value) {
  char line[18];
  print(label);
  for (int i = 0; i < 16; i++) line[i] = "0123456789abcdef"[(value >> (60 - 4 * i)) & 15];
  line[16] = '\n';
  SYS(SYS_write, 1, line, 17);
}

/* gcc may call these. */
void *memset(void *to, int value, u64 n) {
  u8 *p = to;
  __asm__ volatile("rep stosb" : "+D"(p), "+c"(n) : "a"(value) : "memory");
  return to;
}
void *memcpy(void *to, const void *from, u64 n) {
  u8 *p = to;
  __asm__ volatile("rep movsb" : "+D"(p), "+S"(from), "+c"(n) : : "memory");
  return to;
}

static int main_of_guest(u64 argc, char **argv);
__asm__(".globl _start\n_start: xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call free_start\n");
__attribute__((used, noreturn)) static void free_start_c(u64 *stack) __asm__("free_start");
static void free_start_c(u64 *stack) { quit(main_of_guest(stack[0], (char **)(stack + 1))); }
#endif
