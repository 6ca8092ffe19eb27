import { ROUND_DOWN, ROUND_NEAREST, ROUND_UP } from "../context.ts";
import { FINITE, INFINITE, normalise, shiftRightJam, type Unpacked, ZERO } from "./unpacked.ts";

/** Whether the last integer rounding grew the magnitude. */
export const integral = { grew: false };

/**
 * Turns the significand of a finite u with exp <= 63 into the rounded integer magnitude hi:lo (unsigned).
 * Returns whether that was inexact.
 */
export function toMagnitude(u: Unpacked, rounding: number): boolean {
  integral.grew = false;
  shiftRightJam(u, 63 - u.exp);
  const { ext } = u;
  if (ext === 0) return false;
  u.ext = 0;
  const up =
    rounding === ROUND_NEAREST
      ? ext > 0x80000000 || (ext === 0x80000000 && (u.lo & 1) !== 0)
      : rounding === (u.sign !== 0 ? ROUND_DOWN : ROUND_UP);
  if (up) {
    integral.grew = true;
    if (++u.lo > 0xffffffff) {
      u.lo = 0;
      u.hi++;
    }
  }
  return true;
}

/** Rounds u (no NaN) to an integral value in place; it stays normalised. Returns whether that was inexact. */
export function roundIntegral(u: Unpacked, rounding: number): boolean {
  integral.grew = false;
  if (u.kind === ZERO || u.kind === INFINITE) return false;
  u.kind = FINITE;
  if (u.exp >= 63) return false;
  const inexact = toMagnitude(u, rounding);
  if ((u.hi | u.lo) === 0) {
    u.kind = ZERO;
  } else {
    u.exp = 63;
    normalise(u);
  }
  return inexact;
}

/**
 * Makes u (no NaN) a two's complement integer of `bits` bits, sign-extended into hi:lo.
 * Returns 0 when exact, 1 when inexact, 2 when it does not fit.
 */
export function toSigned(u: Unpacked, bits: number, rounding: number): 0 | 1 | 2 {
  integral.grew = false;
  if (u.kind === ZERO) {
    u.hi = 0;
    u.lo = 0;
    return 0;
  }
  if (u.kind === INFINITE || u.exp > 63) return 2;
  const inexact = toMagnitude(u, rounding);
  const { hi, lo, sign } = u;
  if (bits === 64) {
    if (hi > 0x80000000 || (hi === 0x80000000 && (lo !== 0 || sign === 0))) return 2;
  } else if (hi !== 0 || lo > 2 ** (bits - 1) - (sign !== 0 ? 0 : 1)) {
    return 2;
  }
  if (sign !== 0) {
    u.lo = -lo >>> 0;
    u.hi = (~hi + (lo === 0 ? 1 : 0)) >>> 0;
  }
  return inexact ? 1 : 0;
}
