import { type FloatContext, IE, PE } from "../context.ts";
import { integral, toMagnitude } from "../core/integral.ts";
import { normalise, QNAN, Unpacked, ZERO, FINITE, INFINITE } from "../core/unpacked.ts";
import { toBig } from "../core/words.ts";
import { raise } from "./common.ts";
import { type F80, packF80, unpackF80 } from "./f80.ts";

const LIMIT = 10n ** 18n;
const u = new Unpacked();

/** fbld: ten bytes of packed decimal (SDM vol. 1, 4.7) at an offset; exact, no flags. */
export function bcdToF80(out: F80, bytes: Uint8Array, offset: number): void {
  let value = 0n;
  for (let i = 8; i >= 0; i--) {
    const byte = bytes[offset + i] ?? 0;
    value = value * 100n + BigInt((byte >>> 4) * 10 + (byte & 15));
  }
  u.sign = (bytes[offset + 9] ?? 0) >>> 7;
  u.kind = value === 0n ? ZERO : FINITE;
  u.ext = 0;
  if (value !== 0n) {
    u.exp = 63;
    u.hi = Number(value >> 32n);
    u.lo = Number(value & 0xffffffffn);
    normalise(u);
  }
  packF80(out, u);
}

/**
 * fbstp: writes ten bytes of packed decimal. What does not fit into 18 digits raises IE and gives the
 * packed BCD indefinite. False: unmasked IE, nothing is written.
 */
export function f80ToBcd(bytes: Uint8Array, offset: number, a: F80, ctx: FloatContext): boolean {
  ctx.roundedUp = false;
  unpackF80(u, a);
  let value = 0n;
  let inexact = false;
  let fits = u.kind < QNAN && u.kind !== INFINITE;
  if (fits && u.kind !== ZERO) {
    fits = u.exp < 60;
    if (fits) {
      inexact = toMagnitude(u, ctx.rounding);
      value = toBig(u.hi, u.lo);
      fits = value < LIMIT;
    }
  }
  if (!fits) {
    if (!raise(ctx, IE)) return false;
    bytes.fill(0, offset, offset + 7);
    bytes[offset + 7] = 0xc0;
    bytes[offset + 8] = 0xff;
    bytes[offset + 9] = 0xff;
    return true;
  }
  if (inexact) {
    ctx.flags |= PE;
    ctx.roundedUp = integral.grew;
  }
  let high = Number(value / 1000000000n);
  let low = Number(value % 1000000000n);
  for (let i = 0; i < 9; i++) {
    // Nine digits a half: the fifth byte straddles them.
    let byte: number;
    if (i < 4) {
      byte = low % 100;
      low = Math.floor(low / 100);
    } else if (i === 4) {
      byte = low + 10 * (high % 10);
      high = Math.floor(high / 10);
    } else {
      byte = high % 100;
      high = Math.floor(high / 100);
    }
    bytes[offset + i] = (Math.floor(byte / 10) << 4) | (byte % 10);
  }
  bytes[offset + 9] = u.sign << 7;
  return true;
}
