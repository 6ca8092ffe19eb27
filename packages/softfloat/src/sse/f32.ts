import { type FloatContext, PE } from "../context.ts";
import { EQUAL, GREATER, LESS, type Relation, UNORDERED } from "../relation.ts";
import { sumError } from "./exactness.ts";
import * as slots from "./f32-slots.ts";

/**
 * Float arithmetic on JavaScript numbers that hold floats; the contract is that of f64.ts: a NaN answer
 * means nothing was done. Rounding a double result once more is harmless here, because 53 >= 2 * 24 + 2.
 */
const MIN_NORMAL = 2 ** -126;
const numbers = new Float32Array(3);
const words = new Uint32Array(numbers.buffer);

type Slots2 = (v: Uint32Array, d: number, a: number, b: number, ctx: FloatContext) => boolean;

function slowly(op: Slots2, a: number, b: number, ctx: FloatContext): number {
  numbers[0] = 0;
  numbers[1] = a;
  numbers[2] = b;
  const before = ctx.flags;
  op(words, 0, 1, 2, ctx);
  const r = numbers[0];
  if (r !== r) ctx.flags = before;
  return r;
}

function isDefault(ctx: FloatContext): boolean {
  return ctx.rounding === 0 && !ctx.daz && !ctx.ftz;
}

function isPlain(x: number): boolean {
  return x >= MIN_NORMAL || x <= -MIN_NORMAL || x === 0;
}

export function addF32(a: number, b: number, ctx: FloatContext): number {
  const sum = a + b;
  if (isDefault(ctx) && isPlain(a) && isPlain(b)) {
    const r = Math.fround(sum);
    const m = Math.abs(r);
    if ((m >= MIN_NORMAL && m < Infinity) || m === 0) {
      if ((ctx.flags & PE) === 0 && (r !== sum || sumError(a, b, sum) !== 0)) ctx.flags |= PE;
      return r;
    }
  }
  return sum !== sum ? sum : slowly(slots.addF32Slots, a, b, ctx);
}

export function subF32(a: number, b: number, ctx: FloatContext): number {
  const sum = a - b;
  if (isDefault(ctx) && isPlain(a) && isPlain(b)) {
    const r = Math.fround(sum);
    const m = Math.abs(r);
    if ((m >= MIN_NORMAL && m < Infinity) || m === 0) {
      if ((ctx.flags & PE) === 0 && (r !== sum || sumError(a, -b, sum) !== 0)) ctx.flags |= PE;
      return r;
    }
  }
  return sum !== sum ? sum : slowly(slots.subF32Slots, a, b, ctx);
}

export function mulF32(a: number, b: number, ctx: FloatContext): number {
  const product = a * b; // exact
  if (isDefault(ctx) && isPlain(a) && isPlain(b)) {
    const r = Math.fround(product);
    const m = Math.abs(r);
    if (m > MIN_NORMAL && m < Infinity) {
      if (r !== product) ctx.flags |= PE;
      return r;
    }
    if (a === 0 || b === 0) return r;
  }
  return product !== product ? product : slowly(slots.mulF32Slots, a, b, ctx);
}

export function divF32(a: number, b: number, ctx: FloatContext): number {
  const quotient = a / b;
  if (isDefault(ctx) && isPlain(a) && isPlain(b)) {
    const r = Math.fround(quotient);
    const m = Math.abs(r);
    if (m > MIN_NORMAL && m < Infinity) {
      if (r * b !== a) ctx.flags |= PE;
      return r;
    }
    if (a === 0) return r;
  }
  return quotient !== quotient ? quotient : slowly(slots.divF32Slots, a, b, ctx);
}

const sqrtSlots: Slots2 = (v, d, a, _b, ctx) => slots.sqrtF32Slots(v, d, a, ctx);

export function sqrtF32(a: number, ctx: FloatContext): number {
  const root = Math.sqrt(a);
  if (isDefault(ctx) && ((a >= MIN_NORMAL && a < Infinity) || a === 0)) {
    const r = Math.fround(root);
    if (r * r !== a) ctx.flags |= PE;
    return r;
  }
  return root !== root ? root : slowly(sqrtSlots, a, a, ctx);
}

export function minF32(a: number, b: number, ctx: FloatContext): number {
  if (a !== a || b !== b) return NaN;
  if (isPlain(a) && isPlain(b)) return a < b ? a : b;
  return slowly(slots.minF32Slots, a, b, ctx);
}

export function maxF32(a: number, b: number, ctx: FloatContext): number {
  if (a !== a || b !== b) return NaN;
  if (isPlain(a) && isPlain(b)) return a > b ? a : b;
  return slowly(slots.maxF32Slots, a, b, ctx);
}

/** UNORDERED means that nothing was done: call `compareF32Slots`. */
export function compareF32(a: number, b: number, ctx: FloatContext): Relation {
  if (a !== a || b !== b) return UNORDERED;
  if (isPlain(a) && isPlain(b)) return a < b ? LESS : a > b ? GREATER : EQUAL;
  numbers[1] = a;
  numbers[2] = b;
  return slots.compareF32Slots(words, 1, 2, true, ctx);
}
