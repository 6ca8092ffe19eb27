import { describe, expect, it } from 'vitest';
import { cpuModels } from '../../cpu-models.ts';
import { printBlock } from '../../ir/print.ts';
import { createLifter } from '../lifter.ts';

const ADDRESS = 0x1000;

/** The IR of the first `count` instructions of hexadecimal bytes at 0x1000. */
function lift(hex: string, count: number, model = 'x86-64-v2'): { name: string; ir: string } {
  const bytes = Uint8Array.from(hex.split(' '), (x) => parseInt(x, 16));
  const fetch = (address: number, into: Uint8Array): number => {
    const part = bytes.subarray(address - ADDRESS, address - ADDRESS + into.length);
    into.set(part);
    return part.length;
  };
  const block = createLifter({ features: cpuModels[model]!.features, fetch }).lift(ADDRESS, count);
  const lines = printBlock(block).split('\n');
  const ir = lines.filter((line) => line.startsWith('  ') && !line.startsWith('  fall ')).map((line) => line.trim());
  return { name: block.instructions[0]!.mnemonic, ir: ir.join('; ') };
}

describe('the IR of one instruction', () => {
  it.each([
    ['48 01 c8', 'add', 'flags.64 add rax, rcx; rax = add.64 rax, rcx'],
    ['01 c8', 'add', 'flags.32 add rax, rcx; rax = add.32 rax, rcx'],
    ['00 e4', 'add', 't0 = extract rax[8:8]; t1 = extract rax[8:8]; flags.8 add t1, t0; t2 = add.32 t1, t0; rax = deposit rax[8:8], t2'],
    ['48 83 c0 05', 'add', 'flags.64 add rax, 5; rax = add.64 rax, 5'],
    ['48 03 43 08', 'add', 't0 = load.64 [rbx + 8]; flags.64 add rax, t0; rax = add.64 rax, t0'],
    ['48 01 43 08', 'add', 't0 = load.64 rmw [rbx + 8]; t1 = add.64 t0, rax; store.64 [rbx + 8], t1; flags.64 add t0, rax'],
    ['66 05 34 12', 'add', 'flags.16 add rax, 0x1234; t0 = add.32 rax, 0x1234; rax = deposit rax[0:16], t0'],
    ['11 d0', 'adc', 't0 = cc b; flags.32 adc rax, rdx, t0; t1 = add.32 rax, rdx; rax = add.32 t1, t0'],
    ['48 19 c0', 'sbb', 't0 = cc b; flags.64 sbb rax, rax, t0; rax = neg.64 t0'],
    ['31 c0', 'xor', 'rax = mov.32 0; flags.32 logic 0'],
    ['48 29 c0', 'sub', 'rax = mov.64 0; flags.64 logic 0'],
    ['48 39 c8', 'cmp', 'flags.64 sub rax, rcx'],
    ['85 c0', 'test', 'flags.32 logic rax'],
    ['f6 c1 08', 'test', 't0 = and.32 rcx, 8; flags.8 logic t0'],
    ['48 ff c0', 'inc', 't0 = cc b; flags.64 inc rax, t0; rax = add.64 rax, 1'],
    ['ff 4b 04', 'dec', 't0 = cc b; t1 = load.32 rmw [rbx + 4]; t2 = sub.32 t1, 1; store.32 [rbx + 4], t2; flags.32 dec t1, t0'],
    ['48 f7 d8', 'neg', 'flags.64 sub 0, rax; rax = neg.64 rax'],
    ['48 f7 13', 'not', 't0 = load.64 rmw [rbx]; t1 = not.64 t0; store.64 [rbx], t1'],
    ['48 89 c8', 'mov', 'rax = mov.64 rcx'],
    ['b8 01 00 00 00', 'mov', 'rax = mov.32 1'],
    ['48 c7 c0 ff ff ff ff', 'mov', 'rax = mov.64 -0x1'],
    ['48 8b 44 8b 10', 'mov', 'rax = load.64 [rbx + rcx*4 + 0x10]'],
    ['8b 05 00 10 00 00', 'mov', 'rax = load.32 [0x2006]'],
    ['64 48 8b 04 25 28 00 00 00', 'mov', 'rax = load.64 fsBase:[0x28]'],
    ['67 8b 03', 'mov', 'rax = load.32 [rbx]a32'],
    ['8a 63 01', 'mov', 't0 = load.8 [rbx + 1]; rax = deposit rax[8:8], t0'],
    ['88 e3', 'mov', 't0 = extract rax[8:8]; rbx = deposit rbx[0:8], t0'],
    ['0f b6 c4', 'movzx', 't0 = extract rax[8:8]; rax = zext8.32 t0'],
    ['48 0f be 03', 'movsx', 'rax = load.8 sext64 [rbx]'],
    ['48 63 c1', 'movsxd', 'rax = sext32.64 rcx'],
    ['48 8d 44 8b 04', 'lea', 'rax = lea.64 [rbx + rcx*4 + 4]'],
    ['8d 43 fc', 'lea', 'rax = add.32 rbx, -0x4'],
    ['48 8d 05 00 00 00 00', 'lea', 'rax = mov.64 0x1007'],
    ['48 0f 44 c1', 'cmove', 'rax = select.64 e ? rcx : rax'],
    ['0f 94 c0', 'sete', 't0 = cc e; rax = deposit rax[0:8], t0'],
    ['48 87 c8', 'xchg', 't0 = mov.64 rax; rax = mov.64 rcx; rcx = mov.64 t0'],
    ['48 0f c8', 'bswap', 'rax = bswap.64 rax'],
    ['c1 e0 05', 'shl', 'flags.32 shl rax, 5; rax = shl.32 rax, 5'],
    ['48 d3 e0', 'shl', 't0 = and.32 rcx, 0x3f; flags.64 shl rax, t0; rax = shl.64 rax, rcx'],
    ['d2 e8', 'shr', 't0 = and.32 rcx, 0x1f; flags.8 shr rax, t0; t1 = zext8.64 rax; t2 = shr.32 t1, t0; rax = deposit rax[0:8], t2'],
    ['c1 c0 05', 'rol', 'rax = rotl.32 rax, 5; rotflags.32 left rax, 5'],
    ['66 d3 c8', 'ror', 't0 = and.32 rcx, 0x1f; t1 = zext16.64 rax; t2 = mul.32 t1, 0x10001; t3 = rotr.32 t2, t0; rotflags.16 right t3, t0; rax = deposit rax[0:16], t3'],
    ['48 d1 d0', 'rcl', 't0 = mov.64 1; helper rcl(3, 0, 64, 65); rax = mov.64 t1; mergeflags 0x801, t2'],
    ['48 0f a4 d0 04', 'shld', 'flags.64 shld rax, rdx, 4; t0 = shl.64 rax, 4; t1 = shr.64 rdx, 0x3c; rax = or.64 t0, t1'],
    ['48 0f a5 d0', 'shld', 't0 = and.32 rcx, 0x3f; flags.64 shld rax, rdx, t0; t1 = shr.64 rdx, 1; t2 = xor.32 t0, 0x3f; t3 = shr.64 t1, t2; t4 = shl.64 rax, t0; rax = or.64 t4, t3'],
    ['48 0f af c1', 'imul', 'flags.64 imul rax, rcx; rax = mul.64 rax, rcx'],
    ['48 f7 e1', 'mul', 'flags.64 mul rax, rcx; t0 = mulhu.64 rax, rcx; rax = mul.64 rax, rcx; rdx = mov.64 t0'],
    ['f7 f1', 'div', 'helper div(2, 1) faults'],
    ['0f a3 c8', 'bt', 't0 = shr.32 rax, rcx; mergeflags 1, t0'],
    ['48 0f ba e8 05', 'bts', 't0 = shr.64 rax, 5; rax = or.64 rax, 0x20; mergeflags 1, t0'],
    ['0f ab 0b', 'bts', 't0 = sext32.64 rcx; t1 = sar.64 t0, 5; t2 = lea.64 [rbx]; t3 = load.32 rmw [t2 + t1*4]; t4 = shr.32 t3, rcx; t5 = shl.32 1, rcx; t6 = or.32 t3, t5; store.32 [t2 + t1*4], t6; mergeflags 1, t4'],
    ['48 0f bc c1', 'bsf', 't0 = ctz.64 rcx; flags.64 scan rcx, t0; rax = select.64 rcx eq 0 ? rax : t0'],
    ['f3 0f b8 c1', 'popcnt', 't0 = popcnt.32 rcx; flags.32 popcnt rcx; rax = mov.32 t0'],
    ['f2 0f 38 f1 c1', 'crc32', 'helper crc32(0, 1, 4)'],
    ['50', 'push', 'store.64 [rsp - 0x8], rax; rsp = sub.64 rsp, 8'],
    ['54', 'push', 'store.64 [rsp - 0x8], rsp; rsp = sub.64 rsp, 8'],
    ['58', 'pop', 'rax = load.64 [rsp]; rsp = add.64 rsp, 8'],
    ['8f 44 24 08', 'pop', 't0 = load.64 [rsp]; store.64 [rsp + 0x10], t0; rsp = add.64 rsp, 8'],
    ['66 50', 'push', 'store.16 [rsp - 0x2], rax; rsp = sub.64 rsp, 2'],
    ['9c', 'pushfq', 't0 = flags; t1 = or.64 t0, rflags; store.64 [rsp - 0x8], t1; rsp = sub.64 rsp, 8'],
    ['9d', 'popfq', 't0 = load.64 [rsp]; t1 = and.64 rflags, -0x244501; t2 = and.64 t0, 0x244500; rflags = or.64 t1, t2; t3 = and.64 t0, 0x8d5; flags.64 explicit t3; rsp = add.64 rsp, 8; leave to 0x1001'],
    ['c8 10 00 00', 'enter', 'store.64 [rsp - 0x8], rbp; t0 = sub.64 rsp, 8; probe write 8 [rsp - 0x18]; rbp = mov.64 t0; rsp = sub.64 rsp, 0x18'],
    ['c9', 'leave', 't0 = load.64 [rbp]; rsp = add.64 rbp, 8; rbp = mov.64 t0'],
    ['e8 00 00 00 00', 'call', 'store.64 [rsp - 0x8], 0x1005; rsp = sub.64 rsp, 8; call 0x1005 returns to 0x1005'],
    ['ff d0', 'call', 'helper checkCanonical(0) faults; store.64 [rsp - 0x8], 0x1002; call rax returns to 0x1002, rsp += -0x8'],
    ['c3', 'ret', 't0 = load.64 [rsp]; ret t0, rsp += 8'],
    ['75 fe', 'jne', 'branch ne ? 0x1000 : 0x1002'],
    ['eb fe', 'jmp', 'jump 0x1000'],
    ['e2 fe', 'loop', 'rcx = sub.64 rcx, 1; branch.64 rcx ne 0 ? 0x1000 : 0x1002'],
    ['e3 fe', 'jrcxz', 'branch.64 rcx eq 0 ? 0x1000 : 0x1002'],
    ['f3 a4', 'movsb', 'rep movs.8 then 0x1002'],
    ['f2 ae', 'scasb', 'repne scas.8 then 0x1002'],
    ['64 a5', 'movsd', 'movs.32 fsBase then 0x1002'],
    ['0f b1 0b', 'cmpxchg', 't0 = load.32 rmw [rbx]; t1 = select.32 rax eq t0 ? rcx : t0; store.32 [rbx], t1; flags.32 sub rax, t0; rax = select.32 rax eq t0 ? rax : t0'],
    ['f0 0f c1 0b', 'xadd', 't0 = load.32 rmw [rbx]; t1 = add.32 t0, rcx; store.32 [rbx], t1; flags.32 add t0, rcx; rcx = mov.32 t0'],
    ['0f c7 0b', 'cmpxchg8b', 't0 = linear [rbx]; probe write 8 [rbx]; helper cmpxchgPair(64, 4) faults'],
    ['f9', 'stc', 'mergeflags 1, 1'],
    ['fd', 'std', 'rflags = or.64 rflags, 0x400'],
    ['9e', 'sahf', 't0 = extract rax[8:8]; mergeflags 0xd5, t0'],
    ['0f a2', 'cpuid', 'helper cpuid()'],
    ['0f 05', 'syscall', 'syscall then 0x1002'],
    ['cc', 'int3', 'trap 3(0) at 0x1001'],
    ['cd 80', 'int', 'trap 13(0x402) at 0x1000'],
    ['f4', 'hlt', 'trap 13(0) at 0x1000'],
    ['0f 0b', 'ud2', 'trap 6(0) at 0x1000'],
    ['8c d8', 'mov', 't0 = zext16.64 selectors; rax = mov.32 t0'],
    ['8e e0', 'mov', 'helper loadSegment(0, 2) faults'],
    ['c5 f4 58 c0', '(undefined)', 'undefined vaddps ymm0,ymm1,ymm0'],
    ['0f 01 e0', 'smsw', 't0 = and.64 rax, -0x100000000; rax = or.64 t0, 0x80050033'],
    ['f3 0f 1e fa', 'endbr64', ''],
    ['66 66 2e 0f 1f 84 00 00 00 00 00', 'nop', ''],
  ])('%s (%s)', (hex, name, ir) => {
    expect(lift(hex, 1)).toEqual({ name, ir });
  });
});

