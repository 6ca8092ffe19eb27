#include "kernels.h"
static __attribute__((noinline)) uint64_t fib(uint64_t n) {
  if (n < 2) return n;
  uint64_t a = fib(n - 1);
  __asm__ volatile("" : "+r"(a));
  return a + fib(n - 2);
}
int main(int argc, char **argv) { printf("%lu\n", (unsigned long)fib((uint64_t)scale(argc, argv, 39))); }
