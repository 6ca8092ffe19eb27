/*
 * Executes single instructions on the real CPU: batches of cases on stdin, results on stdout (protocol: ../README.md).
 *
 * A case is loaded whole by rt_sigreturn from a crafted frame (general registers, rflags, the XSAVE image) and ends in a
 * signal: the single-step trap, the int3 behind the instruction, or the fault it raises; the frame the kernel then builds is
 * the complete final state. No libc, so no thread-local storage, and fs and gs belong to the case.
 * Facts used: sigreturn(2), arch_prctl(2); arch/x86/include/uapi/asm/sigcontext.h; SDM vol. 1 chapter 13 (XSAVE).
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;

#define PAGE 4096UL
#define CODE_BASE 0x10000000UL
#define CODE_SIZE (2 * PAGE)
#define ARENA_BASE 0x20000000UL
#define ARENA_RW (4 * PAGE)
#define ARENA_SIZE (5 * PAGE) /* the last page is read-only; what is around is unmapped */

#define BATCH_MAX (16UL << 20)
#define OUT_MAX (48UL << 20)

#define FLAG_INT3 1u /* stop by an int3 behind the instruction instead of TF */
#define TF 0x100UL

enum { SYS_read = 0, SYS_write = 1, SYS_mmap = 9, SYS_mprotect = 10, SYS_rt_sigaction = 13, SYS_rt_sigprocmask = 14, SYS_execve = 59,
       SYS_exit = 60, SYS_sigaltstack = 131, SYS_personality = 135, SYS_arch_prctl = 158 };

/* Both little-endian, as they cross the pipe. */
struct in {
  u32 size, flags;
  u64 gpr[16], rflags, fs_base, gs_base; /* rax rcx rdx rbx rsp rbp rsi rdi r8 … r15 */
  u32 code_offset, code_length;
  u8 code[16];
  u8 fx[512];
  u8 ymm_high[256];
  u32 patches, pad; /* each: u32 offset, u32 length, bytes padded to 8 */
};
struct out {
  u32 size, stopped; /* stopped: 1 after the whole instruction, 0 by a signal of its own */
  u64 gpr[16], rip, rflags;
  u32 signal, code;
  u64 address, trap, error, cr2;
  u8 fx[512];
  u8 ymm_high[256];
  u32 diffs, pad; /* each: u32 offset, u32 length, bytes padded to 8 */
};

struct sigcontext {
  u64 r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, eflags;
  u16 cs, gs, fs, ss;
  u64 err, trapno, oldmask, cr2;
  u8 *fpstate;
  u64 reserved[8];
};
struct altstack { void *sp; int flags; u64 size; };
struct ucontext { u64 flags; void *link; struct altstack stack; struct sigcontext c; u64 mask; };
struct siginfo { int signo, errno_, code, pad; u64 addr; };
struct xsave { u8 fx[464]; u32 magic1, extended_size; u64 features; u32 size, pad[7]; u64 xstate_bv, xcomp_bv, reserved[6]; u8 ymm_high[256]; u32 magic2; } __attribute__((aligned(64)));

static u8 altstack_memory[65536] __attribute__((aligned(64)));
static struct xsave xsave;
static struct ucontext frame;
static u8 base_image[ARENA_SIZE], shadow[ARENA_SIZE];
static struct out *result;
static u64 stop_rip;
static u32 case_flags;
static u64 fs_now, gs_now;

extern void run_case(void *sp);
extern void back(void);
extern void handler_entry(void);
extern void restorer(void);

__asm__(
  ".globl _start, run_case, back, handler_entry, restorer\n"
  "_start: mov %rsp, %rdi\n and $-16, %rsp\n call start\n"
  /* leaves by rt_sigreturn; `back` returns from it */
  "run_case: push %rbx\n push %rbp\n push %r12\n push %r13\n push %r14\n push %r15\n"
  " mov %rsp, saved_sp(%rip)\n mov %rdi, %rsp\n mov $15, %eax\n syscall\n"
  "back: mov saved_sp(%rip), %rsp\n pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbp\n pop %rbx\n ret\n"
  /* AC may still be set: the handler must not be checked for alignment */
  "handler_entry: push $2\n popf\n jmp handler\n"
  "restorer: mov $15, %eax\n syscall\n"
  ".local saved_sp\n .comm saved_sp, 8, 8\n");

static long syscall6(long n, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f) {
  long ret;
  register u64 r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
  __asm__ volatile("syscall" : "=a"(ret) : "0"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return ret;
}
#define CALL(n, a, b, c) syscall6(n, (u64)(a), (u64)(b), (u64)(c), 0, 0, 0)

void *memcpy(void *to, const void *from, u64 n) {
  void *ret = to;
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
  return ret;
}
void *memset(void *to, int value, u64 n) {
  void *ret = to;
  __asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(value) : "memory");
  return ret;
}

