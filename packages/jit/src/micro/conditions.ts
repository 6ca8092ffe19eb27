import { CELL, FLAG, FLAG_KIND, FLAG_OVERLAY } from '@tally86/core';
import { FlagEmitter } from '../emit/flags.ts';
import { cellAt } from '../layout.ts';
import { Code } from '../wasm/code.ts';
import type { FunctionBody } from '../wasm/module.ts';
import { OP, TYPE } from '../wasm/opcodes.ts';
import { FLAGS_AT } from './layout.ts';
import { MicroWriter, PLACE } from './writer.ts';

/** Records that conditions are asked of most. */
const LIKELY = [FLAG_KIND.sub | 0x300, FLAG_KIND.sub | 0x200, FLAG_KIND.logic | 0x300, FLAG_KIND.logic | 0x200, FLAG_KIND.sub];

/** (place) → i32: whether a condition code holds for the record in memory. */
export function conditionBody(cc: number, type: number, allFlags: number): FunctionBody {
  const w = new MicroWriter();
  const { code } = w;
  const flags = new FlagEmitter(w, () => code.get(PLACE).call(allFlags));
  w.bringFlags('locals');
  for (const known of LIKELY) {
    code.get(w.ccKind).i32(known).op(OP.i32_eq).if();
    flags.known = known;
    flags.sure = true;
    flags.condition(cc);
    code.op(OP.return).end();
  }
  flags.forget();
  flags.condition(cc);
  code.end();
  return { type, locals: w.locals, code: code.finished() };
}

/** (i32) → i32: the six flags of the record in memory; `others` does those that are seldom asked for. */
export function allFlagsBody(type: number, others: number): FunctionBody {
  const c = new Code();
  // the parameter is not used
  const [record, kind, top, carry, f] = [1, 2, 3, 4, 5] as const;
  const [mask, a, b, r, o] = [6, 7, 8, 9, 10] as const;
  const load = (at: number): Code => c.i32(0).memory(OP.i64_load, at);
  load(cellAt(CELL.ccKind)).op(OP.i32_wrap_i64).tee(record).i32(255).op(OP.i32_and).tee(kind);
  c.i32(FLAG_KIND.sar).op(OP.i32_gt_u).if().call(others).op(OP.return).end();
  c.get(kind).op(OP.i32_eqz).if();
  load(FLAGS_AT.a).op(OP.i32_wrap_i64).i32(0x8d5).op(OP.i32_and).set(f);
  c.else();
  c.i32(8).get(record).i32(8).op(OP.i32_shr_u).i32(3).op(OP.i32_and).op(OP.i32_shl).i32(1).op(OP.i32_sub).tee(top);
  c.i32(63).op(OP.i32_xor).op(OP.i64_extend_i32_u).set(mask);
  c.i64(-1).get(mask).op(OP.i64_shr_u).set(mask);
  load(FLAGS_AT.a).get(mask).op(OP.i64_and).set(a);
  // inc and dec: by 1
  c.i64(1);
  load(FLAGS_AT.b).get(mask).op(OP.i64_and);
  c.get(kind).i32(FLAG_KIND.inc).op(OP.i32_eq).get(kind).i32(FLAG_KIND.dec).op(OP.i32_eq).op(OP.i32_or).op(OP.select).set(b);
  c.get(kind).i32(FLAG_KIND.adc).op(OP.i32_eq).get(kind).i32(FLAG_KIND.sbb).op(OP.i32_eq).op(OP.i32_or);
  load(FLAGS_AT.c).op(OP.i32_wrap_i64).op(OP.i32_and).set(carry);
  const with_ = (kinds: readonly number[]): void => {
    kinds.forEach((k, i) => {
      c.get(kind).i32(k).op(OP.i32_eq);
      if (i > 0) c.op(OP.i32_or);
    });
    c.if();
  };
  with_([FLAG_KIND.logic]);
  c.get(a).set(r).i32(0).set(f);
  c.else();
  c.get(kind).i32(FLAG_KIND.shl).op(OP.i32_ge_u).if();
  shifted(c, { kind, top, f, mask, a, b, r, o });
  c.else();
  with_([FLAG_KIND.add, FLAG_KIND.adc, FLAG_KIND.inc]);
  c.get(a).get(b).op(OP.i64_add).get(carry).op(OP.i64_extend_i32_u).op(OP.i64_add).get(mask).op(OP.i64_and).set(r);
  // the sum wrapped
  c.get(r).get(a).op(OP.i64_le_u).get(r).get(a).op(OP.i64_lt_u).get(carry).op(OP.select).set(f);
  c.get(a).get(r).op(OP.i64_xor).get(b).get(r).op(OP.i64_xor).op(OP.i64_and).set(o);
  c.else();
  c.get(a).get(b).op(OP.i64_sub).get(carry).op(OP.i64_extend_i32_u).op(OP.i64_sub).get(mask).op(OP.i64_and).set(r);
  c.get(a).get(b).op(OP.i64_le_u).get(a).get(b).op(OP.i64_lt_u).get(carry).op(OP.select).set(f);
  c.get(a).get(b).op(OP.i64_xor).get(a).get(r).op(OP.i64_xor).op(OP.i64_and).set(o);
  c.end();
  // inc and dec keep CF
  c.get(kind).i32(FLAG_KIND.inc).op(OP.i32_ge_u).if();
  load(FLAGS_AT.b).op(OP.i32_wrap_i64).i32(1).op(OP.i32_and).set(f).end();
  c.get(f).get(a).get(b).op(OP.i64_xor).get(r).op(OP.i64_xor).op(OP.i32_wrap_i64).i32(FLAG.AF).op(OP.i32_and).op(OP.i32_or);
  c.get(o).get(top).op(OP.i64_extend_i32_u).op(OP.i64_shr_u).op(OP.i32_wrap_i64).i32(1).op(OP.i32_and).i32(11).op(OP.i32_shl).op(OP.i32_or).set(f);
  c.end().end();
  // even number of ones in the low byte
  c.get(f).get(r).op(OP.i32_wrap_i64).i32(255).op(OP.i32_and).op(OP.i32_popcnt).i32(1).op(OP.i32_and).i32(1).op(OP.i32_xor).i32(2).op(OP.i32_shl).op(OP.i32_or);
  c.get(r).op(OP.i64_eqz).i32(6).op(OP.i32_shl).op(OP.i32_or);
  c.get(r).get(top).op(OP.i64_extend_i32_u).op(OP.i64_shr_u).op(OP.i32_wrap_i64).i32(7).op(OP.i32_shl).op(OP.i32_or).set(f);
  c.end();
  // overlays: carry now holds their mask
  c.get(record).i32(0xffff).op(OP.i32_gt_u).if();
  c.get(record).i32(FLAG_OVERLAY.CF).op(OP.i32_and).i32(16).op(OP.i32_shr_u).get(record).i32(FLAG_OVERLAY.OF).op(OP.i32_and).i32(6).op(OP.i32_shr_u).op(OP.i32_or).set(carry);
  c.get(f).get(carry).i32(-1).op(OP.i32_xor).op(OP.i32_and);
  load(FLAGS_AT.c).op(OP.i32_wrap_i64).get(carry).op(OP.i32_and).op(OP.i32_or).set(f).end();
  c.get(f).end();
  return { type, locals: [TYPE.i32, TYPE.i32, TYPE.i32, TYPE.i32, TYPE.i32, TYPE.i64, TYPE.i64, TYPE.i64, TYPE.i64, TYPE.i64], code: c.finished() };
}

