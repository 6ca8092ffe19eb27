/* Executes a program by execve(2) itself, at the addresses of a kernel that does not randomise. Exits with 255 and tells the errno if the kernel refuses. */
#include <errno.h>
#include <stdio.h>
#include <sys/personality.h>
#include <unistd.h>
int main(int argc, char **argv) {
  char *none[] = {NULL};
  if (argc < 2) return 1;
  personality(ADDR_NO_RANDOMIZE);
  execve(argv[1], argv + 1, none);
  fprintf(stderr, "errno %d", errno);
  return 255;
}
