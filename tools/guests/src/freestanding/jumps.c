/* Control flow: jump tables, calls by table and by memory, computed goto, loop and jrcxz, cmov, returns that are jumps, deep recursion. */
#include "../free.h"
static u64 sum;
typedef u64 Function(u64);
static u64 __attribute__((noinline)) f0(u64 x) { return x * 3 + 1; }
static u64 __attribute__((noinline)) f1(u64 x) { return x ^ x >> 7; }
static u64 __attribute__((noinline)) f2(u64 x) { return (x & 1) ? f0(x) : f1(x + 9); }
static u64 __attribute__((noinline)) f3(u64 x) { return x < 2 ? x : f3(x - 1) + f3(x - 2); }
static u64 __attribute__((noinline)) ackermann(u64 m, u64 n) { return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1)); }
static Function *const volatile table[] = {f0, f1, f2};
static u64 __attribute__((noinline)) machine(const u8 *program, u64 x) {
  static const void *const labels[] = {&&add, &&shift, &&call, &&branch, &&swap, &&end};
  u64 acc = x, count = 0;
#define NEXT goto *labels[*program++]
  NEXT;
add: acc += *program++ + x; NEXT;
shift: acc = acc << 3 | acc >> 61; NEXT;
call: acc += table[acc % 3](acc); NEXT;
branch: if (++count < 6) program -= *program; else program++; NEXT;
swap: acc ^= x, x += acc; NEXT;
end: return acc;
}
static u64 __attribute__((noinline)) dispatch(u64 i, u64 x) {
  switch (i & 15) {
    case 0: return x + 1; case 1: return x * 5; case 2: return x ^ 0x55; case 3: return ~x; case 4: return x >> 3; case 5: return x << 2; case 6: return x - i;
    case 7: return x | i; case 8: return x & ~i; case 9: return x * x; case 10: return x / 7; case 11: return x % 11; case 12: return f1(x); default: return x;
  }
}
static int main_of_guest(u64 argc, char **argv) {
  (void)argc, (void)argv;
  tally86_start();
  for (u64 i = 0; i < 3000; i++) sum += dispatch(i * 2654435761u >> 7, sum + i);
  static const u8 program[] = {0, 7, 1, 2, 4, 3, 6, 1, 2, 5};
  for (u64 i = 0; i < 100; i++) sum = sum * 31 + machine(program, i);
  sum += f3(16) + ackermann(2, 9);
  for (u64 n = 0; n < 70; n += 7) {
    u64 c = n, t = 0;
    __asm__ volatile("jrcxz 2f\n1: incq %1\n loop 1b\n2: movl $5, %%ecx\n3: addq %%rcx, %1\n cmpq $40, %1\n loopne 3b\n xorl %%ecx, %%ecx\n jecxz 4f\n ud2\n4:" : "+c"(c), "+r"(t) : : "cc");
    sum = sum * 7 + t + c;
  }
  for (u64 i = 0; i < 50; i++) {
    u64 r;
    /* push and return; call and pop; return over arguments; jump through memory */
    __asm__ volatile("leaq 1f(%%rip), %%rax\n pushq %%rax\n ret\n ud2\n1: call 2f\n2: popq %0\n leaq 2b(%%rip), %%rax\n subq %%rax, %0\n"
                     "pushq %1\n pushq $3\n call 3f\n jmp 4f\n3: addq %1, %0\n ret $16\n4: leaq 5f(%%rip), %%rax\n pushq %%rax\n jmpq *(%%rsp)\n ud2\n5: popq %%rax\n"
                     "pushq %%rbp\n movq %%rsp, %%rbp\n enter $32, $0\n leave\n enter $16, $3\n leave\n popq %%rbp\n xorl %%eax, %%eax\n cmovzq %1, %%rax\n addq %%rax, %0" : "=&r"(r) : "r"(i) : "rax", "cc", "memory");
    sum = sum * 3 + r;
  }
  tally86_stop();
  print_hex("jumps ", sum);
  return 0;
}
