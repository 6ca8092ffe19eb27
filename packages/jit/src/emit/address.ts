import { type Ea } from '@tally86/decoder';
import { OP } from '../wasm/opcodes.ts';
import type { RegionWriter } from './writer.ts';

/** Pushes the effective address as i64: without the segment base, at the address size; `by` is added to the displacement. */
export function emitOffset(w: RegionWriter, ea: Ea, by = 0): void {
  const { code } = w;
  const disp = ea.disp + by;
  if (ea.base < 0 && ea.index < 0) {
    if (ea.a32) code.i64(disp | 0, 0);
    else code.i64n(disp);
    return;
  }
  if (ea.base >= 0) w.get(ea.base);
  if (ea.index >= 0) {
    w.get(ea.index);
    if (ea.shift !== 0) code.i64(ea.shift).op(OP.i64_shl);
    if (ea.base >= 0) code.op(OP.i64_add);
  }
  if (disp !== 0) code.i64n(disp).op(OP.i64_add);
  if (ea.a32) code.i64(-1, 0).op(OP.i64_and);
}

/** Pushes the linear address. */
export function emitLinear(w: RegionWriter, ea: Ea, by = 0): void {
  // with a 32-bit address size the sum wraps before the base is added: `by` goes behind that
  emitOffset(w, ea, ea.a32 ? 0 : by);
  if (ea.seg !== 0) {
    w.get(ea.seg);
    w.code.op(OP.i64_add);
  }
  if (ea.a32 && by !== 0) w.code.i64n(by).op(OP.i64_add);
}
