#include "kernels.h"
typedef int32_t v4 __attribute__((vector_size(16)));
typedef uint8_t v16 __attribute__((vector_size(16)));
int main(int argc, char **argv) {
  static v4 a[1024];
  static v16 b[1024];
  for (int i = 0; i < 1024; i++) a[i] = (v4){i, i * 3, i * 5, i * 7}, b[i] = (v16)a[i];
  v4 s = {1, 2, 3, 4};
  v16 t = {1};
  for (long n = scale(argc, argv, 30000); n > 0; n--)
    for (int i = 0; i < 1024; i++) s += a[i] * s ^ (a[i] << 3), t = (t ^ b[i]) + ((t & (v16)(t > b[i])) | (b[i] & (v16)(t <= b[i])));
  int32_t x = s[0] ^ s[1] ^ s[2] ^ s[3];
  for (int i = 0; i < 16; i++) x = x * 31 + t[i];
  printf("%08x\n", (unsigned)x);
}