__attribute__((noreturn)) static void quit(int status) {
  for (;;) CALL(SYS_exit, status, 0, 0);
}

static void map(u64 address, u64 size, int prot) {
  if (syscall6(SYS_mmap, address, size, prot, 0x32 /* private, anonymous, fixed */, ~0UL, 0) != (long)address) quit(101);
}

__attribute__((used)) void handler(int sig, struct siginfo *info, struct ucontext *uc) {
  const struct sigcontext *c = &uc->c;
  struct out *r = result;
  const u64 gpr[16] = { c->rax, c->rcx, c->rdx, c->rbx, c->rsp, c->rbp, c->rsi, c->rdi, c->r8, c->r9, c->r10, c->r11, c->r12, c->r13, c->r14, c->r15 };
  memcpy(r->gpr, gpr, sizeof gpr);
  r->rip = c->rip;
  r->rflags = c->eflags;
  r->signal = sig;
  r->code = info->code;
  r->address = info->addr;
  r->trap = c->trapno;
  r->error = c->err;
  r->cr2 = c->cr2;
  r->stopped = 0;
  if (sig == 5 && (case_flags & FLAG_INT3) && c->rip == stop_rip + 1) {
    r->stopped = 1;
    r->rip--;
  } else if (sig == 5 && !(case_flags & FLAG_INT3)) r->stopped = 1;
  const struct xsave *x = (const void *)c->fpstate;
  memcpy(r->fx, x, 512);
  u64 bv = x->magic1 == 0x46505853 ? x->xstate_bv : 3;
  if (!(bv & 1)) { /* in its initial configuration, SDM vol. 1 13.6 */
    memset(r->fx, 0, 24);
    memset(r->fx + 32, 0, 128);
    *(u16 *)r->fx = 0x37f;
  }
  if (!(bv & 2)) memset(r->fx + 160, 0, 256);
  if (bv & 4) memcpy(r->ymm_high, x->ymm_high, 256);
  else memset(r->ymm_high, 0, 256);
  memset(r->fx + 416, 0, 96);
  back();
}

static u8 *put_diffs(u8 *out, struct out *r) {
  const u64 *a = (const u64 *)ARENA_BASE, *b = (const u64 *)shadow;
  r->diffs = 0;
  for (u64 i = 0; i < ARENA_RW / 8; i++) {
    if (a[i] == b[i]) continue;
    u64 j = i;
    while (j < ARENA_RW / 8 && a[j] != b[j]) j++;
    u32 *head = (u32 *)out;
    head[0] = i * 8;
    head[1] = (j - i) * 8;
    memcpy(out + 8, a + i, (j - i) * 8);
    out += 8 + (j - i) * 8;
    r->diffs++;
    memcpy((u8 *)ARENA_BASE + i * 8, base_image + i * 8, (j - i) * 8);
    i = j;
  }
  return out;
}

static void apply(const u8 *patch, u32 n, int undo) {
  while (n--) {
    u32 offset = ((const u32 *)patch)[0], length = ((const u32 *)patch)[1];
    if (offset > ARENA_RW || length > ARENA_RW - offset) quit(102);
    const u8 *from = undo ? base_image + offset : patch + 8;
    memcpy((u8 *)ARENA_BASE + offset, from, length);
    memcpy(shadow + offset, from, length);
    patch += 8 + ((length + 7) & ~7u);
  }
}

static u8 *execute(const struct in *in, u8 *out) {
  struct sigcontext *c = &frame.c;
  result = (struct out *)out;
  case_flags = in->flags;
  if (in->code_offset >= CODE_SIZE || in->code_length > 15) quit(103);
  u8 *code = (u8 *)CODE_BASE + in->code_offset;
  u64 room = CODE_SIZE - in->code_offset;
  u64 length = in->code_length < room ? in->code_length : room;
  memcpy(code, in->code, length);
  if (length < room) code[length] = 0xcc;
  stop_rip = (u64)code + in->code_length;
  apply((const u8 *)(in + 1), in->patches, 0);
  c->rax = in->gpr[0]; c->rcx = in->gpr[1]; c->rdx = in->gpr[2]; c->rbx = in->gpr[3];
  c->rsp = in->gpr[4]; c->rbp = in->gpr[5]; c->rsi = in->gpr[6]; c->rdi = in->gpr[7];
  c->r8 = in->gpr[8]; c->r9 = in->gpr[9]; c->r10 = in->gpr[10]; c->r11 = in->gpr[11];
  c->r12 = in->gpr[12]; c->r13 = in->gpr[13]; c->r14 = in->gpr[14]; c->r15 = in->gpr[15];
  c->rip = (u64)code;
  c->eflags = (in->rflags & ~TF) | (in->flags & FLAG_INT3 ? 0 : TF);
  c->fpstate = (u8 *)&xsave;
  memcpy(&xsave, in->fx, 464);
  xsave.magic1 = 0x46505853;
  xsave.magic2 = 0x46505845;
  xsave.features = xsave.xstate_bv = 7;
  xsave.xcomp_bv = 0;
  xsave.size = __builtin_offsetof(struct xsave, magic2);
  xsave.extended_size = xsave.size + 4;
  memcpy(xsave.ymm_high, in->ymm_high, 256);
  if (in->fs_base != fs_now) { if (CALL(SYS_arch_prctl, 0x1002, in->fs_base, 0)) quit(104); fs_now = in->fs_base; }
  if (in->gs_base != gs_now) { if (CALL(SYS_arch_prctl, 0x1001, in->gs_base, 0)) quit(104); gs_now = in->gs_base; }
  run_case(&frame);
  u8 *end = put_diffs(out + sizeof(struct out), result);
  apply((const u8 *)(in + 1), in->patches, 1);
  result->size = end - out;
  result->pad = 0;
  return end;
}

