/* One bad deed for each name: what a broken or a hostile program does. Where it lives to tell, the status is 42. */
#include "../signals.h"
static u8 data[64] __attribute__((aligned(64)));

static int __attribute__((noinline)) is(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}
static void jump(u64 to) { __asm__ volatile("jmp *%0" : : "r"(to)); }
#pragma GCC diagnostic ignored "-Winfinite-recursion"
static u64 __attribute__((noinline, optimize("no-optimize-sibling-calls"))) recurse(u64 n) {
  volatile u64 frame[16];
  frame[n & 15] = n;
  return recurse(n + frame[n & 15] * 0 + 1) + frame[n & 15];
}
static void handler(int signal, u8 *info, u8 *context) { (void)signal, (void)info, (void)context; }

/* Memory of 1 MiB each until there is no more, all of it written. */
static int allocate(void) {
  u64 pieces = 0;
  for (;; pieces++) {
    u8 *piece = map(0, 1 << 20, 3, 0);
    if ((i64)piece < 0) return pieces > 8 && (i64)piece == -12 ? 42 : 1;
    memset(piece, 1, 1 << 20);
  }
}
/* Pages whose protection alternates, so that no two become one mapping, until there are too many. */
static int many_maps(void) {
  for (u64 i = 0; i < 100000; i++) {
    i64 page = (i64)map(0, 4096, i & 1 ? 1 : 3, 0);
    if (page < 0) return i > 65000 && i < 65530 && page == -12 ? 42 : 1;
  }
  return 2;
}

static int main_of_guest(u64 argc, char **argv) {
  const char *deed = argc > 1 ? argv[1] : "";
  u8 *d = data;
  u64 n = 1ul << 60;
  volatile u64 low = 8;
  if (is(deed, "null")) return *(volatile u8 *)(u64)(argc - 2);
  if (is(deed, "kernel")) return *(volatile u8 *)0xffffffff80000000ul;
  if (is(deed, "non-canonical")) return *(volatile u8 *)0x8000000000000000ul;
  if (is(deed, "nowhere")) jump(0x123456789000ul);
  if (is(deed, "beyond")) jump(0x8000000000000000ul);
  if (is(deed, "nx")) data[0] = 0xc3, jump((u64)data);
  if (is(deed, "read-only")) *(volatile u8 *)(u64)is = 1;
  if (is(deed, "recursion")) return (int)recurse(1);
  if (is(deed, "stosb")) __asm__ volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(0x5a) : "memory");
  if (is(deed, "movsq-down")) __asm__ volatile("std\n rep movsq" : "+D"(d), "+c"(n) : "S"(data) : "memory");
  if (is(deed, "illegal")) __asm__ volatile("ud2");
  if (is(deed, "hlt")) __asm__ volatile("hlt");
  if (is(deed, "int3")) __asm__ volatile("int3");
  if (is(deed, "int80")) __asm__ volatile("int $0x81");
  if (is(deed, "divide")) __asm__ volatile("xorl %%ecx, %%ecx\n divl %%ecx" : : : "rax", "rcx", "rdx");
  if (is(deed, "overflow")) __asm__ volatile("movl $0x80000000, %%eax\n cltd\n movl $-1, %%ecx\n idivl %%ecx" : : : "rax", "rcx", "rdx");
  if (is(deed, "abort")) SYS(62, SYS(39, 0, 0, 0), 6, 0);
  if (is(deed, "kill")) SYS(62, SYS(39, 0, 0, 0), 9, 0);
  if (is(deed, "allocate")) return allocate();
  if (is(deed, "maps")) return many_maps();
  if (is(deed, "no-stack")) __asm__ volatile("xorl %esp, %esp\n push %rax");
  if (is(deed, "handler-nowhere")) on_signal(SIGSEGV, (void *)0x123456789000ul, SA_NODEFER, 0), *(volatile u8 *)low = 1;
  if (is(deed, "handler-again")) on_signal(SIGSEGV, handler, 0, 0), *(volatile u8 *)low = 1;
  if (is(deed, "sigreturn")) SYS(15, 0, 0, 0);
  if (is(deed, "unmap")) SYS(SYS_munmap, 0, 0x7ffffffff000ul, 0);
  if (is(deed, "forever")) for (;;) __asm__ volatile("");
  return 3;
}
