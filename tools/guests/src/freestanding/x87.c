/* x87: 80-bit arithmetic, stack, control word, comparisons, conversions, BCD, remainders. */
#include "../free.h"
static u64 fold(long double x) {
  u8 raw[16] = {0};
  u64 lo;
  u16 hi;
  __builtin_memcpy(raw, &x, 10);
  __builtin_memcpy(&lo, raw, 8);
  __builtin_memcpy(&hi, raw + 8, 2);
  return lo ^ (u64)hi * 0x9e3779b97f4a7c15;
}
static int main_of_guest(u64 argc, char **argv) {
  (void)argc, (void)argv;
  u64 sum = 0;
  tally86_start();
  static const u16 controls[] = {0x37f, 0x77f, 0xb7f, 0xf7f, 0x27f, 0x07f};
  for (int c = 0; c < 6; c++) {
    u16 control = controls[c], status;
    __asm__ volatile("fldcw %0" : : "m"(control));
    long double x = 1.25L, y = 0.7L;
    for (int i = 1; i < 200; i++) {
      x = x * 1.01L + y / i;
      y = y - x / 3;
      long double r;
      __asm__ volatile("fsqrt" : "=t"(r) : "0"(x < 0 ? -x : x));
      sum = sum * 31 + fold(x) + fold(y) + fold(r);
      __asm__ volatile("frndint" : "=t"(r) : "0"(x * 10));
      sum += fold(r) + (u64)(i64)r;
      __asm__ volatile("fprem" : "=t"(r) : "0"(x), "u"(0.3L));
      sum += fold(r);
      u8 bcd[10];
      __asm__ volatile("fbstp %0" : "=m"(bcd) : "t"(x * 100) : "st");
      for (int k = 0; k < 10; k++) sum = sum * 7 + bcd[k];
      double d = (double)x;
      float f = (float)y;
      sum += fold((long double)d) + fold((long double)f);
      if (x > y) sum ^= 0x55;
      if (x > 1e9L || x < -1e9L) x *= 1e-9L;
      if (y > 1e9L || y < -1e9L) y *= 1e-9L;
    }
    __asm__ volatile("fnstsw %0\n fnclex" : "=a"(status));
    sum = sum * 31 + status;
  }
  tally86_stop();
  print_hex("x87 ", sum);
  return 0;
}