/** CF, AF and OF of shifts to `f` and their result to `r`; a is trimmed to its size. */
function shifted(c: Code, { kind, top, f, mask, a, b, r, o }: Readonly<Record<'kind' | 'top' | 'f' | 'mask' | 'a' | 'b' | 'r' | 'o', number>>): void {
  const sign = (): Code => c.get(top).op(OP.i64_extend_i32_u).op(OP.i64_shr_u).op(OP.i32_wrap_i64).i32(1).op(OP.i32_and);
  c.get(kind).i32(FLAG_KIND.shl).op(OP.i32_eq).if();
  c.get(a).get(b).op(OP.i64_shl).get(mask).op(OP.i64_and).set(r);
  // the bit that went out last: none if all did
  c.get(top).op(OP.i64_extend_i32_u).i64(1).op(OP.i64_add).get(b).op(OP.i64_sub).set(o);
  c.get(a).get(o).op(OP.i64_shr_u).op(OP.i32_wrap_i64).i32(1).op(OP.i32_and).i32(0).get(o).i64(0).op(OP.i64_ge_s).op(OP.select).set(f);
  c.get(r);
  sign().get(f).op(OP.i32_xor).i32(11).op(OP.i32_shl).get(f).op(OP.i32_or).set(f);
  c.else();
  // the operand with the bits that come in from above
  c.get(a).set(o);
  c.get(kind).i32(FLAG_KIND.sar).op(OP.i32_eq).if();
  c.i64(63).get(top).op(OP.i64_extend_i32_u).op(OP.i64_sub).set(r);
  c.get(a).get(r).op(OP.i64_shl).get(r).op(OP.i64_shr_s).set(o).end();
  c.get(o).get(b).i64(1).op(OP.i64_sub).op(OP.i64_shr_s).op(OP.i32_wrap_i64).i32(1).op(OP.i32_and).set(f);
  c.get(o).get(b).op(OP.i64_shr_s).get(mask).op(OP.i64_and).set(r);
  c.get(kind).i32(FLAG_KIND.shr).op(OP.i32_eq).if();
  // a 64-bit operand has no room for a sign above it
  c.get(a).get(b).i64(1).op(OP.i64_sub).op(OP.i64_shr_u).op(OP.i32_wrap_i64).i32(1).op(OP.i32_and).set(f);
  c.get(a).get(b).op(OP.i64_shr_u).set(r);
  c.get(r).get(r).i64(1).op(OP.i64_shl).op(OP.i64_xor);
  sign().i32(11).op(OP.i32_shl).get(f).op(OP.i32_or).set(f);
  c.end().end();
  c.get(f).i32(FLAG.AF).op(OP.i32_or).set(f);
}
