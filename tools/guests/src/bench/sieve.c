#include "kernels.h"
int main(int argc, char **argv) {
  long n = 8000000, primes = 0;
  uint8_t *composite = calloc((size_t)n, 1);
  for (long round = scale(argc, argv, 20); round > 0; round--) {
    memset(composite, 0, (size_t)n);
    primes = 0;
    for (long i = 2; i < n; i++) {
      if (composite[i]) continue;
      primes++;
      for (long k = i * i; k < n; k += i) composite[k] = 1;
    }
  }
  printf("%ld\n", primes);
}
