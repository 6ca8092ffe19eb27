/* Evaluates vectors of x87 and SSE operations on the native CPU.
 *
 * stdin:  records of 40 bytes: u32 op, u32 control (x87 CW or MXCSR), 16 bytes a, 16 bytes b.
 * stdout: records of 56 bytes: 16 bytes st0, 16 bytes st1, 16 bytes mem, u32 status (x87 SW or MXCSR), u32 trap.
 * `oracle --list` prints the operations, one name a line, in the order of their numbers.
 *
 * x87: b is loaded first, then a, so a is ST(0) and b is ST(1). The state after the operation is taken
 * with fnsave, which does not wait, so unmasked exceptions stay pending and are seen in the status word.
 * SSE: the result is in mem; an unmasked exception raises SIGFPE: trap = 1, status from the signal frame. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

struct in { uint32_t op, ctl; uint8_t a[16], b[16]; };
struct out { uint8_t st0[16], st1[16], mem[16]; uint32_t status, trap; };

struct fsave { uint32_t cw, sw, tag, eip, cs, dp, ds; uint8_t st[8][10]; } __attribute__((packed));

#define X87(fn, ins) \
  static void fn(const struct in *i, struct out *o) { \
    struct fsave s; uint16_t cw = i->ctl; \
    asm volatile("fninit\n\tfldt %[b]\n\tfldt %[a]\n\tfldcw %[cw]\n\t" ins "\n\tfnsave %[s]" \
      : [s] "=m"(s), [m] "+m"(o->mem) : [a] "m"(i->a), [b] "m"(i->b), [cw] "m"(cw) : "memory", "cc"); \
    memcpy(o->st0, s.st[0], 10); memcpy(o->st1, s.st[1], 10); o->status = s.sw & 0xffff; }

/* Operand b comes from memory (for m32 / m64 / m16 forms and loads): ST(0) is a. */
#define X87M(fn, ins) \
  static void fn(const struct in *i, struct out *o) { \
    struct fsave s; uint16_t cw = i->ctl; \
    asm volatile("fninit\n\tfldt %[a]\n\tfldcw %[cw]\n\t" ins "\n\tfnsave %[s]" \
      : [s] "=m"(s), [m] "+m"(o->mem) : [a] "m"(i->a), [b] "m"(i->b), [cw] "m"(cw) : "memory", "cc"); \
    memcpy(o->st0, s.st[0], 10); memcpy(o->st1, s.st[1], 10); o->status = s.sw & 0xffff; }

/* fcomi family: the flags are delivered in mem[0] as ZF | PF << 1 | CF << 2. */
#define X87I(fn, ins) \
  static void fn(const struct in *i, struct out *o) { \
    struct fsave s; uint16_t cw = i->ctl; uint8_t z = 0, p = 0, c = 0; \
    asm volatile("fninit\n\tfldt %[b]\n\tfldt %[a]\n\tfldcw %[cw]\n\txorl %%eax, %%eax\n\t" ins \
      "\n\tsetz %[z]\n\tsetp %[p]\n\tsetc %[c]\n\tfnsave %[s]" \
      : [s] "=m"(s), [z] "+m"(z), [p] "+m"(p), [c] "+m"(c) : [a] "m"(i->a), [b] "m"(i->b), [cw] "m"(cw) : "memory", "cc", "eax"); \
    memcpy(o->st0, s.st[0], 10); memcpy(o->st1, s.st[1], 10); o->status = s.sw & 0xffff; \
    memset(o->mem, 0, 16); o->mem[0] = z | p << 1 | c << 2; }