describe('the IR of a run', () => {
  it.each([
    ['flags that the next instruction replaces are not recorded', '48 01 c8 48 29 d0', 2, 'rax = add.64 rax, rcx; flags.64 sub rax, rdx; rax = sub.64 rax, rdx'],
    ['a load may fault, and a handler sees the flags before it', '48 01 c8 48 2b 03', 2, 'flags.64 add rax, rcx; rax = add.64 rax, rcx; t0 = load.64 [rbx]; flags.64 sub rax, t0; rax = sub.64 rax, t0'],
    ['what only dead flags needed goes too', 'ff c0 85 c0', 2, 'rax = add.32 rax, 1; flags.32 logic rax'],
    ['inc keeps the carry, so the record before it is read', '01 c8 ff c0', 2, 'flags.32 add rax, rcx; rax = add.32 rax, rcx; t0 = cc b; flags.32 inc rax, t0; rax = add.32 rax, 1'],
    ['a rotate leaves four flags as they were', '01 c8 c1 c0 05', 2, 'flags.32 add rax, rcx; rax = add.32 rax, rcx; rax = rotl.32 rax, 5; rotflags.32 left rax, 5'],
    ['a shift by cl may leave all of them', '01 c8 d3 e0', 2, 'flags.32 add rax, rcx; rax = add.32 rax, rcx; t0 = and.32 rcx, 0x1f; flags.32 shl rax, t0; rax = shl.32 rax, rcx'],
    ['a branch to the kernel half is a computed one', '0f 84 00 00 00 80', 1, 't0 = select.64 e ? -0x7fffeffa : 0x1006; jump t0'],
  ])('%s', (_, hex, count, ir) => {
    expect(lift(hex, count).ir).toBe(ir);
  });
});

