import { expect, test } from 'vitest';
import type { IrOp } from '../../ir/ops.ts';
import { createLifter } from '../lifter.ts';

const ALL = ['sse3', 'ssse3', 'sse4.1', 'sse4.2', 'xsave'];

function lift(hex: string, features: readonly string[] = ALL): readonly IrOp[] {
  const code = Uint8Array.from(hex.split(' '), (x) => Number.parseInt(x, 16));
  const fetch = (address: number, into: Uint8Array): number => {
    into.fill(0xcc);
    into.set(code.subarray(address - 0x1000), 0);
    return into.length;
  };
  return createLifter({ fetch, features: new Set(features) }).lift(0x1000, 1).ops;
}
const short = (op: IrOp): string => {
  switch (op.op) {
    case 'v': return `${op.d}=${op.name}(${op.a},${op.b},${op.imm})`;
    case 'vload': return `${op.d}=vload${op.bytes}${op.aligned ? '!' : ''}`;
    case 'vstore': return `vstore${op.bytes}${op.aligned ? '!' : ''}(${op.a})`;
    case 'helper': return `${op.name}(${op.args.join()})`;
    default: return op.op;
  }
};

/** [bytes, what it is, operations; `!` marks an alignment check]; the last operation, a jump, is left out. */
const ROWS: readonly (readonly [string, string, string])[] = [
  ['66 0f fc c1', 'paddb xmm0, xmm1', '0=i8x16.add(0,1,0)'],
  ['66 44 0f ef 00', 'pxor xmm8, [rax]', '32=vload16! 8=v128.xor(8,32,0)'],
  ['f3 0f 6f 10', 'movdqu xmm2, [rax]', '2=vload16'],
  ['66 0f 7f 10', 'movdqa [rax], xmm2', 'vstore16!(2)'],
  ['f2 0f 58 00', 'addsd xmm0, [rax]', '32=vload8 f64.add(0,0,32)'],
  ['0f 58 00', 'addps xmm0, [rax]', '32=vload16! f32x4.add(0,0,32)'],
  ['0f 55 c1', 'andnps xmm0, xmm1', '0=v128.andnot(1,0,0)'],
  ['66 0f 38 30 00', 'pmovzxbw xmm0, [rax]', '32=vload8 0=i16x8.extend_i8x16_u(32,0,0)'],
  ['66 0f 3a 63 00 0c', 'pcmpistri xmm0, [rax], 12', '32=vload16 pcmpistri(65,64,8192,12) mov flags'],
  ['66 0f 72 f1 05', 'pslld xmm1, 5', '1=i32x4.shl(1,0,5)'],
  ['66 0f f2 c1', 'pslld xmm0, xmm1', '0=i32x4.shl_by(0,1,0)'],
  ['0f 60 00', 'punpcklbw mm0, [rax]', 'mmx.enter() vzero vset 33=vload4 34=i8x16.unpack_low(32,33,0) vget mov mov mov'],
  ['f2 0f 10 c1', 'movsd xmm0, xmm1', '0=i64x2.shuffle(1,0,2)'],
  ['f2 0f c2 c1 02', 'cmplesd xmm0, xmm1', 'f64.cmp(0,0,1,2)'],
  ['66 0f 2f c1', 'comisd xmm0, xmm1', 'f64.comis(64,0,1,0) flags'],
];
test.each(ROWS)('%s: %s', (bytes, _text, expected) => {
  expect(lift(bytes).slice(0, -1).map(short).join(' ')).toBe(expected);
});

/** [bytes, feature] */
const FEATURES: readonly (readonly [string, string])[] = [
  ['f2 0f 12 c1', 'sse3'], ['66 0f 38 00 c1', 'ssse3'], ['66 0f 38 17 c1', 'sse4.1'], ['66 0f 3a 15 00 01', 'sse4.1'], ['66 0f 38 37 c1', 'sse4.2'],
  ['0f ae 20', 'xsave'],
];
test.each(FEATURES)('%s is #UD without %s', (bytes, feature) => {
  expect(lift(bytes).at(-1)!.op).toBe('jump');
  expect(lift(bytes, ALL.filter((f) => f !== feature)).at(-1)!.op).toBe('undefined');
});
