// Makes random mmap, munmap, mprotect and mremap calls and prints each with its result; first and last /proc/self/maps.
// No page is ever touched, and stdio is not used, so nothing else changes the address space.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#define PAGE 4096ul
#define SLOTS 4096
// NORESERVE: no accounting flag that would keep areas apart
#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

static char out[1 << 22];
static size_t used;
static uint64_t state;

static uint64_t next(uint64_t bound) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state % bound;
}
static void put(char c) { out[used++] = c; }
static void word(const char *text) {
  while (*text) put(*text++);
  put(' ');
}
static void number(unsigned long value) {
  char digits[24];
  int n = 0;
  do digits[n++] = "0123456789abcdef"[value & 15];
  while (value >>= 4);
  while (n) put(digits[--n]);
  put(' ');
}
static void result(void *p) {
  if (p == MAP_FAILED) {
    put('-');
    number(errno);
  } else number((unsigned long)p);
  put('\n');
}
static void maps(void) {
  int fd = open("/proc/self/maps", O_RDONLY);
  word("maps");
  put('\n');
  for (ssize_t n; (n = read(fd, out + used, 4096)) > 0;) used += n;
  close(fd);
  word("end");
  put('\n');
}

static struct { unsigned long at, length; } slot[SLOTS];
static int slots;

static void note(void *p, unsigned long length) {
  if (p != MAP_FAILED && slots < SLOTS) slot[slots].at = (unsigned long)p, slot[slots++].length = length;
}
// Linux 6.7 to 6.11 aligns all mappings of 2 MiB and more, unless it has the fix of 6.12
static int aligns(void) {
  struct utsname name;
  char *rest;
  uname(&name);
  long major = strtol(name.release, &rest, 10), minor = strtol(rest + 1, 0, 10);
  return major == 6 && minor >= 7 && minor < 12;
}
static unsigned long longest = 200000;
// lengths that are no multiple of 2 MiB: newer kernels align those
static unsigned long pages(void) {
  unsigned long n = next(8) == 0 ? 1 + next(longest) : 1 + next(40);
  return (n % 512 == 0 ? n + 1 : n) * PAGE;
}

int main(int argc, char **argv) {
  if (!(personality(0xffffffff) & ADDR_NO_RANDOMIZE)) {
    personality(personality(0xffffffff) | ADDR_NO_RANDOMIZE);
    execv("/proc/self/exe", argv);
    return 9;
  }
  struct rlimit stack = {8 << 20, 8 << 20}, now;
  getrlimit(RLIMIT_STACK, &now);
  if (now.rlim_cur != stack.rlim_cur && argc < 4) {
    // mmap_base follows from the limit at execve
    setrlimit(RLIMIT_STACK, &stack);
    execl("/proc/self/exe", argv[0], argv[1], argv[2], "again", (char *)0);
    return 9;
  }
  if (aligns()) longest = 511;
  state = strtoull(argv[1], 0, 10) * 2654435761u + 1;
  int steps = atoi(argv[2]);
  static const int prots[] = {PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE};
  int file = open("/proc/self/exe", O_RDONLY);
  // what lies from here up to the vDSO is left alone: the kernel does not let everything be done to that
  unsigned long limit = (unsigned long)mmap(0, 128 * PAGE, PROT_EXEC, ANONYMOUS, -1, 0);
  maps();
  for (int i = 0; i < steps; i++) {
    unsigned long length = pages(), hint = 0, inside = slots ? slot[next(slots)].at + (next(4) ? 0 : next(20) * PAGE) : 0;
    unsigned long some = (1 + next(64)) * PAGE, other = (1 + next(64)) * PAGE;
    int prot = prots[next(3)], kind = next(20);
    if (inside + 64 * PAGE > limit && inside < 0x7ffff7fff000) inside = 0;
    if (kind < 5) {
      void *p = mmap(0, length, prot, ANONYMOUS, -1, 0);
      word("map"), number(0), number(length), number(prot), result(p);
      note(p, length);
    } else if (kind < 7) {
      // short ones: some file systems align long ones
      unsigned long offset = next(3) * PAGE;
      void *p = mmap(0, some, prot, MAP_PRIVATE | MAP_NORESERVE, file, offset);
      word("file"), number(some), number(offset), number(prot), result(p);
      note(p, some);
    } else if (kind < 11) {
      static const unsigned long bases[] = {PAGE, 0x10000, 0x40000000, 0x2aaaaaaab000, 0x555555550000, 0x7ffff7fff000, 0x7fffffe00000, 0x7ffffff00000, 0x7ffffffff000, 0x800000000000};
      hint = next(2) && inside ? inside + next(64) * PAGE - 32 * PAGE : bases[next(10)] + next(3) * PAGE - PAGE;
      void *p = mmap((void *)hint, length, prot, ANONYMOUS, -1, 0);
      word("map"), number(hint), number(length), number(prot), result(p);
      note(p, length);
    } else if (kind < 15 && inside) {
      word("unmap"), number(inside), number(some), result(munmap((void *)inside, some) ? MAP_FAILED : 0);
    } else if (kind < 17 && inside) {
      word("protect"), number(inside), number(some), number(prot), result(mprotect((void *)inside, some, prot) ? MAP_FAILED : 0);
    } else if (kind < 18 && inside) {
      word("fixed"), number(inside), number(some), number(prot), result(mmap((void *)inside, some, prot, ANONYMOUS | MAP_FIXED, -1, 0));
    } else {
      // of a mapping just made, so that it lies in one VMA
      void *p = mmap(0, some, prot, ANONYMOUS, -1, 0);
      word("map"), number(0), number(some), number(prot), result(p);
      void *q = mremap(p, some, other, MREMAP_MAYMOVE);
      word("remap"), number((unsigned long)p), number(some), number(other), result(q);
      note(q, other);
    }
  }
  maps();
  for (size_t done = 0; done < used;) {
    ssize_t n = write(1, out + done, used - done);
    if (n <= 0) return 1;
    done += n;
  }
  return 0;
}
