import type { FloatContext } from "../context.ts";
import type { Relation } from "../relation.ts";
import { F64 } from "./format.ts";
import { addSub, divide, MAX, MIN, multiply, multiplyAdd, relation, roundInteger, select, squareRoot } from "./slots.ts";

// The exact forms of double (sd, pd) arithmetic, on slots: v[d] = v[a] op v[b]. See slots.ts for what they return.
type V = Uint32Array;

export function addF64Slots(v: V, d: number, a: number, b: number, ctx: FloatContext): boolean {
  return addSub(F64, v, d, a, b, 0, ctx);
}

export function subF64Slots(v: V, d: number, a: number, b: number, ctx: FloatContext): boolean {
  return addSub(F64, v, d, a, b, 1, ctx);
}

export function mulF64Slots(v: V, d: number, a: number, b: number, ctx: FloatContext): boolean {
  return multiply(F64, v, d, a, b, ctx);
}

/** v[d] = v[a] * v[b] + v[c], rounded once; `negate`: bit 0 the product, bit 1 the addend. */
export function fmaF64Slots(v: V, d: number, a: number, b: number, c: number, negate: number, ctx: FloatContext): boolean {
  return multiplyAdd(F64, v, d, a, b, c, negate, ctx);
}

export function divF64Slots(v: V, d: number, a: number, b: number, ctx: FloatContext): boolean {
  return divide(F64, v, d, a, b, ctx);
}

export function sqrtF64Slots(v: V, d: number, a: number, ctx: FloatContext): boolean {
  return squareRoot(F64, v, d, a, ctx);
}

export function minF64Slots(v: V, d: number, a: number, b: number, ctx: FloatContext): boolean {
  return select(F64, v, d, a, b, MIN, 2, ctx);
}

export function maxF64Slots(v: V, d: number, a: number, b: number, ctx: FloatContext): boolean {
  return select(F64, v, d, a, b, MAX, 2, ctx);
}

/** ucomis (quiet), comis, and the predicates of cmps; flags as `relation` in slots.ts says. */
export function compareF64Slots(v: V, a: number, b: number, quiet: boolean, ctx: FloatContext): Relation {
  return relation(F64, v, a, b, quiet, ctx);
}

export function roundF64Slots(v: V, d: number, a: number, imm: number, ctx: FloatContext): boolean {
  return roundInteger(F64, v, d, a, imm, ctx);
}
