import * as sf from "../src/index.ts";
import type { FloatContext } from "../src/index.ts";
import { operandF32, operandF64 } from "./operands.ts";
import { IN_SIZE, type Oracle, OUT_SIZE } from "./oracle.ts";
import { createRandom, type Random } from "./random.ts";

// Slot numbers of the scratch array below; every double starts at an even word.
const A = 0;
const B = 2;
const R = 4;
const buffer = new ArrayBuffer(32);
const words = new Uint32Array(buffer);
const doubles = new Float64Array(buffer);
const floats = new Float32Array(buffer);

type Slots2 = (v: Uint32Array, d: number, a: number, b: number, ctx: FloatContext) => boolean;
type Slots1 = (v: Uint32Array, d: number, a: number, ctx: FloatContext) => boolean;
type Fast2 = (a: number, b: number, ctx: FloatContext) => number;
type Fast1 = (a: number, ctx: FloatContext) => number;

/** An operation: operands are in A and B, the result goes to R. */
export interface SseOp {
  /** 32 or 64: what the operands are; 0 for integers. */
  source: 32 | 64 | 0;
  /** Bytes of the result to compare, 0 for comparisons, whose answer is ZF, PF, CF. */
  result: number;
  /** The slots form. */
  exact?: (ctx: FloatContext) => boolean | sf.Relation;
  /** The form on numbers; false: it wants the slots form. */
  fast?: (ctx: FloatContext) => boolean | sf.Relation;
}

function put(width: 32 | 64, x: number): boolean {
  if (x !== x) return false;
  if (width === 32) floats[R] = x;
  else doubles[R / 2] = x;
  return true;
}
const number = (width: 32 | 64, i: number): number => (width === 32 ? floats[i] : doubles[i / 2]);
const two = (width: 32 | 64, exact: Slots2, fast: Fast2): SseOp => ({
  source: width,
  result: width / 8,
  exact: (ctx) => exact(words, R, A, B, ctx),
  fast: (ctx) => put(width, fast(number(width, A), number(width, B), ctx)),
});
const one = (source: 32 | 64, width: 32 | 64, exact: Slots1, fast: Fast1): SseOp => ({
  source,
  result: width / 8,
  exact: (ctx) => exact(words, R, A, ctx),
  fast: (ctx) => put(width, fast(number(source, A), ctx)),
});
const comparison = (width: 32 | 64, quiet: boolean): SseOp => ({
  source: width,
  result: 0,
  exact: (ctx) => (width === 32 ? sf.compareF32Slots : sf.compareF64Slots)(words, A, B, quiet, ctx),
  fast: (ctx) => (width === 32 ? sf.compareF32 : sf.compareF64)(number(width, A), number(width, B), ctx),
});
const toInt32 = (width: 32 | 64, truncate: boolean): SseOp => ({
  source: width,
  result: 8,
  fast: (ctx) => {
    words[R] = (width === 32 ? sf.f32ToI32 : sf.f64ToI32)(number(width, A), truncate, ctx);
    words[R + 1] = 0;
    return true;
  },
});
const toInt64 = (width: 32 | 64, truncate: boolean): SseOp => ({
  source: width,
  result: 8,
  fast: (ctx) => {
    (width === 32 ? sf.f32ToI64 : sf.f64ToI64)(words, R, number(width, A), truncate, ctx);
    return true;
  },
});
const fromInt = (width: 32 | 64, convert: (hi: number, lo: number, ctx: FloatContext) => number): SseOp => ({
  source: 0,
  result: width / 8,
  fast: (ctx) => put(width, convert(words[A + 1], words[A], ctx)),
});
const round = (width: 32 | 64, imm: number): SseOp =>
  one(
    width,
    width,
    (v, d, a, ctx) => (width === 32 ? sf.roundF32Slots : sf.roundF64Slots)(v, d, a, imm, ctx),
    (a, ctx) => (width === 32 ? sf.roundF32 : sf.roundF64)(a, imm, ctx),
  );

const ROUNDS = [0, 1, 2, 3, 4, 8, 12];

