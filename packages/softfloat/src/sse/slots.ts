import { DE, type FloatContext, IE, PE, type Rounding } from "../context.ts";
import { add } from "../core/add.ts";
import { compare } from "../core/compare.ts";
import { div } from "../core/div.ts";
import { roundIntegral } from "../core/integral.ts";
import { fma } from "../core/fma.ts";
import { mul } from "../core/mul.ts";
import { FAULT, roundTo } from "../core/round.ts";
import { sqrt } from "../core/sqrt.ts";
import { DENORMAL, FINITE, QNAN, SNAN, Unpacked, ZERO } from "../core/unpacked.ts";
import { GREATER, LESS, type Relation, UNORDERED } from "../relation.ts";
import { type Format, readOperand } from "./format.ts";

/**
 * SSE arithmetic on slots, exact in every mode: the reference of the fast forms and what they fall back
 * on. All return false, and write nothing, when the operation raised an unmasked exception (then a #XM
 * fault is due; SDM vol. 1, 11.5). An unmasked IE, DE or ZE hides OE, UE and PE, as on the CPU.
 */
const ua = new Unpacked();
const ub = new Unpacked();
const uc = new Unpacked();
const r = new Unpacked();

function raise(ctx: FloatContext, raised: number): boolean {
  ctx.flags |= raised;
  return (raised & ~ctx.masks) === 0;
}

function denormalFlag(): number {
  return ua.kind === DENORMAL || ub.kind === DENORMAL ? DE : 0;
}

/** At least one of ua, ub is a NaN: the first one in operand order, quieted (SDM vol. 1, table 4-7). */
function propagate(f: Format, v: Uint32Array, d: number, ctx: FloatContext): boolean {
  if ((ua.kind === SNAN || ub.kind === SNAN) && !raise(ctx, IE)) return false;
  f.writeNaN(v, d, ua.kind >= QNAN ? ua : ub);
  return true;
}

/** Rounds u into the format and writes it unless that raises something unmasked. */
function deliver(f: Format, v: Uint32Array, d: number, u: Unpacked, ctx: FloatContext): boolean {
  if (u.kind === FINITE) {
    const before = ctx.flags;
    ctx.flags = 0;
    roundTo(u, f.precision, f.range, FAULT, ctx);
    const raised = ctx.flags;
    ctx.flags |= before;
    if ((raised & ~ctx.masks) !== 0) return false;
  }
  f.write(v, d, u);
  return true;
}

function load2(f: Format, v: Uint32Array, a: number, b: number, ctx: FloatContext): void {
  readOperand(f, ua, v, a, ctx);
  readOperand(f, ub, v, b, ctx);
}

export function addSub(f: Format, v: Uint32Array, d: number, a: number, b: number, negate: 0 | 1, ctx: FloatContext): boolean {
  load2(f, v, a, b, ctx);
  if (ua.kind >= QNAN || ub.kind >= QNAN) return propagate(f, v, d, ctx);
  const invalid = add(r, ua, ub, negate, ctx.rounding);
  if (!raise(ctx, invalid | denormalFlag())) return false;
  return deliver(f, v, d, r, ctx);
}

export function multiply(f: Format, v: Uint32Array, d: number, a: number, b: number, ctx: FloatContext): boolean {
  load2(f, v, a, b, ctx);
  if (ua.kind >= QNAN || ub.kind >= QNAN) return propagate(f, v, d, ctx);
  const invalid = mul(r, ua, ub);
  if (!raise(ctx, invalid !== 0 ? invalid : denormalFlag())) return false;
  return deliver(f, v, d, r, ctx);
}

/** v[d] = a * b + c with one rounding. `negate`: bit 0 the product, bit 1 the addend. */
export function multiplyAdd(f: Format, v: Uint32Array, d: number, a: number, b: number, c: number, negate: number, ctx: FloatContext): boolean {
  load2(f, v, a, b, ctx);
  readOperand(f, uc, v, c, ctx);
  if (ua.kind >= QNAN || ub.kind >= QNAN || uc.kind >= QNAN) {
    if ((ua.kind === SNAN || ub.kind === SNAN || uc.kind === SNAN) && !raise(ctx, IE)) return false;
    f.writeNaN(v, d, ua.kind >= QNAN ? ua : ub.kind >= QNAN ? ub : uc);
    return true;
  }
  const invalid = fma(r, ua, ub, uc, ua.sign ^ ub.sign ^ (negate & 1), uc.sign ^ (negate >> 1), ctx.rounding);
  if (!raise(ctx, invalid !== 0 ? invalid : denormalFlag() | (uc.kind === DENORMAL ? DE : 0))) return false;
  return deliver(f, v, d, r, ctx);
}

