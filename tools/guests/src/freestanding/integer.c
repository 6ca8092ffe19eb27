/* Integer arithmetic of all widths: hashes, divisions, bit tricks, carries, rotates. */
#include "../free.h"
static u64 state = 0x9e3779b97f4a7c15;
static u64 next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}
static u64 mix(u64 a, u64 b) {
  unsigned __int128 p = (unsigned __int128)a * b;
  return (u64)p ^ (u64)(p >> 64);
}
static int main_of_guest(u64 argc, char **argv) {
  (void)argc, (void)argv;
  u64 sum = 0;
  tally86_start();
  for (int i = 0; i < 2000; i++) {
    u64 a = next(), b = next();
    sum += mix(a, b);
    sum ^= a / ((b >> 33) | 1);
    sum += (u64)((i64)a % ((i64)(b >> 40) + 3));
    sum += (u32)a / ((u32)b | 1) + (u16)((u16)a * (u16)b) + (u8)((u8)a % ((u8)b | 1));
    sum = (sum << (a & 63)) | (sum >> (-a & 63));
    sum += __builtin_popcountl(a) + __builtin_clzl(a | 1) + __builtin_ctzl(b | (1ul << 63)) + __builtin_bswap64(b);
    unsigned __int128 wide = ((unsigned __int128)a << 64 | b) - ((unsigned __int128)b << 64 | a);
    sum += (u64)(wide >> 64) + (u64)wide;
    if ((int)a < (int)b) sum += 3;
    if ((u8)a >= (u8)b) sum ^= 5;
    if ((short)a > (short)b) sum += sum >> 9;
    sum += (i64)(signed char)a + (i64)(short)b + (i64)(int)sum;
  }
  tally86_stop();
  print_hex("integer ", sum);
  return 0;
}
