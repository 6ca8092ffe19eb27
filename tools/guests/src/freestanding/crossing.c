/* Accesses of every size across page borders: integer, x87, SSE; plain string instructions on the border; code on the border too. */
#include "../free.h"
#include <emmintrin.h>
static u64 sum;
static void mix(u64 value) { sum = sum * 0x9e3779b97f4a7c15ul + value + (sum >> 31); }
static int main_of_guest(u64 argc, char **argv) {
  (void)argc, (void)argv;
  u8 *area = map(0, 6 * 4096, 3, 0), *code = map(0, 3 * 4096, 7, 0);
  for (int i = 0; i < 6 * 4096; i++) area[i] = (u8)(i * 29 >> 2);
  tally86_start();
  for (int at = 4096 - 40; at < 4096 + 8; at++) {
    u8 *p = area + at, *q = area + 3 * 4096 + (at & 63) + 4000;
    mix(*(volatile u16 *)p), mix(*(volatile u32 *)p), mix(*(volatile u64 *)p);
    *(volatile u16 *)(q) += 77, *(volatile u32 *)(q + 1) ^= 0xabcdef01, *(volatile u64 *)(q + 2) -= 0x123456789abul;
    __m128i v = _mm_loadu_si128((void *)p);
    v = _mm_add_epi32(v, _mm_loadu_si128((void *)q));
    _mm_storeu_si128((void *)(q - 5), v);
    _mm_storel_epi64((void *)p, v);
    mix((u64)_mm_cvtsi128_si64(v));
    __asm__ volatile("fldt %0\n fstpt %1" : : "m"(*(char(*)[10])p), "m"(*(char(*)[10])(q + 7)) : "memory");
    __asm__ volatile("fildll %0\n fistpll %1" : : "m"(*(u64 *)p), "m"(*(u64 *)(q + 3)) : "memory");
    __asm__ volatile("pushq %0\n popq %1" : : "m"(*(u64 *)q), "m"(*(u64 *)p) : "memory");
    u8 *s = p, *d = q;
    __asm__ volatile("movsq\n movsl\n movsw\n movsb\n std\n movsb\n movsw\n movsl\n movsq\n cld" : "+S"(s), "+D"(d) : : "memory");
    u64 a = sum, f;
    __asm__ volatile("stosq\n stosw\n lodsl\n lodsq\n cmpsw\n pushfq\n popq %3\n scasl" : "+S"(s), "+D"(d), "+a"(a), "=r"(f) : : "memory", "cc");
    mix(a), mix(f & 0x8d5), mix((u64)(s - p) * 3 + (u64)(d - q));
    __asm__ volatile("fxsave64 %0" : : "m"(*(char(*)[512])(area + 2 * 4096 - 512 + 16 * (at & 15))) : "memory");
    mix(*(u64 *)(area + 2 * 4096 - 512 + 16 * (at & 15) + 24) & 0xffff);
    *(u32 *)(area + 2 * 4096 - 512 + 16 * (at & 15) + 24) = 0x1f80;
    __asm__ volatile("fxrstor64 %0" : : "m"(*(char(*)[512])(area + 2 * 4096 - 512 + 16 * (at & 15))) : "memory");
    /* the pointers of the last x87 instruction differ between CPUs */
    memset(area + 2 * 4096 - 512 + 16 * (at & 15), 0, 512);
  }
  /* add rax, imm32 … ret, begun at each byte before the border */
  for (u32 start = 4096 - 24; start <= 4096; start++) {
    static const u8 body[] = {0x48, 0x89, 0xf8, 0x48, 0x05, 1, 2, 3, 4, 0x48, 0x81, 0xc7, 4, 3, 2, 1, 0x75, 0x02, 0x0f, 0x0b, 0x48, 0x8d, 0x04, 0x47, 0xc3};
    memcpy(code + start, body, sizeof body);
    mix(((u64(*)(u64))(code + start))(start));
  }
  tally86_stop();
  for (int i = 0; i < 6 * 4096; i += 8) mix(*(u64 *)(area + i));
  print_hex("crossing ", sum);
  return 0;
}
