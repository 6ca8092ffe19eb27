#include "kernels.h"
static int by_value(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}
int main(int argc, char **argv) {
  long n = 50000;
  uint32_t *v = malloc((size_t)n * 4), x = 12345, sum = 0;
  for (long round = scale(argc, argv, 20); round > 0; round--) {
    for (long i = 0; i < n; i++) x = x * 1664525 + 1013904223, v[i] = x >> 3;
    qsort(v, (size_t)n, 4, by_value);
    for (long i = 0; i < n; i += 97) sum = sum * 31 + v[i];
  }
  printf("%08x\n", sum);
}
