#include "kernels.h"
enum { N = 160 };
static double a[N][N], b[N][N], c[N][N];
int main(int argc, char **argv) {
  for (int i = 0; i < N; i++) for (int k = 0; k < N; k++) a[i][k] = i * 0.5 - k, b[i][k] = k * 0.25 + i;
  for (long n = scale(argc, argv, 20); n > 0; n--)
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) {
        double s = 0;
        for (int k = 0; k < N; k++) s += a[i][k] * b[k][j];
        c[i][j] = s + c[i][j] * 0.5;
      }
  printf("%.17g\n", c[N / 2][N / 3]);
}