export function divide(f: Format, v: Uint32Array, d: number, a: number, b: number, ctx: FloatContext): boolean {
  load2(f, v, a, b, ctx);
  if (ua.kind >= QNAN || ub.kind >= QNAN) return propagate(f, v, d, ctx);
  const raised = div(r, ua, ub);
  if (!raise(ctx, raised !== 0 ? raised : denormalFlag())) return false;
  return deliver(f, v, d, r, ctx);
}

export function squareRoot(f: Format, v: Uint32Array, d: number, a: number, ctx: FloatContext): boolean {
  load2(f, v, a, a, ctx);
  if (ua.kind >= QNAN) return propagate(f, v, d, ctx);
  const invalid = sqrt(r, ua);
  if (!raise(ctx, invalid !== 0 ? invalid : denormalFlag())) return false;
  return deliver(f, v, d, r, ctx);
}

/** min and max: the second operand, bits untouched, for NaNs and for two zeros (SDM vol. 2, MINSD). */
export function select(f: Format, v: Uint32Array, d: number, a: number, b: number, wanted: Relation, words: number, ctx: FloatContext): boolean {
  load2(f, v, a, b, ctx);
  let from = b;
  let chosen = ub;
  if (ua.kind >= QNAN || ub.kind >= QNAN) {
    if (!raise(ctx, IE)) return false;
  } else {
    if (!raise(ctx, denormalFlag())) return false;
    if (compare(ua, ub) === wanted) {
      from = a;
      chosen = ua;
    }
  }
  // Under DAZ the bits may be those of a denormal that counted as zero.
  if (chosen.kind === ZERO) f.write(v, d, chosen);
  else copy(v, d, from, words);
  return true;
}

function copy(v: Uint32Array, d: number, from: number, words: number): void {
  for (let i = 0; i < words; i++) v[d + i] = v[from + i];
}

export const MIN = LESS;
export const MAX = GREATER;

/**
 * Raises DE, and IE for NaNs: signalling ones, or with `quiet` = false all. The relation is right even
 * when an unmasked exception is raised; see `pendingExceptions`.
 */
export function relation(f: Format, v: Uint32Array, a: number, b: number, quiet: boolean, ctx: FloatContext): Relation {
  load2(f, v, a, b, ctx);
  if (ua.kind >= QNAN || ub.kind >= QNAN) {
    if (!quiet || ua.kind === SNAN || ub.kind === SNAN) ctx.flags |= IE;
    return UNORDERED;
  }
  ctx.flags |= denormalFlag();
  return compare(ua, ub);
}

/** cvtss2sd, cvtsd2ss. */
export function convert(to: Format, from: Format, v: Uint32Array, d: number, a: number, ctx: FloatContext): boolean {
  load2(from, v, a, a, ctx);
  if (ua.kind >= QNAN) return propagate(to, v, d, ctx);
  if (!raise(ctx, denormalFlag())) return false;
  if (ua.kind === DENORMAL) ua.kind = FINITE;
  return deliver(to, v, d, ua, ctx);
}

/** The rounding mode that the immediate of roundss / roundsd names (SDM vol. 2, ROUNDSD, figure 4-24). */
export function roundingOf(imm: number, ctx: FloatContext): Rounding {
  return (imm & 4) !== 0 ? ctx.rounding : ((imm & 3) as Rounding);
}

/** roundss, roundsd: raises IE for a signalling NaN, and PE unless imm bit 3 is set; never DE. */
export function roundInteger(f: Format, v: Uint32Array, d: number, a: number, imm: number, ctx: FloatContext): boolean {
  load2(f, v, a, a, ctx);
  if (ua.kind >= QNAN) return propagate(f, v, d, ctx);
  const inexact = roundIntegral(ua, roundingOf(imm, ctx));
  if (inexact && (imm & 8) === 0 && !raise(ctx, PE)) return false;
  f.write(v, d, ua);
  return true;
}