X87(x_fadd, "fadd %%st(1), %%st") X87(x_fsub, "fsub %%st(1), %%st") X87(x_fsubr, "fsubr %%st(1), %%st")
X87(x_fmul, "fmul %%st(1), %%st") X87(x_fdiv, "fdiv %%st(1), %%st") X87(x_fdivr, "fdivr %%st(1), %%st")
X87(x_fsqrt, "fsqrt") X87(x_fcom, "fcom %%st(1)") X87(x_fucom, "fucom %%st(1)") X87(x_ftst, "ftst")
X87I(x_fcomi, "fcomi %%st(1), %%st") X87I(x_fucomi, "fucomi %%st(1), %%st")
X87(x_frndint, "frndint") X87(x_fprem, "fprem") X87(x_fprem1, "fprem1") X87(x_fscale, "fscale") X87(x_fxtract, "fxtract")
X87(x_fxam, "fxam") X87(x_fchs, "fchs") X87(x_fabs, "fabs")
X87(x_fsts, "fsts %[m]") X87(x_fstl, "fstl %[m]") X87(x_fists, "fists %[m]") X87(x_fistl, "fistl %[m]") X87(x_fistpq, "fistpll %[m]")
X87(x_fisttps, "fisttps %[m]") X87(x_fisttpl, "fisttpl %[m]") X87(x_fisttpq, "fisttpll %[m]") X87(x_fbstp, "fbstp %[m]")
X87M(x_flds, "flds %[b]") X87M(x_fldl, "fldl %[b]") X87M(x_filds, "filds %[b]") X87M(x_fildl, "fildl %[b]") X87M(x_fildq, "fildll %[b]")
X87M(x_fbld, "fbld %[b]")
X87M(x_fadds, "fadds %[b]") X87M(x_faddl, "faddl %[b]") X87M(x_fmuls, "fmuls %[b]") X87M(x_fmull, "fmull %[b]")
X87M(x_fsubs, "fsubs %[b]") X87M(x_fsubrl, "fsubrl %[b]") X87M(x_fdivs, "fdivs %[b]") X87M(x_fdivl, "fdivl %[b]") X87M(x_fdivrl, "fdivrl %[b]")
X87M(x_fcoms, "fcoms %[b]") X87M(x_fcoml, "fcoml %[b]") X87M(x_fiadds, "fiadds %[b]") X87M(x_fidivl, "fidivl %[b]") X87M(x_ficoml, "ficoml %[b]")
X87M(x_fld1, "fld1") X87M(x_fldl2t, "fldl2t") X87M(x_fldl2e, "fldl2e") X87M(x_fldpi, "fldpi") X87M(x_fldlg2, "fldlg2")
X87M(x_fldln2, "fldln2") X87M(x_fldz, "fldz")
X87(x_fsin, "fsin") X87(x_fcos, "fcos") X87(x_fsincos, "fsincos") X87(x_fptan, "fptan") X87(x_fpatan, "fpatan")
X87(x_f2xm1, "f2xm1") X87(x_fyl2x, "fyl2x") X87(x_fyl2xp1, "fyl2xp1")

static sigjmp_buf jump;
static volatile uint32_t trap_mxcsr;
static void on_fpe(int sig, siginfo_t *si, void *uc) {
  (void)sig; (void)si;
  trap_mxcsr = ((ucontext_t *)uc)->uc_mcontext.fpregs->mxcsr;
  siglongjmp(jump, 1);
}
static const uint32_t default_mxcsr = 0x1f80;

#define SSE(fn, body, cons) \
  static void fn(const struct in *i, struct out *o) { \
    uint32_t after = 0; uint64_t x = 0; (void)x; \
    if (sigsetjmp(jump, 1)) { asm volatile("ldmxcsr %0" :: "m"(default_mxcsr)); o->status = trap_mxcsr; o->trap = 1; return; } \
    asm volatile("movups %[a], %%xmm0\n\tmovups %[b], %%xmm1\n\tldmxcsr %[ctl]\n\t" body \
      "\n\tstmxcsr %[after]\n\tldmxcsr %[def]" \
      : [after] "=m"(after), [mem] "=m"(o->mem) : [a] "m"(i->a), [b] "m"(i->b), [ctl] "m"(i->ctl), [def] "m"(default_mxcsr) \
      : "xmm0", "xmm1", "rax", "cc", "memory"); \
    o->status = after; cons }
#define S2(fn, ins) SSE(fn, ins " %%xmm1, %%xmm0\n\tmovups %%xmm0, %[mem]", )
#define S1(fn, ins) SSE(fn, ins " %%xmm0, %%xmm1\n\tmovups %%xmm1, %[mem]", )
#define SR(fn, ins) SSE(fn, "xorl %%eax, %%eax\n\t" ins " %%xmm0, %%rax\n\tmovq %%rax, %[mem]", memset(o->mem + 8, 0, 8);)
#define SR32(fn, ins) SSE(fn, "xorl %%eax, %%eax\n\t" ins " %%xmm0, %%eax\n\tmovq %%rax, %[mem]", memset(o->mem + 8, 0, 8);)
#define SI(fn, ins) SSE(fn, "movq %[a], %%rax\n\t" ins " %%rax, %%xmm1\n\tmovups %%xmm1, %[mem]", )
#define SI32(fn, ins) SSE(fn, "movl %[a], %%eax\n\t" ins " %%eax, %%xmm1\n\tmovups %%xmm1, %[mem]", )
#define SC(fn, ins) SSE(fn, "xorl %%eax, %%eax\n\tmovq %%rax, %[mem]\n\t" ins " %%xmm1, %%xmm0\n\tsetz %%al\n\tmovb %%al, %[mem]\n\t" \
  "setp %%al\n\tmovb %%al, 1+%[mem]\n\tsetc %%al\n\tmovb %%al, 2+%[mem]", memset(o->mem + 3, 0, 13);)

