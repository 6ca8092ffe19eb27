import { expect, test } from 'vitest';
import { cpuModels } from '../../cpu-models.ts';
import type { IrOp } from '../../ir/ops.ts';
import { createLifter } from '../lifter.ts';

function lift(hex: string, model = 'max'): readonly IrOp[] {
  const code = Uint8Array.from(hex.split(' '), (x) => Number.parseInt(x, 16));
  const fetch = (address: number, into: Uint8Array): number => {
    into.fill(0xcc);
    into.set(code.subarray(address - 0x1000), 0);
    return into.length;
  };
  return createLifter({ fetch, features: cpuModels[model]!.features }).lift(0x1000, 1).ops;
}
const short = (op: IrOp): string => {
  switch (op.op) {
    case 'v': return `${op.d}=${op.name}(${op.a},${op.b},${op.imm})`;
    case 'vload': return `${op.d}=vload${op.bytes}${op.aligned ? '!' : ''}`;
    case 'vstore': return `vstore${op.bytes}${op.aligned ? '!' : ''}(${op.a})`;
    case 'vzero': return `${op.d}=0`;
    case 'vmov': return `${op.d}=${op.a}`;
    case 'helper': return `${op.name}(${op.args.join()})`;
    default: return op.op;
  }
};

/** [bytes, what it is, operations; `!` marks an alignment check]; the last operation, a jump, is left out. The upper half of register n is slot 16 + n. */
const ROWS: readonly (readonly [string, string, string])[] = [
  ['c5 e9 fc d9', 'vpaddb xmm3, xmm2, xmm1', '3=i8x16.add(2,1,0) 19=0'],
  ['c5 ed fc d9', 'vpaddb ymm3, ymm2, ymm1', '3=i8x16.add(2,1,0) 19=i8x16.add(18,17,0)'],
  ['c5 ed fc 18', 'vpaddb ymm3, ymm2, [rax]', '32=vload32 3=i8x16.add(2,32,0) 19=i8x16.add(18,48,0)'],
  ['c5 fd 6f 18', 'vmovdqa ymm3, [rax]', '3=vload32!'],
  ['c5 fe 7f 18', 'vmovdqu [rax], ymm3', 'vstore32(3)'],
  ['c5 ed 58 d9', 'vaddpd ymm3, ymm2, ymm1', 'f64x4.add(3,2,1)'],
  ['c5 eb 58 d9', 'vaddsd xmm3, xmm2, xmm1', '32=2 f64.add(32,32,1) 3=32 19=0'],
  ['c5 e3 58 d9', 'vaddsd xmm3, xmm3, xmm1', 'f64.add(3,3,1) 19=0'],
  ['c5 ed f1 d9', 'vpsllw ymm3, ymm2, xmm1', '19=i16x8.shl_by(18,1,0) 3=i16x8.shl_by(2,1,0)'],
  ['c4 e3 fd 00 d9 1b', 'vpermq ymm3, ymm1, 1bh', '32=i64x2.shuffle(17,17,1) 19=i64x2.shuffle(1,1,1) 3=32'],
  ['c4 e2 ed b8 d9', 'vfmadd231pd ymm3, ymm2, ymm1', 'f64x4.fmadd(3,2,1,3)'],
  ['c4 e2 69 92 1c 88', 'vgatherdps xmm3, [rax+xmm1*4], xmm2', 'lea vgather(3,2,64,1057) 2=0 18=0 19=0'],
  ['c4 e2 69 dc d9', 'vaesenc xmm3, xmm2, xmm1', 'aesenc(3,2,1,0) 19=0'],
  ['66 0f 38 dc d9', 'aesenc xmm3, xmm1', 'aesenc(3,3,1,0)'],
];
test.each(ROWS)('%s: %s', (bytes, _text, expected) => {
  expect(lift(bytes).slice(0, -1).map(short).join(' ')).toBe(expected);
});

