import { type FloatContext, IE } from "../context.ts";
import { compare } from "../core/compare.ts";
import { QNAN, Unpacked } from "../core/unpacked.ts";
import { type Relation, UNORDERED } from "../relation.ts";
import { denormalFlag } from "./common.ts";
import { type F80, unpackF80 } from "./f80.ts";

const ua = new Unpacked();
const ub = new Unpacked();

/**
 * Compares and raises DE, and IE for NaNs: for all of them (fcom, fcomi, ftst), or with `quiet` for
 * signalling and unsupported ones only (fucom, fucomi). Whether an unmasked exception keeps the condition
 * codes from being written is seen in `pendingExceptions`.
 */
export function compareOperands(a: Unpacked, b: Unpacked, quiet: boolean, ctx: FloatContext): Relation {
  ctx.roundedUp = false;
  if (a.kind >= QNAN || b.kind >= QNAN) {
    if (!quiet || a.kind > QNAN || b.kind > QNAN) ctx.flags |= IE;
    return UNORDERED;
  }
  ctx.flags |= denormalFlag(a, b);
  return compare(a, b);
}

/** `compareOperands` of two registers. */
export function compareF80(a: F80, b: F80, quiet: boolean, ctx: FloatContext): Relation {
  unpackF80(ua, a);
  unpackF80(ub, b);
  return compareOperands(ua, ub, quiet, ctx);
}
