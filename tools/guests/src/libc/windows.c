/* Marked windows in a program with a libc. Under glibc only code that does not dispatch on cpuid: no str*, mem*, printf, libm;
   linked with -z now, as lazy binding saves registers in the way that cpuid says. */
#include "../../../../packages/counter/include/tally86.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifndef __GLIBC__
#include <math.h>
#include <regex.h>
#endif
static unsigned long result = 1;
static void mix(unsigned long value) { result = result * 0x9e3779b97f4a7c15ul + value + (result >> 29); }
static unsigned seed = 86;
static unsigned draw(void) { return seed = seed * 1664525u + 1013904223u; }

static void heap(void) {
  static void *held[128];
  for (int i = 0; i < 200; i++) {
    int at = (int)(draw() >> 8) & 127;
    free(held[at]);
    unsigned size = draw() >> (draw() % 3 ? 22 : 14 + draw() % 6);
    char *p = held[at] = malloc(size + 1);
    p[0] = (char)i, p[size] = (char)at;
    mix((unsigned char)p[0] + (unsigned char)p[size]);
  }
  for (int i = 0; i < 128; i++) free(held[i]);
}
static int by_value(const void *a, const void *b) { return (*(const int *)a > *(const int *)b) - (*(const int *)a < *(const int *)b); }
static void own_sort(int *v, int n) {
  if (n < 2) return;
  int pivot = v[n / 2], i = 0, j = n - 1;
  for (;;) {
    while (by_value(&v[i], &pivot) < 0) i++;
    while (by_value(&v[j], &pivot) > 0) j--;
    if (i >= j) break;
    int t = v[i];
    v[i++] = v[j], v[j--] = t;
  }
  own_sort(v, j + 1 == n ? n - 1 : i), own_sort(v + i, n - i);
}
static void strings(void) {
  char text[512], copy[512];
  for (int round = 0; round < 6; round++) {
    int n = 0;
    while (n < 500) text[n++] = (char)('a' + draw() % 26);
    text[n] = 0;
    for (char *p = text, *q = copy; (*q++ = *p++);) __asm__ volatile("" : : : "memory");
    unsigned hash = 5381;
    for (char *p = copy; *p; p++) hash = hash * 33 ^ (unsigned char)*p;
    mix(hash);
  }
}
static jmp_buf place;
#pragma GCC diagnostic ignored "-Winfinite-recursion"
static int descend(int n) { return n == 0 ? (longjmp(place, 7), 0) : descend(n - 1) + 1; }
static void jumps(void) {
  for (volatile int i = 0; i < 30; i++) {
    int r = setjmp(place);
    if (r == 0) mix((unsigned long)descend(i));
    else mix((unsigned long)(r + i));
  }
}
static void numbers(void) {
  static const char *const texts[] = {"1", "3.14159265358979", "-2.5e-308", "1e300", "0x1.8p3", "123456789012345678901234567890", "0.1", ".5e1"};
  double sum = 0, term = 1;
  for (int i = 0; i < 8; i++) {
#ifndef __GLIBC__ /* whose strtod takes the strlen of the decimal point, by the one that fits the CPU */
    union { double d; unsigned long u; } v = {strtod(texts[i], 0)};
    mix(v.u);
#endif
    mix((unsigned long)strtol(texts[i], 0, 0));
  }
  for (int i = 1; i < 300; i++) term = term * -0.97 + 1.0 / i, sum += term * term / (1 + i % 7);
  union { double d; unsigned long u; } v = {sum};
  mix(v.u);
  long double x = 1, y = 0;
  for (int i = 1; i < 100; i++) x = x * 1.01L + 1.0L / i, y += 1 / x;
  v.d = (double)(x + y);
  mix(v.u);
}
#ifndef __GLIBC__
static void output(void) {
  char line[400];
  for (int i = 0; i < 6; i++) {
    double d = (draw() - 2147483648.0) * (i % 5 == 0 ? 1e-20 : i % 5 == 1 ? 1e25 : 1);
    int n = snprintf(line, sizeof line, "%g %.17g %e %a %.3f %Lg %.20Lf %d %s %lx %-8c|%+08.2f", d, d, d, d, d, (long double)d / 3, 1 / (long double)(i + 1), i, "text", result, 'c', d);
    for (int k = 0; k < n; k++) mix((unsigned char)line[k]);
  }
}
static void libm(void) {
  for (int i = 1; i < 20; i++) {
    union { double d; unsigned long u; } v = {sin(i) + exp(i / 50.0) + log(i) + pow(i, 0.3) + atan2(i, 3) + sqrt(i) + fmod(i, 0.7) + cbrt(i)};
    mix(v.u);
    v.d = (double)(sinl(i) + expl(i / 50.0L) + logl(i) + powl(i, 0.3L));
    mix(v.u);
  }
}
static void library(void) {
  static int v[400];
  for (int i = 0; i < 400; i++) v[i] = (int)draw() % 1000;
  qsort(v, 400, sizeof *v, by_value);
  for (int i = 0; i < 400; i += 50) mix((unsigned)v[i]);
  char text[400];
  memset(text, 'x', sizeof text);
  for (int i = 0; i < 399; i += 7) text[i] = (char)('a' + i % 26);
  text[399] = 0;
  mix(strlen(text)), mix((unsigned long)(strstr(text, "xxaxx") != 0)), mix((unsigned long)strcspn(text, "q")), mix((unsigned long)(strrchr(text, 'b') - text));
  memmove(text + 13, text, 300);
  mix((unsigned long)(memchr(text, 'z', 399) != 0));
  regex_t regex;
  regmatch_t match[3];
  if (regcomp(&regex, "([a-f]+)x*([g-m])x+n?", REG_EXTENDED) == 0 && regexec(&regex, text, 3, match, 0) == 0) mix((unsigned long)match[2].rm_so * 7 + (unsigned long)match[0].rm_eo);
  regfree(&regex);
}
#endif
int main(void) {
  static int v[400];
  for (int i = 0; i < 400; i++) v[i] = (int)draw() % 1000;
  void *volatile first = malloc(1); /* musl looks for AT_RANDOM in the auxiliary vector, which is not the same everywhere */
  free(first);
#define WINDOW(code) tally86_start(); code; tally86_stop()
  WINDOW(heap());
  WINDOW(own_sort(v, 400));
  for (int i = 0; i < 400; i += 50) mix((unsigned)v[i]);
  WINDOW(strings());
  WINDOW(jumps());
  WINDOW(numbers());
#ifndef __GLIBC__
  WINDOW(output());
  WINDOW(libm());
  WINDOW(library());
#endif
  printf("%016lx\n", result);
  return 0;
}