static int read_all(u8 *to, u64 n) {
  u64 got = 0;
  while (got < n) {
    long k = CALL(SYS_read, 0, to + got, n - got);
    if (k == -4) continue;
    if (k < 0) quit(105);
    if (k == 0) { if (got == 0) return 0; quit(106); }
    got += k;
  }
  return 1;
}

static void write_all(const u8 *from, u64 n) {
  while (n) {
    long k = CALL(SYS_write, 1, from, n);
    if (k == -4) continue;
    if (k <= 0) quit(107);
    from += k;
    n -= k;
  }
}

__attribute__((used)) void start(u64 *stack) {
  char **argv = (char **)(stack + 1), **env = argv + stack[0] + 1;
  long persona = CALL(SYS_personality, 0xffffffffUL, 0, 0);
  /* no ASLR: what a wild address hits must not differ from run to run */
  if (persona >= 0 && !(persona & 0x40000) && stack[0] == 1) {
    char *again[] = { argv[0], "again", 0 };
    CALL(SYS_personality, persona | 0x40000, 0, 0);
    CALL(SYS_execve, "/proc/self/exe", again, env);
  }
  map(CODE_BASE, CODE_SIZE, 7);
  memset((void *)CODE_BASE, 0xcc, CODE_SIZE);
  map(ARENA_BASE, ARENA_SIZE, 3);
  for (u32 i = 0; i < ARENA_SIZE; i++) {
    u32 x = i * 2654435761u;
    base_image[i] = (u8)(x >> 24 ^ x >> 11);
  }
  memcpy((void *)ARENA_BASE, base_image, ARENA_SIZE);
  memcpy(shadow, base_image, ARENA_SIZE);
  CALL(SYS_mprotect, ARENA_BASE + ARENA_RW, ARENA_SIZE - ARENA_RW, 1);

  struct altstack alt = { altstack_memory, 0, sizeof altstack_memory };
  if (CALL(SYS_sigaltstack, &alt, 0, 0)) quit(108);
  struct { void (*handler)(void); u64 flags; void (*restorer)(void); u64 mask; } act = { handler_entry, 0x4c000004 /* siginfo, restorer, onstack, nodefer */, restorer, 0 };
  const int fatal[] = { 4, 5, 7, 8, 11 };
  for (u32 i = 0; i < 5; i++) if (syscall6(SYS_rt_sigaction, fatal[i], (u64)&act, 0, 8, 0, 0)) quit(109);
  frame.flags = 7; /* xstate, ss valid, strict ss */
  frame.stack = alt;
  frame.c.cs = 0x33;
  frame.c.ss = 0x2b;

  u8 *batch = (u8 *)0x580000000000UL, *out = (u8 *)0x581000000000UL;
  map((u64)batch, BATCH_MAX, 3);
  map((u64)out, OUT_MAX, 3);
  u32 head[2]; /* bytes, cases */
  while (read_all((u8 *)head, 8)) {
    if (head[0] > BATCH_MAX) quit(110);
    read_all(batch, head[0]);
    const u8 *p = batch;
    u8 *end = out + 8;
    for (u32 i = 0; i < head[1]; i++) {
      const struct in *in = (const struct in *)p;
      if (in->size < sizeof *in || p + in->size > batch + head[0]) quit(111);
      if (end + 2 * ARENA_SIZE > out + OUT_MAX) quit(112);
      end = execute(in, end);
      p += in->size;
    }
    ((u32 *)out)[0] = end - out - 8;
    ((u32 *)out)[1] = head[1];
    write_all(out, end - out);
  }
  quit(0);
}
