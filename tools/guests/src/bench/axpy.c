#include "kernels.h"
enum { N = 4096 };
static double x[N], y[N];
int main(int argc, char **argv) {
  for (int i = 0; i < N; i++) x[i] = i * 0.5 - 7, y[i] = 3 - i * 0.125;
  for (long n = scale(argc, argv, 20000); n > 0; n--) {
    double a = (double)(n & 15) * 0.0625 - 0.46875;
    for (int i = 0; i < N; i++) y[i] += a * x[i];
  }
  double sum = 0;
  for (int i = 0; i < N; i++) sum = sum * 0.5 + y[i];
  printf("%.17g\n", sum);
}