S2(s_addss, "addss") S2(s_subss, "subss") S2(s_mulss, "mulss") S2(s_divss, "divss") S2(s_minss, "minss") S2(s_maxss, "maxss")
S2(s_addsd, "addsd") S2(s_subsd, "subsd") S2(s_mulsd, "mulsd") S2(s_divsd, "divsd") S2(s_minsd, "minsd") S2(s_maxsd, "maxsd")
S1(s_sqrtss, "sqrtss") S1(s_sqrtsd, "sqrtsd") S1(s_cvtss2sd, "cvtss2sd") S1(s_cvtsd2ss, "cvtsd2ss")
SC(s_ucomiss, "ucomiss") SC(s_comiss, "comiss") SC(s_ucomisd, "ucomisd") SC(s_comisd, "comisd")
SR32(s_cvtss2si, "cvtss2si") SR(s_cvtss2siq, "cvtss2si") SR32(s_cvttss2si, "cvttss2si") SR(s_cvttss2siq, "cvttss2si")
SR32(s_cvtsd2si, "cvtsd2si") SR(s_cvtsd2siq, "cvtsd2si") SR32(s_cvttsd2si, "cvttsd2si") SR(s_cvttsd2siq, "cvttsd2si")
SI32(s_cvtsi2ss, "cvtsi2ssl") SI(s_cvtsi2ssq, "cvtsi2ssq") SI32(s_cvtsi2sd, "cvtsi2sdl") SI(s_cvtsi2sdq, "cvtsi2sdq")
#define ROUND(n, imm) S1(s_roundss##n, "roundss $" #imm ",") S1(s_roundsd##n, "roundsd $" #imm ",")
ROUND(0, 0) ROUND(1, 1) ROUND(2, 2) ROUND(3, 3) ROUND(4, 4) ROUND(8, 8) ROUND(12, 12)
S1(s_rcpss, "rcpss") S1(s_rsqrtss, "rsqrtss")

static const struct { const char *name; void (*run)(const struct in *, struct out *); } ops[] = {
#define E(p, n) { #n, p##n },
  E(x_, fadd) E(x_, fsub) E(x_, fsubr) E(x_, fmul) E(x_, fdiv) E(x_, fdivr) E(x_, fsqrt) E(x_, fcom) E(x_, fucom) E(x_, ftst)
  E(x_, fcomi) E(x_, fucomi) E(x_, frndint) E(x_, fprem) E(x_, fprem1) E(x_, fscale) E(x_, fxtract) E(x_, fxam) E(x_, fchs) E(x_, fabs)
  E(x_, fsts) E(x_, fstl) E(x_, fists) E(x_, fistl) E(x_, fistpq) E(x_, fisttps) E(x_, fisttpl) E(x_, fisttpq) E(x_, fbstp)
  E(x_, flds) E(x_, fldl) E(x_, filds) E(x_, fildl) E(x_, fildq) E(x_, fbld)
  E(x_, fadds) E(x_, faddl) E(x_, fmuls) E(x_, fmull) E(x_, fsubs) E(x_, fsubrl) E(x_, fdivs) E(x_, fdivl) E(x_, fdivrl)
  E(x_, fcoms) E(x_, fcoml) E(x_, fiadds) E(x_, fidivl) E(x_, ficoml)
  E(x_, fld1) E(x_, fldl2t) E(x_, fldl2e) E(x_, fldpi) E(x_, fldlg2) E(x_, fldln2) E(x_, fldz)
  E(x_, fsin) E(x_, fcos) E(x_, fsincos) E(x_, fptan) E(x_, fpatan) E(x_, f2xm1) E(x_, fyl2x) E(x_, fyl2xp1)
  E(s_, addss) E(s_, subss) E(s_, mulss) E(s_, divss) E(s_, minss) E(s_, maxss)
  E(s_, addsd) E(s_, subsd) E(s_, mulsd) E(s_, divsd) E(s_, minsd) E(s_, maxsd)
  E(s_, sqrtss) E(s_, sqrtsd) E(s_, cvtss2sd) E(s_, cvtsd2ss) E(s_, ucomiss) E(s_, comiss) E(s_, ucomisd) E(s_, comisd)
  E(s_, cvtss2si) E(s_, cvtss2siq) E(s_, cvttss2si) E(s_, cvttss2siq) E(s_, cvtsd2si) E(s_, cvtsd2siq) E(s_, cvttsd2si) E(s_, cvttsd2siq)
  E(s_, cvtsi2ss) E(s_, cvtsi2ssq) E(s_, cvtsi2sd) E(s_, cvtsi2sdq)
  E(s_, roundss0) E(s_, roundss1) E(s_, roundss2) E(s_, roundss3) E(s_, roundss4) E(s_, roundss8) E(s_, roundss12)
  E(s_, roundsd0) E(s_, roundsd1) E(s_, roundsd2) E(s_, roundsd3) E(s_, roundsd4) E(s_, roundsd8) E(s_, roundsd12)
  E(s_, rcpss) E(s_, rsqrtss)
};
#define COUNT (sizeof ops / sizeof ops[0])

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "--list") == 0) {
    for (unsigned n = 0; n < COUNT; n++) puts(ops[n].name);
    return 0;
  }
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_sigaction = on_fpe;
  sa.sa_flags = SA_SIGINFO;
  sigaction(SIGFPE, &sa, NULL);
  static struct in in;
  static struct out out;
  while (fread(&in, sizeof in, 1, stdin) == 1) {
    if (in.op >= COUNT) return 1;
    memset(&out, 0, sizeof out);
    memset(out.mem, 0xcc, 16);
    ops[in.op].run(&in, &out);
    if (fwrite(&out, sizeof out, 1, stdout) != 1) return 1;
  }
  return 0;
}
