#include "kernels.h"
int main(int argc, char **argv) {
  long n = scale(argc, argv, 700), inside = 0;
  for (long py = 0; py < n; py++)
    for (long px = 0; px < n; px++) {
      double cr = 3.0 * (double)px / (double)n - 2, ci = 2.0 * (double)py / (double)n - 1, r = 0, i = 0;
      int k = 0;
      for (; k < 200 && r * r + i * i < 4; k++) {
        double t = r * r - i * i + cr;
        i = 2 * r * i + ci, r = t;
      }
      inside += k;
    }
  printf("%ld\n", inside);
}
