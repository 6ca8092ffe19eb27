#include "../free.h"
static int main_of_guest(u64 argc, char **argv) {
  (void)argc, (void)argv;
  tally86_start();
  print("hello, world\n");
  tally86_stop();
  return 0;
}
