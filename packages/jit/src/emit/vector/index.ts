import type { VectorOp } from '@tally86/decoder';
import { OP, SIMD, TYPE } from '../../wasm/opcodes.ts';
import type { RegionWriter } from '../writer.ts';
import { NARROW, SPECIAL, type LaneOperands } from './arithmetic.ts';
import { vectorFacts, type VectorFacts } from './facts.ts';
import { BINARY, SHIFTS, SHUFFLES, UNARY } from './tables.ts';

export { VectorFacts, vectorFacts, type Compared } from './facts.ts';

type Op<N extends VectorOp['op']> = Extract<VectorOp, { op: N }>;
export type RegisterVectorOp = Exclude<VectorOp, { op: 'vload' | 'vstore' }>;

/**
 * Writes an operation among vector registers; false, and nothing written: the interpreter has to do it (mpsadbw, phminposuw).
 * Only the low 128 bits take part.
 */
export function emitVector(w: RegionWriter, op: RegisterVectorOp): boolean {
  const { code } = w;
  const facts = vectorFacts(w);
  switch (op.op) {
    case 'vmov':
      w.getV(op.a);
      w.setV(op.d);
      copyFacts(facts, op.d, op.a);
      return true;
    case 'vzero':
      code.v128(0, 0, 0, 0);
      w.setV(op.d);
      facts.written(op.d, 0xf3);
      return true;
    case 'vget': emitVget(w, facts, op); return true;
    case 'vset': emitVset(w, facts, op); return true;
    default: return emitLanes(w, facts, op);
  }
}

function copyFacts(facts: VectorFacts, d: number, a: number): void {
  const plain = facts.plain(a);
  const low = facts.low(a);
  facts.written(d, plain);
  facts.setLow(d, low);
}

function emitVget(w: RegionWriter, facts: VectorFacts, op: Op<'vget'>): void {
  const { code } = w;
  const low = facts.low(op.a);
  if (low >= 0 && op.lane === 0 && op.size === 4) {
    code.get(low);
    return w.set32(op.d);
  }
  w.getV(op.a);
  switch (op.size) {
    case 8: code.simdLane(SIMD.i64x2_extract_lane, op.lane); return w.set(op.d);
    case 4: code.simdLane(SIMD.i32x4_extract_lane, op.lane); break;
    case 2: code.simdLane(SIMD.i16x8_extract_lane_u, op.lane); break;
    default: code.simdLane(SIMD.i8x16_extract_lane_u, op.lane);
  }
  w.set32(op.d);
}

function emitVset(w: RegionWriter, facts: VectorFacts, op: Op<'vset'>): void {
  const { code } = w;
  w.getV(op.d);
  if (op.size === 8) w.get(op.a);
  else w.get32(op.a);
  const replace = { 8: SIMD.i64x2_replace_lane, 4: SIMD.i32x4_replace_lane, 2: SIMD.i16x8_replace_lane, 1: SIMD.i8x16_replace_lane }[op.size];
  code.simdLane(replace, op.lane);
  w.setV(op.d);
  facts.written(op.d);
}

function emitLanes(w: RegionWriter, facts: VectorFacts, op: Op<'v'>): boolean {
  const { code } = w;
  const { name, d } = op;
  let plain = 0;
  const narrow = NARROW[name];
  if (narrow !== undefined) {
    // mostly a vget follows: the vector is then dead code
    const t = w.local(TYPE.i32);
    narrow(w, op);
    code.set(t).v128(0, 0, 0, 0).get(t).simdLane(SIMD.i32x4_replace_lane, 0);
    w.setV(d);
    facts.written(d);
    facts.setLow(d, t);
    return true;
  }
  const binary = BINARY[name];
  const unary = UNARY[name];
  const shuffle = SHUFFLES[name];
  if (name === 'v128.xor' && op.a === op.b) {
    code.v128(0, 0, 0, 0);
    plain = 0xf3;
  } else if (binary !== undefined) {
    w.getV(op.a);
    w.getV(op.b);
    code.simd(binary);
  } else if (unary !== undefined) {
    w.getV(op.a);
    for (const simd of unary) code.simd(simd);
  } else if (shuffle !== undefined) {
    const bytes = shuffle(op.imm);
    emitShuffle(w, op, bytes);
    plain = shuffledFacts(facts, op, bytes);
  } else if (SPECIAL[name] !== undefined) {
    SPECIAL[name](w, op);
    if (name === 'v128.low64') plain = (facts.plain(op.a) & 0x31) | 0xc2;
  } else if (!emitShift(w, op)) return false;
  w.setV(d);
  facts.written(d, plain);
  return true;
}

function emitShuffle(w: RegionWriter, { a, b }: LaneOperands, bytes: readonly number[]): void {
  const { code } = w;
  const fromA = bytes.some((n) => n >= 0 && n < 16);
  const fromB = bytes.some((n) => n >= 16);
  if (!fromA && !fromB) {
    code.v128(0, 0, 0, 0);
    return;
  }
  // one operand is shuffled with itself or with zero
  const zero = bytes.includes(-1);
  if (zero || !(fromA && fromB)) {
    const slot = fromA ? a : b;
    w.getV(slot);
    if (bytes.every((n, i) => (n & 15) === i && n >= 0)) return;
    if (zero) code.v128(0, 0, 0, 0);
    else w.getV(slot);
    code.shuffle(bytes.map((n) => (n < 0 ? 16 : n & 15)));
    return;
  }
  w.getV(a);
  w.getV(b);
  code.shuffle(bytes);
}

/** What is known of the lanes that a shuffle moves whole. */
function shuffledFacts(facts: VectorFacts, op: LaneOperands, bytes: readonly number[]): number {
  let plain = 0;
  for (const [size, first] of [[8, 0], [4, 4]] as const) {
    for (let lane = 0; lane < 16 / size; lane++) {
      const from = bytes.slice(lane * size, (lane + 1) * size);
      const start = from[0]!;
      if (from.every((n) => n < 0)) plain |= 1 << (first + lane);
      else if (start >= 0 && start % size === 0 && from.every((n, i) => n === start + i)) {
        const known = facts.plain(start < 16 ? op.a : op.b) >> (first + (start & 15) / size);
        plain |= (known & 1) << (first + lane);
      }
    }
  }
  return plain;
}

function emitShift(w: RegionWriter, op: Op<'v'>): boolean {
  const { code } = w;
  const by = op.name.endsWith('_by');
  const shift = SHIFTS[by ? op.name.slice(0, -3) : op.name];
  if (shift === undefined) return false;
  const { width, signed } = shift;
  if (!by) {
    if (op.imm >= width && !signed) code.v128(0, 0, 0, 0);
    else {
      w.getV(op.a);
      code.i32(Math.min(op.imm, width - 1)).simd(shift.op);
    }
    return true;
  }
  const t = w.scratch(TYPE.i64);
  w.getV(op.b);
  code.simdLane(SIMD.i64x2_extract_lane, 0).set(t);
  w.getV(op.a);
  // WebAssembly takes counts modulo the width
  if (signed) code.get(t).i64(width - 1).get(t).i64(width).op(OP.i64_lt_u).op(OP.select).op(OP.i32_wrap_i64).simd(shift.op);
  else code.get(t).op(OP.i32_wrap_i64).simd(shift.op).v128(0, 0, 0, 0).get(t).i64(width).op(OP.i64_lt_u).op(OP.select);
  return true;
}
