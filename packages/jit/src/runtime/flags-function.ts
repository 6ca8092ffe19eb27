import { ARITH_FLAGS, FLAG, FLAG_KIND, FLAG_OVERLAY } from '@tally86/core';
import { Code } from '../wasm/code.ts';
import { OP, TYPE, type ValueType } from '../wasm/opcodes.ts';

/** (kind cell: i32, a, b, c: i64) → i32. */
export const FLAGS_TYPE = { params: [TYPE.i32, TYPE.i64, TYPE.i64, TYPE.i64] as ValueType[], results: [TYPE.i32] as ValueType[] };
export const FLAGS_LOCALS: readonly ValueType[] = [TYPE.i64, TYPE.i64, TYPE.i64, TYPE.i64, TYPE.i64, TYPE.i32, TYPE.i32, TYPE.i32, TYPE.i32];

const KIND = 0, A0 = 1, B0 = 2, C0 = 3;
/** Operands moved to the top of 64 bits, the distance, and the result there: so carry and sign are the same for all sizes. */
const A = 4, B = 5, SHIFT = 6, R = 7, T = 8;
const CF = 9, OF = 10, AF = 11, FLAGS = 12;

/**
 * The six flags of a record as helpers/flags.ts defines them, or −1 for the kinds that are left to the host: products and double shifts.
 */
