/* Says where it was put. Needs no relocation: the same source is a static PIE, a program that asks for a loader, and that loader. */
#include "../free.h"
static int main_of_guest(u64 argc, char **argv) {
  (void)argc, (void)argv;
  print_hex("at ", (u64)main_of_guest);
  return 7;
}
