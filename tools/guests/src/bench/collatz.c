#include "kernels.h"
int main(int argc, char **argv) {
  uint64_t longest = 0, at = 0, limit = (uint64_t)scale(argc, argv, 4000000);
  for (uint64_t i = 1; i < limit; i++) {
    uint64_t n = i, steps = 0;
    while (n != 1) n = n & 1 ? 3 * n + 1 : n >> 1, steps++;
    if (steps > longest) longest = steps, at = i;
  }
  printf("%lu %lu\n", (unsigned long)at, (unsigned long)longest);
}
