/* x86-64-v3: loops that the compiler vectorises to 256 bits, fused products, gathers, masks, halves, bit fields; and upper halves in a signal's frame. */
#include "../signals.h"
#include <immintrin.h>

enum { N = 500 };
static float a[N + 8], b[N + 8];
static double x[N + 8], y[N + 8];
static u32 words[N + 8], places[N + 8];
static u64 sum;
static void mix(__m256i v) {
  u64 part[4];
  _mm256_storeu_si256((void *)part, v);
  for (int i = 0; i < 4; i++) sum = (sum << 7 | sum >> 57) * 0x9e3779b97f4a7c15ul + part[i];
}

__attribute__((noinline)) static void floats(float scale) {
  for (int i = 0; i < N; i++) a[i] = a[i] * scale + b[i];
  for (int i = 0; i < N; i++) b[i] = a[i] > 1000 ? a[i] / 3 : b[i] - a[i];
}
__attribute__((noinline)) static double doubles(double scale) {
  double total = 0;
  for (int i = 0; i < N; i++) x[i] = __builtin_fma(x[i], scale, y[i]), y[i] = __builtin_sqrt(x[i] * x[i] + 1);
  for (int i = 0; i < N; i++) total += x[i] * y[i];
  return total;
}
__attribute__((noinline)) static void integers(u32 seed) {
  for (int i = 0; i < N; i++) words[i] = (words[i] << (i & 31)) ^ (words[places[i]] >> (seed & 31)), places[i] = (places[i] * 7 + seed) % N;
  for (int i = 0; i < N; i++) words[i] += words[i] < seed ? (u32)__builtin_popcount(words[i]) : seed;
}
__attribute__((noinline)) static void bits(u64 v) {
  for (int i = 1; i < 64; i++) {
    v = _pdep_u64(v, 0x5555555555555555ul << (i & 3)) + _pext_u64(v, ~0ul >> i) * 3;
    v ^= _andn_u64(v, v >> 7) + _blsr_u64(v) + _blsi_u64(v) + _blsmsk_u64(v) + _bextr_u64(v, (u32)i, 13) + _bzhi_u64(v, (u32)i);
    v += _lzcnt_u64(v >> i) + _tzcnt_u64(v << i) + (u64)_lzcnt_u32((u32)v) + __builtin_bswap64(v);
    unsigned long long high, low = _mulx_u64(v, v ^ (u64)i, &high);
    v += low ^ high;
  }
  sum += v;
}
__attribute__((noinline)) static void lanes(void) {
  for (int i = 0; i + 8 <= N; i += 5) {
    __m256i p = _mm256_loadu_si256((void *)(words + i)), q = _mm256_loadu_si256((void *)(words + (i * 3) % (N - 8)));
    __m256i index = _mm256_and_si256(p, _mm256_set1_epi32(255));
    mix(_mm256_i32gather_epi32((int *)words, index, 4));
    mix(_mm256_castpd_si256(_mm256_mask_i32gather_pd(_mm256_set1_pd(1), x, _mm256_castsi256_si128(index), _mm256_castsi256_pd(q), 8)));
    mix(_mm256_permutevar8x32_epi32(p, q)), mix(_mm256_permute4x64_epi64(p, 0x1b)), mix(_mm256_permute2x128_si256(p, q, 0x31));
    mix(_mm256_shuffle_epi8(p, q)), mix(_mm256_alignr_epi8(p, q, 5)), mix(_mm256_sad_epu8(p, q)), mix(_mm256_maddubs_epi16(p, q)), mix(_mm256_mpsadbw_epu8(p, q, 0x2a));
    mix(_mm256_sllv_epi32(p, _mm256_srli_epi32(q, 26))), mix(_mm256_srav_epi32(p, _mm256_srli_epi32(q, 26))), mix(_mm256_srlv_epi64(p, _mm256_srli_epi64(q, 57)));
    mix(_mm256_cvtepi8_epi32(_mm256_castsi256_si128(p))), mix(_mm256_packs_epi32(p, q)), mix(_mm256_unpackhi_epi16(p, q)), mix(_mm256_cmpgt_epi64(p, q)), mix(_mm256_mul_epi32(p, q));
    mix(_mm256_maskload_epi32((int *)words + i, q)), _mm256_maskstore_epi32((int *)places, _mm256_srli_epi32(p, 1), _mm256_and_si256(index, q));
    __m256 f = _mm256_cvtepi32_ps(p), g = _mm256_cvtepi32_ps(q);
    mix(_mm256_castps_si256(_mm256_fmaddsub_ps(f, g, f))), mix(_mm256_castps_si256(_mm256_fnmsub_ps(f, g, g))), mix(_mm256_castps_si256(_mm256_dp_ps(f, g, 0xf1)));
    mix(_mm256_castps_si256(_mm256_cmp_ps(f, g, _CMP_NGE_UQ))), mix(_mm256_castps_si256(_mm256_hadd_ps(f, g))), mix(_mm256_castps_si256(_mm256_round_ps(_mm256_div_ps(f, g), 1)));
    mix(_mm256_castsi128_si256(_mm256_cvtps_ph(_mm256_mul_ps(f, _mm256_set1_ps(1e-6f)), 0))), mix(_mm256_castps_si256(_mm256_cvtph_ps(_mm256_castsi256_si128(p))));
    mix(_mm256_castpd_si256(_mm256_blendv_pd(_mm256_castsi256_pd(p), _mm256_castsi256_pd(q), _mm256_castps_pd(f)))), mix(_mm256_broadcastw_epi16(_mm256_castsi256_si128(q)));
    sum += (u64)(u32)_mm256_movemask_epi8(p) + (u64)_mm256_movemask_ps(f) * 3 + (u64)_mm256_testc_si256(p, q) * 5;
  }
}

