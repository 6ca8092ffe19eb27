/* SSE to SSE4.2 in loops of integer and single precision: shuffles, saturation, dot products, rounding, string compares, crc32, popcnt. */
#include "../free.h"
#pragma GCC push_options
#pragma GCC target("sse4.2,popcnt")
#include <nmmintrin.h>
static u64 sum;
static void mix(__m128i v) { sum = sum * 0x9e3779b97f4a7c15ul + (u64)_mm_cvtsi128_si64(v) + ((u64)_mm_extract_epi64(v, 1) << 1 | 1); }
static int main_of_guest(u64 argc, char **argv) {
  (void)argc, (void)argv;
  static u8 text[4096] __attribute__((aligned(16)));
  for (int i = 0; i < 4096; i++) text[i] = (u8)(i * 2654435761u >> 13) | (u8)(i % 97 ? 1 : 0);
  for (int i = 50; i < 4096; i += 61) text[i] = 0;
  tally86_start();
  u32 crc = 1;
  __m128i a = _mm_set1_epi32(0x1234567), b = _mm_set_epi32(1, -2, 3, -4);
  for (int i = 0; i + 32 < 4096; i += 7) {
    __m128i x = _mm_loadu_si128((void *)(text + i)), y = _mm_loadu_si128((void *)(text + (i * 13 & 2047)));
    a = _mm_add_epi32(a, _mm_madd_epi16(x, y)), b = _mm_xor_si128(b, _mm_shuffle_epi8(x, y));
    mix(_mm_adds_epu8(x, y)), mix(_mm_subs_epi16(x, y)), mix(_mm_packus_epi16(x, y)), mix(_mm_unpackhi_epi8(x, y)), mix(_mm_maddubs_epi16(x, y));
    mix(_mm_mulhrs_epi16(x, y)), mix(_mm_sad_epu8(x, y)), mix(_mm_mpsadbw_epu8(x, y, 5)), mix(_mm_minpos_epu16(x)), mix(_mm_mullo_epi32(x, y));
    mix(_mm_blendv_epi8(x, y, a)), mix(_mm_alignr_epi8(x, y, 5)), mix(_mm_sra_epi32(x, _mm_set_epi64x(0, i & 63))), mix(_mm_cmpgt_epi64(x, y)), mix(_mm_abs_epi8(x));
    __m128 f = _mm_cvtepi32_ps(x), g = _mm_cvtepi32_ps(y);
    mix(_mm_castps_si128(_mm_dp_ps(f, g, 0xf5))), mix(_mm_castps_si128(_mm_div_ps(f, g))), mix(_mm_cvtps_epi32(_mm_sqrt_ps(_mm_andnot_ps(_mm_set1_ps(-0.0f), f))));
    mix(_mm_castps_si128(_mm_add_ps(_mm_floor_ps(_mm_div_ps(f, _mm_set1_ps(3))), _mm_ceil_ps(_mm_div_ps(g, _mm_set1_ps(7)))))), mix(_mm_castpd_si128(_mm_cvtps_pd(_mm_hadd_ps(f, g))));
    mix(_mm_castps_si128(_mm_min_ps(f, g))), mix(_mm_castps_si128(_mm_cmplt_ps(f, g)));
    sum += (u64)_mm_cmpistri(x, y, 0x0c) * 3 + (u64)_mm_cmpestri(x, i & 31, y, i >> 3 & 31, 0x44) * 5 + (u64)_mm_cmpistrz(x, y, 0x18) + (u64)_mm_cmpistrc(x, y, 0x4a) * 7;
    mix(_mm_cmpistrm(x, y, 0x40)), mix(_mm_cmpestrm(x, 9, y, i & 15, 0x3a));
    crc = _mm_crc32_u32(_mm_crc32_u8(crc, text[i]), (u32)sum);
    crc = (u32)_mm_crc32_u64(crc, sum);
    sum += (u64)_mm_popcnt_u64(sum) + (u64)_mm_movemask_epi8(x) + (u64)_mm_movemask_ps(f) + (u64)_mm_testc_si128(x, y);
  }
  mix(a), mix(b);
  tally86_stop();
  print_hex("sse42 ", sum + crc);
  return 0;
}
