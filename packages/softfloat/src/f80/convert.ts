import { DE, type FloatContext, IE } from "../context.ts";
import { packF32, packF64, packNaN32, packNaN64 } from "../core/pack.ts";
import type { WordPair } from "../core/pair.ts";
import { HOLD, RANGE_F32, RANGE_F64, roundTo } from "../core/round.ts";
import { unpackF32, unpackF64 } from "../core/unpack.ts";
import { DENORMAL, FINITE, QNAN, SNAN, UNSUPPORTED, Unpacked } from "../core/unpacked.ts";
import { raise, setNaN } from "./common.ts";
import { type F80, packF80, unpackF80 } from "./f80.ts";

const u = new Unpacked();

function load(out: F80, ctx: FloatContext): boolean {
  ctx.roundedUp = false;
  if (u.kind >= QNAN) {
    if (u.kind === SNAN && !raise(ctx, IE)) return false;
    setNaN(out, u);
    return true;
  }
  if (u.kind === DENORMAL) {
    // Even unmasked, DE does not keep the number from being loaded.
    ctx.flags |= DE;
    u.kind = FINITE;
  }
  packF80(out, u);
  return true;
}

/** fld m32: exact; IE for a signalling NaN, DE for a denormal. False: unmasked IE, nothing is loaded. */
export function f32ToF80(out: F80, bits: number, ctx: FloatContext): boolean {
  unpackF32(u, bits);
  return load(out, ctx);
}

/** fld m64, from the bits as halves; see `f32ToF80`. */
export function f64ToF80(out: F80, hi: number, lo: number, ctx: FloatContext): boolean {
  unpackF64(u, hi, lo);
  return load(out, ctx);
}

/** fst m32: the bits in out.lo. False when an unmasked IE, OE or UE keeps memory from being written. */
export function f80ToF32(out: WordPair, a: F80, ctx: FloatContext): boolean {
  ctx.roundedUp = false;
  unpackF80(u, a);
  out.hi = 0;
  if (u.kind >= QNAN) {
    if (u.kind !== QNAN && !raise(ctx, IE)) return false;
    out.lo = u.kind === UNSUPPORTED ? 0xffc00000 : packNaN32(u);
    return true;
  }
  if (u.kind === DENORMAL) u.kind = FINITE;
  if (u.kind === FINITE && !roundTo(u, 24, RANGE_F32, HOLD, ctx)) return false;
  out.lo = packF32(u);
  return true;
}

/** fst m64; see `f80ToF32`. */
export function f80ToF64(out: WordPair, a: F80, ctx: FloatContext): boolean {
  ctx.roundedUp = false;
  unpackF80(u, a);
  if (u.kind >= QNAN) {
    if (u.kind !== QNAN && !raise(ctx, IE)) return false;
    if (u.kind === UNSUPPORTED) {
      out.hi = 0xfff80000;
      out.lo = 0;
    } else {
      packNaN64(out, u);
    }
    return true;
  }
  if (u.kind === DENORMAL) u.kind = FINITE;
  if (u.kind === FINITE && !roundTo(u, 53, RANGE_F64, HOLD, ctx)) return false;
  packF64(out, u);
  return true;
}
