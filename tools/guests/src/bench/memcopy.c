#include "kernels.h"
int main(int argc, char **argv) {
  static uint8_t a[65536], b[65536];
  uint64_t sum = 0;
  for (int i = 0; i < 65536; i++) a[i] = (uint8_t)(i * 13);
  for (long n = scale(argc, argv, 30000); n > 0; n--) {
    uint64_t *p = (uint64_t *)a, *q = (uint64_t *)b;
    for (int i = 0; i < 8192; i++) q[i] = p[i] + (uint64_t)n;
    for (int i = 0; i < 4096; i++) a[i] ^= b[i * 3];
    sum += q[n & 8191];
  }
  printf("%016lx\n", (unsigned long)sum);
}
