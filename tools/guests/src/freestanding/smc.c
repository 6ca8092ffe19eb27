/* Self-modifying code: a function rewritten many times, a loop that patches itself ahead, a store into its own block. */
#include "../free.h"
static int main_of_guest(u64 argc, char **argv) {
  (void)argc, (void)argv;
  u64 sum = 0;
  u8 *code = map(0, 8192, 7, 0);
  tally86_start();
  for (u32 i = 0; i < 300; i++) {
    u8 *p = code + (i % 3) * 2000;
    *p++ = 0xb8; /* mov eax, i */
    __builtin_memcpy(p, &i, 4);
    p += 4;
    *p++ = 0x05; /* add eax, 2i */
    u32 twice = 2 * i;
    __builtin_memcpy(p, &twice, 4);
    p += 4;
    *p = 0xc3; /* ret */
    sum += ((u32(*)(void))(code + (i % 3) * 2000))();
  }
  /* mov byte [rip+1], dl ; mov al, imm ; movzx eax, al ; ret: the store changes the next instruction */
  static const u8 own[] = {0x40, 0x88, 0x3d, 0x01, 0, 0, 0, 0xb0, 0x11, 0x0f, 0xb6, 0xc0, 0xc3};
  memcpy(code + 4000, own, sizeof own);
  for (u32 i = 0; i < 100; i++) sum = sum * 3 + ((u32(*)(u32))(code + 4000))(i);
  /* a block that spans two pages, changed in the second */
  static const u8 span[] = {0x90, 0x90, 0xb8, 1, 0, 0, 0, 0xc3};
  memcpy(code + 4092, span, sizeof span);
  for (u32 i = 0; i < 50; i++) {
    code[4096] = (u8)i;
    sum = sum * 5 + ((u32(*)(void))(code + 4092))();
  }
  tally86_stop();
  print_hex("smc ", sum);
  return 0;
}