const approximation = (approximate: (bits: number) => number): SseOp => ({
  source: 32,
  result: 4,
  exact: () => {
    words[R] = approximate(words[A]);
    return true;
  },
});

/** One entry for each SSE operation of oracle.c. */
export const SSE_OPS: Readonly<Record<string, SseOp>> = {
  addss: two(32, sf.addF32Slots, sf.addF32),
  subss: two(32, sf.subF32Slots, sf.subF32),
  mulss: two(32, sf.mulF32Slots, sf.mulF32),
  divss: two(32, sf.divF32Slots, sf.divF32),
  minss: two(32, sf.minF32Slots, sf.minF32),
  maxss: two(32, sf.maxF32Slots, sf.maxF32),
  addsd: two(64, sf.addF64Slots, sf.addF64),
  subsd: two(64, sf.subF64Slots, sf.subF64),
  mulsd: two(64, sf.mulF64Slots, sf.mulF64),
  divsd: two(64, sf.divF64Slots, sf.divF64),
  minsd: two(64, sf.minF64Slots, sf.minF64),
  maxsd: two(64, sf.maxF64Slots, sf.maxF64),
  sqrtss: one(32, 32, sf.sqrtF32Slots, sf.sqrtF32),
  sqrtsd: one(64, 64, sf.sqrtF64Slots, sf.sqrtF64),
  cvtss2sd: one(32, 64, sf.f32ToF64Slots, sf.f32ToF64),
  cvtsd2ss: one(64, 32, sf.f64ToF32Slots, sf.f64ToF32),
  ucomiss: comparison(32, true),
  comiss: comparison(32, false),
  ucomisd: comparison(64, true),
  comisd: comparison(64, false),
  cvtss2si: toInt32(32, false),
  cvttss2si: toInt32(32, true),
  cvtsd2si: toInt32(64, false),
  cvttsd2si: toInt32(64, true),
  cvtss2siq: toInt64(32, false),
  cvttss2siq: toInt64(32, true),
  cvtsd2siq: toInt64(64, false),
  cvttsd2siq: toInt64(64, true),
  cvtsi2ss: fromInt(32, (_hi, lo, ctx) => sf.i32ToF32(lo | 0, ctx)),
  cvtsi2sd: fromInt(64, (_hi, lo) => lo | 0),
  cvtsi2ssq: fromInt(32, sf.i64ToF32),
  cvtsi2sdq: fromInt(64, sf.i64ToF64),
  rcpss: approximation(sf.rcpF32),
  rsqrtss: approximation(sf.rsqrtF32),
  ...Object.fromEntries(ROUNDS.map((imm) => [`roundss${imm}`, round(32, imm)])),
  ...Object.fromEntries(ROUNDS.map((imm) => [`roundsd${imm}`, round(64, imm)])),
};

function pickMxcsr(r: Random): number {
  const masks = r.below(4) === 0 ? r.below(64) : 63;
  const plain = r.below(3) === 0;
  const rest = plain ? 0 : (r.below(4) << 13) | (r.below(3) === 0 ? 0x8000 : 0) | (r.below(3) === 0 ? 0x40 : 0);
  // Sticky flags only where nothing is unmasked: there a flag set before says nothing about this operation.
  return (masks << 7) | rest | (masks === 63 && r.below(2) === 0 ? r.below(64) : 0);
}

function fillVector(view: DataView, name: string, op: SseOp, opNumber: number, r: Random): void {
  view.setUint32(0, opNumber, true);
  view.setUint32(4, pickMxcsr(r), true);
  const near = /si/.test(name) || name.startsWith("round") ? r.pick([0, 20, 30, 52, 62]) : 0;
  for (const at of [8, 24]) {
    if (op.source === 32) view.setUint32(at, operandF32(r, 127 + near), true);
    else if (op.source === 64) view.setBigUint64(at, operandF64(r, 1023 + near), true);
    else view.setBigInt64(at, BigInt.asIntN(64, operandF64(r)) >> BigInt(r.below(64)), true);
  }
  if (r.below(12) === 0) {
    view.setBigUint64(24, view.getBigUint64(8, true), true);
    if (r.below(2) === 0) view.setUint8(op.source === 32 ? 27 : 31, view.getUint8(op.source === 32 ? 27 : 31) ^ 0x80);
  }
}