export function flagsBody(): Uint8Array {
  const c = new Code();
  const one = (): Code => c.i64(1).get(SHIFT).op(OP.i64_shl);
  const sign = (local: number): Code => c.get(local).i64(63).op(OP.i64_shr_u).op(OP.i32_wrap_i64);
  const carryIn = (): Code => c.get(C0).i64(1).op(OP.i64_and);
  /** ((x ^ y) & (z ^ R)) at the top. */
  const overflow = (x: number, y: number, z: number): Code => c.get(x).get(y).op(OP.i64_xor).get(z).get(R).op(OP.i64_xor).op(OP.i64_and).i64(63).op(OP.i64_shr_u).op(OP.i32_wrap_i64).set(OF);
  /** Bit 4 of a ^ b ^ r. */
  const half = (): Code => c.get(A).get(B).op(OP.i64_xor).get(R).op(OP.i64_xor).get(SHIFT).op(OP.i64_shr_u).i64(16).op(OP.i64_and).op(OP.i32_wrap_i64).set(AF);
  const lowNibbleIsZero = (local: number): Code => c.get(local).get(SHIFT).op(OP.i64_shr_u).i64(15).op(OP.i64_and).op(OP.i64_eqz).i32(4).op(OP.i32_shl).set(AF);
  const always = (): Code => c.i32(FLAG.AF).set(AF);

  const rows: readonly (readonly [kind: number, write: () => void])[] = [
    [FLAG_KIND.add, () => { c.get(A).get(B).op(OP.i64_add).tee(R).get(A).op(OP.i64_lt_u).set(CF); overflow(A, R, B); half(); }],
    [FLAG_KIND.adc, () => {
      carryIn().get(SHIFT).op(OP.i64_shl).get(A).op(OP.i64_add).get(B).op(OP.i64_add).tee(R).get(A).op(OP.i64_lt_u);
      carryIn().op(OP.i32_wrap_i64).get(R).get(A).op(OP.i64_eq).op(OP.i32_and).op(OP.i32_or).set(CF);
      overflow(A, R, B);
      half();
    }],
    [FLAG_KIND.sub, () => { c.get(A).get(B).op(OP.i64_lt_u).set(CF).get(A).get(B).op(OP.i64_sub).set(R); overflow(A, B, A); half(); }],
    [FLAG_KIND.sbb, () => {
      c.get(A).get(B).op(OP.i64_lt_u);
      carryIn().op(OP.i32_wrap_i64).get(A).get(B).op(OP.i64_eq).op(OP.i32_and).op(OP.i32_or).set(CF);
      c.get(A).get(B).op(OP.i64_sub);
      carryIn().get(SHIFT).op(OP.i64_shl).op(OP.i64_sub).set(R);
      overflow(A, B, A);
      half();
    }],
    [FLAG_KIND.logic, () => c.get(A).set(R)],
    [FLAG_KIND.inc, () => {
      c.get(B0).op(OP.i32_wrap_i64).i32(1).op(OP.i32_and).set(CF).get(A);
      one().op(OP.i64_add).tee(R).i64(0, 0x8000_0000 | 0).op(OP.i64_eq).set(OF);
      lowNibbleIsZero(R);
    }],
    [FLAG_KIND.dec, () => {
      c.get(B0).op(OP.i32_wrap_i64).i32(1).op(OP.i32_and).set(CF).get(A);
      one().op(OP.i64_sub).set(R).get(A).i64(0, 0x8000_0000 | 0).op(OP.i64_eq).set(OF);
      lowNibbleIsZero(A);
    }],
    [FLAG_KIND.shl, () => {
      c.get(A).get(B0).op(OP.i64_shl).set(R).get(A).i64(64).get(B0).op(OP.i64_sub).op(OP.i64_shr_u).op(OP.i32_wrap_i64).i32(1).op(OP.i32_and).tee(CF);
      sign(R).op(OP.i32_xor).set(OF);
      always();
    }],
    [FLAG_KIND.shr, () => {
      c.get(A).get(SHIFT).op(OP.i64_shr_u).tee(T).get(B0).op(OP.i64_shr_u).get(SHIFT).op(OP.i64_shl).set(R);
      c.get(T).get(B0).i64(1).op(OP.i64_sub).op(OP.i64_shr_u).op(OP.i32_wrap_i64).i32(1).op(OP.i32_and).set(CF);
      c.get(R).get(R).i64(1).op(OP.i64_shl).op(OP.i64_xor).i64(63).op(OP.i64_shr_u).op(OP.i32_wrap_i64).set(OF);
      always();
    }],
    [FLAG_KIND.sar, () => {
      c.get(A).get(SHIFT).op(OP.i64_shr_s).tee(T).get(B0).op(OP.i64_shr_s).get(SHIFT).op(OP.i64_shl).set(R);
      c.get(T).get(B0).i64(1).op(OP.i64_sub).op(OP.i64_shr_s).op(OP.i32_wrap_i64).i32(1).op(OP.i32_and).set(CF);
      always();
    }],
  ];
  /** Kinds whose flags follow without the common end: what they push is the answer. */
  const parity = (value: () => void): void => {
    value();
    c.i32(255).op(OP.i32_and).op(OP.i32_popcnt).i32(1).op(OP.i32_and).i32(1).op(OP.i32_xor).i32(2).op(OP.i32_shl);
  };
  const answers: readonly (readonly [kind: number, write: () => void])[] = [
    [FLAG_KIND.explicit, () => c.get(A0).op(OP.i32_wrap_i64).i32(ARITH_FLAGS).op(OP.i32_and)],
    [FLAG_KIND.scan, () => {
      c.i32(FLAG.ZF | FLAG.PF);
      parity(() => c.get(B0).op(OP.i32_wrap_i64));
      c.get(A).op(OP.i64_eqz).op(OP.select);
    }],
    [FLAG_KIND.count, () => c.get(A).op(OP.i64_eqz).get(B).op(OP.i64_eqz).i32(6).op(OP.i32_shl).op(OP.i32_or)],
    [FLAG_KIND.popcnt, () => c.get(A).op(OP.i64_eqz).i32(6).op(OP.i32_shl)],
  ];

  c.i64(64).i64(8).get(KIND).i32(8).op(OP.i32_shr_u).i32(3).op(OP.i32_and).op(OP.i64_extend_i32_u).op(OP.i64_shl).op(OP.i64_sub).set(SHIFT);
  c.get(A0).get(SHIFT).op(OP.i64_shl).set(A).get(B0).get(SHIFT).op(OP.i64_shl).set(B);
  // blocks, innermost first: one for each row, one for each answer, the host's, then the end with FLAGS set
  const count = rows.length + answers.length;
  c.block();
  c.block();
  c.block();
  for (let i = 0; i < count; i++) c.block();
  const depthOf = new Map<number, number>([...rows, ...answers].map(([kind], i) => [kind, i]));
  c.get(KIND).i32(255).op(OP.i32_and).brTable(Array.from({ length: 18 }, (_, kind) => depthOf.get(kind) ?? count), count);
  rows.forEach(([, write], i) => {
    c.end();
    write();
    // to the common end, out of the blocks that are left and the host's
    c.br(count - 1 - i + 1);
  });
  answers.forEach(([, write], i) => {
    c.end();
    write();
    c.set(FLAGS).br(count - 1 - rows.length - i + 2);
  });
  c.end();
  c.i32(-1).op(OP.return);
  c.end();
  // CF | PF | AF | ZF | SF | OF
  c.get(CF);
  parity(() => c.get(R).get(SHIFT).op(OP.i64_shr_u).op(OP.i32_wrap_i64));
  c.op(OP.i32_or).get(AF).op(OP.i32_or).get(R).op(OP.i64_eqz).i32(6).op(OP.i32_shl).op(OP.i32_or);
  sign(R).i32(7).op(OP.i32_shl).op(OP.i32_or).get(OF).i32(11).op(OP.i32_shl).op(OP.i32_or).set(FLAGS);
  c.end();
  // overlays: single flags that stand in c
  c.get(KIND).i32(16).op(OP.i32_shr_u).op(OP.i32_eqz).if().get(FLAGS).op(OP.return).end();
  const mask = T;
  c.i64(FLAG.CF).i64(0).get(KIND).i32(FLAG_OVERLAY.CF).op(OP.i32_and).op(OP.select);
  c.i64(FLAG.OF).i64(0).get(KIND).i32(FLAG_OVERLAY.OF).op(OP.i32_and).op(OP.select).op(OP.i64_or).set(mask);
  c.get(FLAGS).get(mask).i64(-1).op(OP.i64_xor).op(OP.i32_wrap_i64).op(OP.i32_and);
  c.get(C0).get(mask).op(OP.i64_and).op(OP.i32_wrap_i64).op(OP.i32_or).end();
  return c.finished();
}
