import type { VectorOp } from '@tally86/decoder';
import { NARROW, SPECIAL } from '../emit/vector/arithmetic.ts';
import { emitVector } from '../emit/vector/index.ts';
import { BINARY, SHIFTS, UNARY } from '../emit/vector/tables.ts';
import { OP, SIMD } from '../wasm/opcodes.ts';
import { AT } from './layout.ts';
import type { Shape } from './shape.ts';
import { FIELD, PLACE, VFIELD } from './writer.ts';

/** Lane operations that have a micro-operation of their own; those that only move bytes share one. */
export const LANE_NAMES: readonly string[] = [
  ...Object.keys(BINARY), ...Object.keys(UNARY), ...Object.keys(NARROW), ...Object.keys(SPECIAL), ...Object.keys(SHIFTS).map((name) => `${name}_by`),
];

export function vectorShapes(): Shape[] {
  const { d, a, b, mask } = VFIELD;
  const vector = (name: string, op: Exclude<VectorOp, { op: 'vload' | 'vstore' }>): Shape => ({
    name, size: 16,
    emit(w) {
      if (!emitVector(w, op)) throw new Error(`no lane operation ${name}`);
    },
  });
  const shapes: Shape[] = LANE_NAMES.map((name) => vector(name, { op: 'v', name, d, a, b, imm: mask }));
  shapes.push(vector('vmov', { op: 'vmov', d, a }), vector('vzero', { op: 'vzero', d }));
  for (const [name, { op }] of Object.entries(SHIFTS)) {
    shapes.push({ name, size: 16, emit: (w) => { w.getV(a); w.field(AT.c).code.simd(op); w.setV(d); } });
  }
  // two tables of byte numbers follow, for either operand; numbers above 15 give 0
  shapes.push({
    name: 'shuffle', size: 48,
    emit(w) {
      w.getV(a);
      w.code.get(PLACE).simdMemory(SIMD.v128_load, 16).simd(SIMD.i8x16_swizzle);
      w.getV(b);
      w.code.get(PLACE).simdMemory(SIMD.v128_load, 32).simd(SIMD.i8x16_swizzle).simd(SIMD.v128_or);
      w.setV(d);
    },
  });
  // lanes by their place in the state
  for (const [size, load, store] of [[1, OP.i64_load8_u, OP.i64_store8], [2, OP.i64_load16_u, OP.i64_store16], [4, OP.i64_load32_u, OP.i64_store32], [8, OP.i64_load, OP.i64_store]] as const) {
    shapes.push({ name: `vget.${size}`, size: 16, emit: (w) => { w.field(AT.a).code.memory(load); w.set(FIELD.d); } });
    shapes.push({ name: `vset.${size}`, size: 16, emit: (w) => { w.field(AT.d); w.get(FIELD.a); w.code.memory(store); } });
  }
  return shapes;
}
