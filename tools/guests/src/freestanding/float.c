/* SSE scalar and packed floating point: arithmetic, conversions, comparisons, rounding modes and sticky flags. */
#include "../free.h"
typedef double v2 __attribute__((vector_size(16)));
typedef float v4 __attribute__((vector_size(16)));
static u64 bits(double x) { u64 u; __builtin_memcpy(&u, &x, 8); return u; }
static void set_mxcsr(u32 x) { __asm__ volatile("ldmxcsr %0" : : "m"(x)); }
static u32 get_mxcsr(void) { u32 x; __asm__ volatile("stmxcsr %0" : "=m"(x)); return x; }
static int main_of_guest(u64 argc, char **argv) {
  (void)argc, (void)argv;
  u64 sum = 0;
  tally86_start();
  for (u32 mode = 0; mode < 4; mode++) {
    set_mxcsr(0x1f80 | mode << 13);
    double x = 1.1, y = 0.37;
    float g = 3.3f;
    v2 p = {1.5, -2.25};
    v4 q = {1.f, 2.f, -3.f, 0.1f};
    for (int i = 1; i < 400; i++) {
      x = x * 1.0001 + y / (double)i;
      y = __builtin_sqrt(x + y * y);
      g = g * 0.99f + (float)x;
      p = p * (v2){x, y} - p / (v2){3.0, 7.0};
      q = q + q * (v4){g, 0.5f, 0.25f, (float)y};
      if (x > 1e6) x *= 1e-6;
      if (p[0] > 1e3 || p[0] < -1e3) p /= (v2){1e3, 1e3};
      if (q[0] > 1e3f || q[0] < -1e3f) q *= (v4){1e-3f, 1e-3f, 1e-3f, 1e-3f};
      sum += bits(x) ^ (bits(y) * 3 + (u64)(i64)(x * 1000) + (u64)(int)g);
      sum ^= bits(p[0]) + bits(p[1]) + bits((double)q[3]);
    }
    volatile double tiny = 1e-300, zero = 0;
    volatile double r = tiny * tiny;
    r = 1 / zero;
    r = zero / zero;
    sum = sum * 31 + get_mxcsr() + bits(r);
  }
  set_mxcsr(0x1f80);
  tally86_stop();
  print_hex("float ", sum);
  return 0;
}
