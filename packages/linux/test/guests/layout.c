/* Where the kernel puts things, without address randomisation. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

static char text[8192];
static void say(const char *name, unsigned long value) {
  int n = snprintf(text, sizeof text, "%s %lx\n", name, value);
  write(1, text, n);
}

int main(int argc, char **argv, char **envp) {
  static const int types[] = {AT_PAGESZ, AT_CLKTCK, AT_PHENT, AT_PHNUM, AT_FLAGS, AT_SECURE, AT_RANDOM, AT_EXECFN, AT_PHDR, AT_ENTRY, AT_BASE};
  for (unsigned i = 0; i < sizeof types / sizeof *types; i++) say("auxv", getauxval(types[i]));
  say("platform", (unsigned long)getauxval(AT_PLATFORM));
  say("argc", argc);
  for (int i = 0; i < argc; i++) say(argv[i], (unsigned long)argv[i]);
  for (int i = 0; envp[i]; i++) say(envp[i], (unsigned long)envp[i]);
  say("argv", (unsigned long)argv & 15);
  say("brk", (unsigned long)sbrk(0) & 4095);
  say("bss", (unsigned long)text);
  /* The environment comes last on the stack, then the file name, then eight bytes of zero. */
  say("end", *(unsigned long *)(0x7ffffffff000 - 8));
  return 0;
}
