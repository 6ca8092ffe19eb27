import type { FloatContext } from "../context.ts";
import type { Relation } from "../relation.ts";
import { F32 } from "./format.ts";
import { addSub, divide, MAX, MIN, multiply, multiplyAdd, relation, roundInteger, select, squareRoot } from "./slots.ts";

// The exact forms of float (ss, ps) arithmetic, on slots: v[d] = v[a] op v[b]. See slots.ts for what they return.
type V = Uint32Array;

export function addF32Slots(v: V, d: number, a: number, b: number, ctx: FloatContext): boolean {
  return addSub(F32, v, d, a, b, 0, ctx);
}

export function subF32Slots(v: V, d: number, a: number, b: number, ctx: FloatContext): boolean {
  return addSub(F32, v, d, a, b, 1, ctx);
}

export function mulF32Slots(v: V, d: number, a: number, b: number, ctx: FloatContext): boolean {
  return multiply(F32, v, d, a, b, ctx);
}

/** v[d] = v[a] * v[b] + v[c], rounded once; `negate`: bit 0 the product, bit 1 the addend. */
export function fmaF32Slots(v: V, d: number, a: number, b: number, c: number, negate: number, ctx: FloatContext): boolean {
  return multiplyAdd(F32, v, d, a, b, c, negate, ctx);
}

export function divF32Slots(v: V, d: number, a: number, b: number, ctx: FloatContext): boolean {
  return divide(F32, v, d, a, b, ctx);
}

export function sqrtF32Slots(v: V, d: number, a: number, ctx: FloatContext): boolean {
  return squareRoot(F32, v, d, a, ctx);
}

export function minF32Slots(v: V, d: number, a: number, b: number, ctx: FloatContext): boolean {
  return select(F32, v, d, a, b, MIN, 1, ctx);
}

export function maxF32Slots(v: V, d: number, a: number, b: number, ctx: FloatContext): boolean {
  return select(F32, v, d, a, b, MAX, 1, ctx);
}

/** ucomis (quiet), comis, and the predicates of cmps; flags as `relation` in slots.ts says. */
export function compareF32Slots(v: V, a: number, b: number, quiet: boolean, ctx: FloatContext): Relation {
  return relation(F32, v, a, b, quiet, ctx);
}

export function roundF32Slots(v: V, d: number, a: number, imm: number, ctx: FloatContext): boolean {
  return roundInteger(F32, v, d, a, imm, ctx);
}
