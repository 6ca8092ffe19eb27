import { ROUND_DOWN, ROUND_NEAREST, ROUND_UP, ROUND_ZERO } from "../context.ts";
import type { F80 } from "./f80.ts";

/** The constants of the fld1 family. */
export type ConstantName = "one" | "l2t" | "l2e" | "pi" | "lg2" | "ln2" | "zero";

// se, high half, low half cut off, and the rounding modes in which the last bit is one higher.
type Row = readonly [se: number, hi: number, lo: number, up: readonly number[]];
const UP = [ROUND_UP];
const NEAREST_UP = [ROUND_NEAREST, ROUND_UP];
const NEVER: readonly number[] = [];

const TABLE: Readonly<Record<ConstantName, Row>> = {
  one: [0x3fff, 0x80000000, 0x00000000, NEVER],
  l2t: [0x4000, 0xd49a784b, 0xcd1b8afe, UP], // log2(10)
  l2e: [0x3fff, 0xb8aa3b29, 0x5c17f0bb, NEAREST_UP], // log2(e)
  pi: [0x4000, 0xc90fdaa2, 0x2168c234, NEAREST_UP],
  lg2: [0x3ffd, 0x9a209a84, 0xfbcff798, NEAREST_UP], // log10(2)
  ln2: [0x3ffe, 0xb17217f7, 0xd1cf79ab, NEAREST_UP], // ln(2)
  zero: [0x0000, 0x00000000, 0x00000000, NEVER],
};

/** fld1, fldl2t, fldl2e, fldpi, fldlg2, fldln2, fldz: 64 bits, rounded by `rounding`, no flags (SDM vol. 1, 8.3.8). */
export function loadConstant(out: F80, name: ConstantName, rounding: number = ROUND_ZERO): void {
  const [se, hi, lo, up] = TABLE[name];
  out.set(se, hi, rounding !== ROUND_DOWN && up.includes(rounding) ? lo + 1 : lo);
}