describe('CPU models', () => {
  it.each([
    ['popcnt is undefined in the baseline', 'x86-64', 'f3 0f b8 c1', 'undefined popcnt eax,ecx'],
    ['cmpxchg16b is undefined in the baseline', 'x86-64', '48 0f c7 0b', 'undefined cmpxchg16b [rbx]'],
    ['lzcnt is bsr without the feature', 'x86-64-v2', 'f3 0f bd c1', 't0 = clz.32 rcx; t1 = xor.32 t0, 0x1f; flags.32 scan rcx, t1; rax = select.32 rcx eq 0 ? rax : t1'],
    ['rdfsbase is undefined in v2', 'x86-64-v2', 'f3 48 0f ae c0', 'undefined rdfsbase rax'],
  ])('%s', (_, model, hex, ir) => {
    expect(lift(hex, 1, model).ir).toBe(ir);
  });

  it.each(Object.values(cpuModels))('$name says of itself what it lets the lifter do', ({ name, leaves, features, xcr0 }) => {
    const bit = (leaf: string, register: number, n: number): boolean => ((leaves[leaf]![register]! >>> n) & 1) === 1;
    const shown = {
      sse3: bit('1', 2, 0), ssse3: bit('1', 2, 9), cx16: bit('1', 2, 13), 'sse4.1': bit('1', 2, 19), 'sse4.2': bit('1', 2, 20),
      movbe: bit('1', 2, 22), popcnt: bit('1', 2, 23), xsave: bit('1', 2, 26), avx: bit('1', 2, 28), cmov: bit('1', 3, 15), fxsr: bit('1', 3, 24),
      sse: bit('1', 3, 25), sse2: bit('1', 3, 26), lahf_lm: bit('80000001', 2, 0), lzcnt: bit('80000001', 2, 5), syscall: bit('80000001', 3, 11),
      rdtscp: bit('80000001', 3, 27),
    };
    for (const [feature, is] of Object.entries(shown)) expect([feature, is]).toEqual([feature, features.has(feature)]);
    expect(bit('1', 2, 27)).toBe(xcr0 !== 0);
    const text = [2, 3, 4].flatMap((i) => [...leaves[`8000000${i}`]!]).map((word) => String.fromCharCode(...[0, 8, 16, 24].map((s) => (word >>> s) & 0xff))).join('');
    expect(text.replaceAll('\0', '')).toBe(`tally86 virtual CPU ${name}`);
  });
});
