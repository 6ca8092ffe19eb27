import type { FloatContext } from "../context.ts";
import { add } from "../core/add.ts";
import { div } from "../core/div.ts";
import { mul } from "../core/mul.ts";
import { sqrt } from "../core/sqrt.ts";
import { DENORMAL, FINITE, QNAN, Unpacked } from "../core/unpacked.ts";
import { DE, IE, ZE } from "../context.ts";
import { deliver, denormalFlag, propagateNaN, propagateNaN1, raise } from "./common.ts";
import { type F80, unpackF80 } from "./f80.ts";

const ua = new Unpacked();
const ub = new Unpacked();
const r = new Unpacked();

/**
 * The `...Operands` functions take operands already taken apart, so that an m32 or m64 operand
 * (`unpackF32`, `unpackF64`) or an integer (`unpackI32`...) can meet a register without a separate
 * conversion, as fadd m64 does. `out` may be the F80 an operand came from.
 *
 * All return true when a result was written to `out`, false when an unmasked IE, DE or ZE suppressed it.
 */
function addSub(out: F80, a: Unpacked, b: Unpacked, negate: number, ctx: FloatContext): boolean {
  ctx.roundedUp = false;
  if (a.kind !== FINITE || b.kind !== FINITE) {
    if (a.kind >= QNAN || b.kind >= QNAN) return propagateNaN(out, a, b, ctx);
    const invalid = add(r, a, b, negate, ctx.rounding);
    if (!raise(ctx, invalid | denormalFlag(a, b))) return false;
  } else {
    add(r, a, b, negate, ctx.rounding);
  }
  return deliver(out, r, ctx.precision, ctx);
}

/** out = a + b. */
export function addOperands(out: F80, a: Unpacked, b: Unpacked, ctx: FloatContext): boolean {
  return addSub(out, a, b, 0, ctx);
}

/** out = a - b. */
export function subOperands(out: F80, a: Unpacked, b: Unpacked, ctx: FloatContext): boolean {
  return addSub(out, a, b, 1, ctx);
}

/** out = a * b. */
export function mulOperands(out: F80, a: Unpacked, b: Unpacked, ctx: FloatContext): boolean {
  ctx.roundedUp = false;
  if (a.kind >= QNAN || b.kind >= QNAN) return propagateNaN(out, a, b, ctx);
  const invalid = mul(r, a, b);
  if (!raise(ctx, invalid !== 0 ? invalid : denormalFlag(a, b))) return false;
  return deliver(out, r, ctx.precision, ctx);
}

/** out = a / b. */
export function divOperands(out: F80, a: Unpacked, b: Unpacked, ctx: FloatContext): boolean {
  ctx.roundedUp = false;
  if (a.kind >= QNAN || b.kind >= QNAN) return propagateNaN(out, a, b, ctx);
  const raised = div(r, a, b);
  // IE and ZE come before DE and hide it.
  if (!raise(ctx, (raised & (IE | ZE)) !== 0 ? raised : denormalFlag(a, b))) return false;
  return deliver(out, r, ctx.precision, ctx);
}

/** fadd: out = a + b, rounded to ctx.precision. */
export function addF80(out: F80, a: F80, b: F80, ctx: FloatContext): boolean {
  unpackF80(ua, a);
  unpackF80(ub, b);
  return addSub(out, ua, ub, 0, ctx);
}

/** fsub: out = a - b, rounded to ctx.precision (for fsubr swap the operands). */
export function subF80(out: F80, a: F80, b: F80, ctx: FloatContext): boolean {
  unpackF80(ua, a);
  unpackF80(ub, b);
  return addSub(out, ua, ub, 1, ctx);
}

/** fmul: out = a * b, rounded to ctx.precision. */
export function mulF80(out: F80, a: F80, b: F80, ctx: FloatContext): boolean {
  unpackF80(ua, a);
  unpackF80(ub, b);
  return mulOperands(out, ua, ub, ctx);
}

/** fdiv: out = a / b, rounded to ctx.precision (for fdivr swap the operands). */
export function divF80(out: F80, a: F80, b: F80, ctx: FloatContext): boolean {
  unpackF80(ua, a);
  unpackF80(ub, b);
  return divOperands(out, ua, ub, ctx);
}

/** fsqrt: out = sqrt(a), rounded to ctx.precision. */
export function sqrtF80(out: F80, a: F80, ctx: FloatContext): boolean {
  ctx.roundedUp = false;
  unpackF80(ua, a);
  if (ua.kind >= QNAN) return propagateNaN1(out, ua, ctx);
  const invalid = sqrt(r, ua);
  if (!raise(ctx, invalid !== 0 ? invalid : ua.kind === DENORMAL ? DE : 0)) return false;
  return deliver(out, r, ctx.precision, ctx);
}