/** [bytes, models that lack it, models that have it] */
const MODELS: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
  ['c5 e9 fc d9', 'vpaddb xmm', ['x86-64', 'x86-64-v2', 'westmere'], ['x86-64-v3', 'haswell', 'max']],
  ['66 0f 38 dc d9', 'aesenc', ['x86-64', 'x86-64-v2', 'x86-64-v3'], ['westmere', 'haswell', 'max']],
  ['c4 e2 ed b8 d9', 'vfmadd231pd', ['westmere'], ['x86-64-v3']],
  ['c4 e2 68 f2 d9', 'andn', ['x86-64-v2'], ['x86-64-v3']],
  ['0f 38 f0 18', 'movbe', ['x86-64-v2'], ['x86-64-v3']],
  ['0f c7 f0', 'rdrand', ['x86-64-v3'], ['haswell']],
  ['66 0f 38 f6 c1', 'adcx', ['haswell'], ['max']],
  ['0f 38 cb d9', 'sha256rnds2', ['haswell'], ['max']],
  ['0f 01 d0', 'xgetbv', ['x86-64', 'westmere'], ['x86-64-v2', 'x86-64-v3']],
  ['c4 e2 6d dc d9', 'vaesenc ymm: VAES', ['max'], []],
  ['62 f1 6d 28 fc d9', 'vpaddb with an EVEX prefix', ['max'], []],
];
test.each(MODELS)('%s: %s', (bytes, _text, without, having) => {
  for (const model of without) expect(lift(bytes, model).at(-1)!.op, model).toBe('undefined');
  for (const model of having) expect(lift(bytes, model).at(-1)!.op, model).not.toBe('undefined');
});

test.each([
  ['66 c5 e9 fc d9', 'an operand-size prefix'], ['f3 c5 e9 fc d9', 'f3'], ['f2 c5 e9 fc d9', 'f2'], ['f0 c5 e9 fc d9', 'lock'], ['48 c5 e9 fc d9', 'rex'],
  ['c5 e9 6f d9', 'vvvv in vmovdqa'], ['c5 e9 28 d9', 'vvvv that is no register'], ['c5 ec 12 d9', '256 bits of vmovhlps'], ['c4 e2 69 92 19', 'vgatherdps without a vector of indices'],
  ['c4 e2 79 92 04 88', 'vgatherdps with one register twice'],
])('%s is #UD: %s', (bytes) => {
  expect(lift(bytes).at(-1)!.op).toBe('undefined');
});

test.each(Object.entries(cpuModels))('%s: cpuid, XCR0 and features say the same', (_name, { leaves, xcr0, features }) => {
  const ecx = leaves['1']![2];
  const ebx = leaves['7:0']?.[1] ?? 0;
  const bit = (register: number, n: number): boolean => ((register >>> n) & 1) === 1;
  const rows: readonly (readonly [string, boolean])[] = [
    ['sse3', bit(ecx, 0)], ['pclmulqdq', bit(ecx, 1)], ['ssse3', bit(ecx, 9)], ['fma', bit(ecx, 12)], ['cx16', bit(ecx, 13)], ['sse4.1', bit(ecx, 19)], ['sse4.2', bit(ecx, 20)],
    ['movbe', bit(ecx, 22)], ['popcnt', bit(ecx, 23)], ['aes', bit(ecx, 25)], ['xsave', bit(ecx, 26)], ['xsave', bit(ecx, 27)], ['avx', bit(ecx, 28)], ['f16c', bit(ecx, 29)],
    ['rdrand', bit(ecx, 30)], ['fsgsbase', bit(ebx, 0)], ['bmi1', bit(ebx, 3)], ['avx2', bit(ebx, 5)], ['bmi2', bit(ebx, 8)], ['rdseed', bit(ebx, 18)], ['adx', bit(ebx, 19)],
    ['sha', bit(ebx, 29)], ['lzcnt', bit(leaves['80000001']![2], 5)], ['lahf_lm', bit(leaves['80000001']![2], 0)], ['rdtscp', bit(leaves['80000001']![3], 27)],
    ['xsaveopt', bit(leaves['d:1']?.[0] ?? 0, 0)], ['xsavec', bit(leaves['d:1']?.[0] ?? 0, 1)],
  ];
  expect(rows.filter(([feature, told]) => features.has(feature) !== told)).toEqual([]);
  expect(xcr0).toBe(features.has('avx') ? 7 : features.has('xsave') ? 3 : 0);
  expect(leaves['d:0']?.[0] ?? 0).toBe(xcr0);
  expect(leaves['d:0']?.[1] ?? 0).toBe(xcr0 === 7 ? 832 : xcr0 === 3 ? 576 : 0);
});
