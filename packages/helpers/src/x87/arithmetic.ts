import {
  addF80, addOperands, divF80, divOperands, mulF80, mulOperands, subF80, subOperands, Unpacked, unpackF32, unpackF64, unpackF80, unpackI32,
  type F80, type FloatContext,
} from '@tally86/softfloat';
import type { Helper, HelperTable } from '../context.ts';
import { FORMAT } from './memory-format.ts';
import { setIndefinite, unitOf } from './unit.ts';

type OnRegisters = (out: F80, a: F80, b: F80, ctx: FloatContext) => boolean;
type OnOperands = (out: F80, a: Unpacked, b: Unpacked, ctx: FloatContext) => boolean;

/** (d, s, pop): ST(d) = ST(d) op ST(s); `reverse`: ST(s) op ST(d). */
const registers = (op: OnRegisters, reverse: boolean): Helper => (h) => {
  const u = unitOf(h);
  const { a, b, r } = u;
  return (d, s, pop) => {
    const ctx = u.begin();
    if (u.isEmpty(d) || u.isEmpty(s)) {
      if (!u.stackFault(false)) return;
      u.set(d, setIndefinite(r));
    } else {
      u.get(d, a);
      u.get(s, b);
      const done = reverse ? op(r, b, a, ctx) : op(r, a, b, ctx);
      u.finish();
      if (!done) return;
      u.set(d, r);
    }
    if (pop !== 0) u.pop();
  };
};

/** (format, cell): ST(0) = ST(0) op the number whose bits are in the cell. */
const memory = (op: OnOperands, reverse: boolean): Helper => (h) => {
  const u = unitOf(h);
  const { i32, u32 } = h.cpu;
  const x = new Unpacked();
  const y = new Unpacked();
  const { a, r } = u;
  return (format, cell) => {
    const ctx = u.begin();
    if (u.isEmpty(0)) {
      if (u.stackFault(false)) u.set(0, setIndefinite(r));
      return;
    }
    unpackF80(x, u.get(0, a));
    unpackMemory(y, format, u32[2 * cell + 1]!, i32[2 * cell]!);
    const done = reverse ? op(r, y, x, ctx) : op(r, x, y, ctx);
    u.finish();
    if (done) u.set(0, r);
  };
};

/** Unpacks what arithmetic and comparison take from memory. */
export function unpackMemory(out: Unpacked, format: number, hi: number, lo: number): void {
  switch (format) {
    case FORMAT.f32:
      unpackF32(out, lo >>> 0);
      break;
    case FORMAT.f64:
      unpackF64(out, hi, lo >>> 0);
      break;
    case FORMAT.i16:
      unpackI32(out, (lo << 16) >> 16);
      break;
    default:
      unpackI32(out, lo);
  }
}

export const arithmetic: HelperTable = {
  'x87.add': registers(addF80, false), 'x87.add.m': memory(addOperands, false),
  'x87.mul': registers(mulF80, false), 'x87.mul.m': memory(mulOperands, false),
  'x87.sub': registers(subF80, false), 'x87.sub.m': memory(subOperands, false),
  'x87.subr': registers(subF80, true), 'x87.subr.m': memory(subOperands, true),
  'x87.div': registers(divF80, false), 'x87.div.m': memory(divOperands, false),
  'x87.divr': registers(divF80, true), 'x87.divr.m': memory(divOperands, true),
};
