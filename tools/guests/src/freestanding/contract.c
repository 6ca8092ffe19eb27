/*
 * What Wasmer did for each contract: reserve 6 GiB, unlock 64 MiB, touch four pages, give all back.
 * Usage: contract [contracts]; a mark around each.
 */
#include "../free.h"
static int main_of_guest(u64 argc, char **argv) {
  u64 contracts = 0;
  if (argc > 1) for (const char *p = argv[1]; *p >= '0' && *p <= '9'; p++) contracts = contracts * 10 + (u64)(*p - '0');
  else contracts = 1;
  for (u64 i = 0; i < contracts; i++) {
    tally86_start();
    u8 *memory = map(0, 6ul << 30, 0, 0x4000);
    if ((u64)memory > -4096ul) {
      tally86_stop();
      print("contract: out of memory\n");
      return 3;
    }
    if (SYS(SYS_mprotect, memory, 64ul << 20, 3) != 0) {
      tally86_stop();
      print("contract: out of memory\n");
      return 3;
    }
    for (u64 page = 0; page < 4; page++) memory[page * (16ul << 20)] = (u8)i;
    SYS(SYS_munmap, memory, 6ul << 30, 0);
    tally86_stop();
  }
  return 0;
}