/* The handler sees the upper half of ymm3 in the frame and changes it; its own registers begin with zeros. */
static u64 seen[4], own[4];
static void handler(int signal, u8 *info, u8 *context) {
  (void)signal, (void)info;
  __asm__ volatile("vmovdqu %%ymm3, %0" : "=m"(own));
  u8 *image = *(u8 **)(context + 40 + 23 * 8);
  u32 *software = (u32 *)(image + 464);
  u64 *upper = (u64 *)(image + 576 + 3 * 16);
  seen[0] = upper[0], seen[1] = upper[1], seen[2] = software[0], seen[3] = *(u64 *)(image + 512) & 4;
  upper[1] ^= 0xffff;
}

static int main_of_guest(u64 argc, char **argv) {
  (void)argc, (void)argv;
  for (u32 i = 0; i < N; i++) {
    u32 h = (i + 1) * 2654435761u;
    words[i] = h, places[i] = h % N, a[i] = (float)(h >> 20), b[i] = (float)(i + 1), x[i] = h % 1000 / 8.0, y[i] = i;
  }
  tally86_start();
  for (u32 round = 1; round <= 4; round++) {
    floats((float)round / 3), integers(round * 5), bits(sum + round);
    union { double number; u64 bits; } total = {doubles(1.0 / (round + 2))};
    sum += total.bits;
    lanes();
  }
  for (int i = 0; i < N; i++) sum = sum * 31 + *(u32 *)(a + i) + *(u64 *)(x + i);
  tally86_stop();
  print_hex("vectors ", sum);
  on_signal(SIGUSR1, handler, 0, 0);
  u64 value[4] = {1, 2, 0x1122334455667788, 0x99aabbccddeeff00}, after[4];
  long pid = SYS(SYS_getpid, 0, 0, 0), result;
  __asm__ volatile("vmovdqu %2, %%ymm3\n mov $62, %%eax\n syscall\n vmovdqu %%ymm3, %1"
                   : "=&a"(result), "=m"(after) : "m"(value), "D"(pid), "S"((long)SIGUSR1) : "rcx", "r11", "ymm3", "memory");
  for (int i = 0; i < 4; i++) print_hex("frame ", seen[i]);
  for (int i = 0; i < 4; i++) print_hex("own ", own[i]);
  for (int i = 0; i < 4; i++) print_hex("after ", after[i]);
  return (int)result;
}
