// What the C library does with floating point of every width: printing, reading and the functions of math.h.
#include <errno.h>
#include <fenv.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const TEXTS[] = {
  "0", "-0.0", "1", "0.1", "3.14159265358979323846264338327950288", "1e4932", "1.18973149535723176502e4932", "3.6e-4951",
  "0x1.fffffffffffffffep16383", "0x1p-16445", "123456789012345678901234567890", "inf", "-inf", "nan", "2.5", "-1e-40", "4.9e-324", "1.7976931348623157e308",
};

int main(int argc, char **argv)
{
  for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
    volatile long double x = strtold(TEXTS[i], NULL);
    volatile double d = strtod(TEXTS[i], NULL);
    volatile float f = strtof(TEXTS[i], NULL);
    printf("%s: %.21Lg %La %.17g %a %.9g\n", TEXTS[i], x, x, d, d, f);
    printf("  %.40Lf %Le %.0Lf %g\n", fabsl(x) < 1e30L ? x : 0.0L, x, fabsl(x) < 1e30L ? x : 1.0L, d);
  }
  for (int i = 1; i <= 12; i++) {
    volatile long double x = i * 0.37L;
    volatile double d = i * 0.37;
    printf("%d: %.20Lg %.20Lg %.20Lg %.20Lg %.20Lg %.20Lg\n", i, sqrtl(x), floorl(-x), rintl(x), fmodl(100, x), ldexpl(x, i * 100), scalbnl(x, -16400));
    printf("  %.17g %.17g %.17g %.17g %.17g %.17g\n", sqrt(d), fma(d, d, -d), remainder(100, d), cbrt(d), hypot(d, 1), nextafter(d, 9));
    printf("  %.20Lg %.20Lg %.20Lg %.20Lg %.20Lg\n", sinl(x), expl(x), logl(x), atan2l(x, 2), powl(x, 3.5L));
    printf("  %.17g %.17g %.17g %.17g %.17g\n", sin(d), exp(d), log(d), atan2(d, 2), pow(d, 3.5));
    printf("  %lld %ld %llu %d %.20Lg\n", llrintl(x * 1e15L), lround(d * 1e9), (unsigned long long)(x * 4e18L), (int)x, (long double)((unsigned long long)1 << 63) + i);
  }
  static const int MODES[] = { FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO };
  for (int i = 0; i < 4; i++) {
    fesetround(MODES[i]);
    volatile double d = 1.0, three = 3.0;
    volatile long double x = 1.0L, threel = 3.0L;
    printf("mode %d: %.17g %.21Lg %.0f %.0f %.3f\n", i, d / three, x / threel, rint(2.5), rint(-2.5), 0.0625);
  }
  fesetround(FE_TONEAREST);
  feclearexcept(FE_ALL_EXCEPT);
  volatile double zero = 0, one = 1;
  volatile double infinite = one / zero;
  volatile long double invalid = (long double)zero / (long double)zero;
  printf("%g %d %x\n", infinite, isnan(invalid), fetestexcept(FE_DIVBYZERO | FE_INVALID | FE_OVERFLOW | FE_UNDERFLOW));
  errno = 0;
  strtold("1e5000", NULL);
  printf("%s, %d arguments, %Lg %Lg %d\n", strerror(errno), argc, LDBL_MAX, LDBL_MIN, LDBL_DIG);
  double a, b;
  int n = sscanf("1.5e3,-0x1.8p1", "%lf,%lf", &a, &b);
  printf("%d %g %g\n", n, a, b);
  return strcmp(argv[1], "status") ? 1 : 33;
}