const EFLAGS: Record<sf.Relation, readonly number[]> = { [-1]: [0, 0, 1], 0: [1, 0, 0], 1: [0, 0, 0], 2: [1, 1, 1] };
const hex = (bytes: ArrayLike<number>): string => Array.from(bytes, (x) => x.toString(16).padStart(2, "0")).join("");

/** Within twice the error that the manual allows an approximation. */
function closeFloats(x: number, y: number): boolean {
  return Math.abs(x - y) <= Math.abs(y) * 3 * 2 ** -12;
}

export interface SseTally {
  differences: string[];
  /** How often the number form answered by itself. */
  fast: number;
}

/** Runs `count` random vectors in both forms here and on the CPU. */
export function checkSse(oracle: Oracle, name: string, count: number, seed: number, limit = 5): SseTally {
  const op = SSE_OPS[name];
  const opNumber = oracle.ops.indexOf(name);
  if (op === undefined || opNumber < 0) throw new Error(`no operation ${name}`);
  const r = createRandom(seed + opNumber * 7919);
  const input = new Uint8Array(count * IN_SIZE);
  for (let i = 0; i < count; i++) fillVector(new DataView(input.buffer, i * IN_SIZE, IN_SIZE), name, op, opNumber, r);
  const answers = oracle.run(input);
  const tally: SseTally = { differences: [], fast: 0 };
  const ctx = sf.createFloatContext();
  for (let i = 0; i < count; i++) {
    const vector = new DataView(input.buffer, i * IN_SIZE, IN_SIZE);
    const answer = new DataView(answers.buffer, answers.byteOffset + i * OUT_SIZE, OUT_SIZE);
    const mxcsr = vector.getUint32(4, true);
    const after = answer.getUint32(48, true);
    const trapped = answer.getUint32(52, true) === 1;
    for (const form of ["exact", "fast"] as const) {
      const run = op[form];
      if (run === undefined) continue;
      for (let w = 0; w < 2; w++) {
        words[A + w] = vector.getUint32(8 + 4 * w, true);
        words[B + w] = vector.getUint32(24 + 4 * w, true);
      }
      sf.setMxcsr(ctx, mxcsr);
      const done = run(ctx);
      const pending = sf.pendingExceptions(ctx) !== 0;
      if (form === "fast" && (done === false || (op.result === 0 && done === sf.UNORDERED))) {
        // Not done: then it must not have touched the flags.
        if (sf.getMxcsr(ctx) !== mxcsr) tally.differences.push(`${name} fast touched flags`);
        continue;
      }
      if (form === "fast") tally.fast++;
      const wrong: string[] = [];
      if (pending !== trapped) wrong.push(`trap ${pending}, CPU ${trapped}`);
      if (sf.getMxcsr(ctx) !== (after & 0xffff)) wrong.push(`mxcsr ${sf.getMxcsr(ctx).toString(16)}, CPU ${after.toString(16)}`);
      if (!trapped) {
        const ours = op.result === 0 ? hex(EFLAGS[done as sf.Relation]) : hex(new Uint8Array(buffer, R * 4, op.result));
        const theirs = hex(new Uint8Array(answers.buffer, answers.byteOffset + i * OUT_SIZE + 32, op.result === 0 ? 3 : op.result));
        const free = !oracle.modelled && (name === "rcpss" || name === "rsqrtss") && closeFloats(floats[R], answer.getFloat32(32, true));
        if (ours !== theirs && !free) wrong.push(`${ours}, CPU ${theirs}`);
      } else if (form === "exact" && op.result !== 0 && done !== false) {
        wrong.push("delivered in spite of an unmasked exception");
      }
      if (wrong.length > 0 && tally.differences.length < limit) {
        tally.differences.push(`${name} ${form} mxcsr=${mxcsr.toString(16)} ${hex(input.subarray(i * IN_SIZE + 8, i * IN_SIZE + 16))} ${hex(input.subarray(i * IN_SIZE + 24, i * IN_SIZE + 32))}: ${wrong.join("; ")}`);
      }
    }
  }
  return tally;
}
