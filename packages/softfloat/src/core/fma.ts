import { IE, ROUND_DOWN } from "../context.ts";
import { FINITE, INFINITE, QNAN, type Unpacked, ZERO } from "./unpacked.ts";

const significand = (u: Unpacked): bigint => (BigInt(u.hi) << 32n) | BigInt(u.lo);

/** Places by which the smaller of two summands may lie below the larger one before only its being there counts. */
const FAR = 256;

/** r = a * b + c with jammed low bits, rounded nowhere in between. Operands are no NaNs; signs are those of product and c. Returns IE or 0. */
export function fma(r: Unpacked, a: Unpacked, b: Unpacked, c: Unpacked, productSign: number, addendSign: number, rounding: number): number {
  const infinite = a.kind === INFINITE || b.kind === INFINITE;
  const zero = a.kind === ZERO || b.kind === ZERO;
  if ((infinite && zero) || (infinite && c.kind === INFINITE && productSign !== addendSign)) {
    r.kind = QNAN;
    return IE;
  }
  if (infinite || c.kind === INFINITE) {
    r.kind = INFINITE;
    r.sign = infinite ? productSign : addendSign;
    return 0;
  }
  if (zero && c.kind === ZERO) {
    r.kind = ZERO;
    r.sign = productSign === addendSign ? productSign : rounding === ROUND_DOWN ? 1 : 0;
    return 0;
  }
  let product = zero ? 0n : significand(a) * significand(b);
  let productExp = a.exp + b.exp - 126;
  let addend = c.kind === ZERO ? 0n : significand(c);
  let addendExp = c.exp - 63;
  if (zero) productExp = addendExp;
  if (c.kind === ZERO) addendExp = productExp;
  if (productExp - addendExp > FAR) {
    addend = 1n;
    addendExp = productExp - FAR;
  } else if (addendExp - productExp > FAR) {
    product = 1n;
    productExp = addendExp - FAR;
  }
  const exp = Math.min(productExp, addendExp);
  const x = product << BigInt(productExp - exp);
  const y = addend << BigInt(addendExp - exp);
  let sum = (productSign !== 0 ? -x : x) + (addendSign !== 0 ? -y : y);
  if (sum === 0n) {
    r.kind = ZERO;
    r.sign = rounding === ROUND_DOWN ? 1 : 0;
    return 0;
  }
  r.kind = FINITE;
  r.sign = sum < 0n ? 1 : 0;
  if (sum < 0n) sum = -sum;
  // 96 bits are kept
  const length = sum.toString(16).length * 4 - Math.clz32(Number.parseInt(sum.toString(16)[0]!, 16)) + 28;
  const down = length - 96;
  let kept = sum;
  if (down > 0) {
    kept = sum >> BigInt(down);
    if (kept << BigInt(down) !== sum) kept |= 1n;
  } else kept = sum << BigInt(-down);
  r.exp = exp + length - 1;
  r.hi = Number(kept >> 64n);
  r.lo = Number((kept >> 32n) & 0xffffffffn);
  r.ext = Number(kept & 0xffffffffn);
  return 0;
}
