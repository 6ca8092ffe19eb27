import { type FloatContext, PE } from "../context.ts";
import { EQUAL, GREATER, LESS, type Relation, UNORDERED } from "../relation.ts";
import { PRODUCT_MAX, PRODUCT_MIN, productError, sumError } from "./exactness.ts";
import * as slots from "./f64-slots.ts";

/**
 * Double arithmetic on JavaScript numbers with exact flags, in every rounding mode.
 *
 * A NaN answer means: nothing was done and no flag raised, because an operand is a NaN or the result
 * would be one; call the `...Slots` form, which has the bits. In any other case the answer and ctx.flags
 * are final. (With unmasked exceptions: see the README; the answer does not count when one is raised.)
 */
const MIN_NORMAL = 2 ** -1022;
const numbers = new Float64Array(3);
const words = new Uint32Array(numbers.buffer);
const RESULT = 0;
const FIRST = 2;
const SECOND = 4;

type Slots2 = (v: Uint32Array, d: number, a: number, b: number, ctx: FloatContext) => boolean;

/** The exact way. A NaN (DAZ can make 0 * infinity) is left to the caller, with no flags. */
function slowly(op: Slots2, a: number, b: number, ctx: FloatContext): number {
  numbers[0] = 0;
  numbers[1] = a;
  numbers[2] = b;
  const before = ctx.flags;
  op(words, RESULT, FIRST, SECOND, ctx);
  const r = numbers[0];
  if (r !== r) ctx.flags = before;
  return r;
}

function isDefault(ctx: FloatContext): boolean {
  return ctx.rounding === 0 && !ctx.daz && !ctx.ftz;
}

/** Zero, normal or infinite. */
function isPlain(x: number): boolean {
  return x >= MIN_NORMAL || x <= -MIN_NORMAL || x === 0;
}

export function addF64(a: number, b: number, ctx: FloatContext): number {
  const r = a + b;
  if (isDefault(ctx) && isPlain(a) && isPlain(b)) {
    const m = Math.abs(r);
    // Sums too small to be normal are exact, but might be unmasked underflow.
    if ((m >= MIN_NORMAL && m < 2 ** 1023) || m === 0) {
      if ((ctx.flags & PE) === 0 && sumError(a, b, r) !== 0) ctx.flags |= PE;
      return r;
    }
  }
  return r !== r ? r : slowly(slots.addF64Slots, a, b, ctx);
}

export function subF64(a: number, b: number, ctx: FloatContext): number {
  const r = a - b;
  if (isDefault(ctx) && isPlain(a) && isPlain(b)) {
    const m = Math.abs(r);
    if ((m >= MIN_NORMAL && m < 2 ** 1023) || m === 0) {
      if ((ctx.flags & PE) === 0 && sumError(a, -b, r) !== 0) ctx.flags |= PE;
      return r;
    }
  }
  return r !== r ? r : slowly(slots.subF64Slots, a, b, ctx);
}

export function mulF64(a: number, b: number, ctx: FloatContext): number {
  const r = a * b;
  if (isDefault(ctx) && isPlain(a) && isPlain(b)) {
    const m = Math.abs(r);
    if (m > MIN_NORMAL && m < Infinity) {
      if ((ctx.flags & PE) !== 0) return r;
      if (m > PRODUCT_MIN && Math.abs(a) < PRODUCT_MAX && Math.abs(b) < PRODUCT_MAX) {
        if (productError(a, b, r) !== 0) ctx.flags |= PE;
        return r;
      }
    } else if (a === 0 || b === 0) {
      return r;
    }
  }
  return r !== r ? r : slowly(slots.mulF64Slots, a, b, ctx);
}

export function divF64(a: number, b: number, ctx: FloatContext): number {
  const r = a / b;
  if (isDefault(ctx) && isPlain(a) && isPlain(b)) {
    const m = Math.abs(r);
    if (m > MIN_NORMAL && m < Infinity) {
      if ((ctx.flags & PE) !== 0) return r;
      if (Math.abs(a) > PRODUCT_MIN && Math.abs(a) < PRODUCT_MAX && Math.abs(b) < PRODUCT_MAX && m < PRODUCT_MAX) {
        const back = r * b;
        if (back !== a || productError(r, b, back) !== 0) ctx.flags |= PE;
        return r;
      }
    } else if (a === 0) {
      return r;
    }
  }
  return r !== r ? r : slowly(slots.divF64Slots, a, b, ctx);
}

const sqrtSlots: Slots2 = (v, d, a, _b, ctx) => slots.sqrtF64Slots(v, d, a, ctx);

export function sqrtF64(a: number, ctx: FloatContext): number {
  const r = Math.sqrt(a);
  if (isDefault(ctx)) {
    if (a > PRODUCT_MIN && a < PRODUCT_MAX) {
      if ((ctx.flags & PE) === 0) {
        const back = r * r;
        if (back !== a || productError(r, r, back) !== 0) ctx.flags |= PE;
      }
      return r;
    }
    if (a === 0) return r;
  }
  return r !== r ? r : slowly(sqrtSlots, a, a, ctx);
}

export function minF64(a: number, b: number, ctx: FloatContext): number {
  if (a !== a || b !== b) return NaN;
  if (isPlain(a) && isPlain(b)) return a < b ? a : b;
  return slowly(slots.minF64Slots, a, b, ctx);
}

export function maxF64(a: number, b: number, ctx: FloatContext): number {
  if (a !== a || b !== b) return NaN;
  if (isPlain(a) && isPlain(b)) return a > b ? a : b;
  return slowly(slots.maxF64Slots, a, b, ctx);
}

/** UNORDERED means that nothing was done: call `compareF64Slots`. */
export function compareF64(a: number, b: number, ctx: FloatContext): Relation {
  if (a !== a || b !== b) return UNORDERED;
  if (isPlain(a) && isPlain(b)) return a < b ? LESS : a > b ? GREATER : EQUAL;
  numbers[1] = a;
  numbers[2] = b;
  return slots.compareF64Slots(words, FIRST, SECOND, true, ctx);
}
