import { packF32, packF64, packNaN32, packNaN64 } from "../core/pack.ts";
import { WordPair } from "../core/pair.ts";
import { RANGE_F32, RANGE_F64, type Range } from "../core/round.ts";
import { unpackF32, unpackF64 } from "../core/unpack.ts";
import { type FloatContext } from "../context.ts";
import { DENORMAL, type Unpacked, ZERO } from "../core/unpacked.ts";

/**
 * Slots: a number is named by its index in a Uint32Array, a float taking one word, a double two, low word
 * first. So all bits of a NaN survive, which they need not in a JavaScript number.
 */
export interface Format {
  readonly precision: number;
  readonly range: Range;
  read(u: Unpacked, v: Uint32Array, i: number): void;
  /** Writes a rounded number; kind QNAN means the default NaN. */
  write(v: Uint32Array, i: number, u: Unpacked): void;
  /** Writes a NaN operand, quieted. */
  writeNaN(v: Uint32Array, i: number, u: Unpacked): void;
}

const pair = new WordPair();

export const F32: Format = {
  precision: 24,
  range: RANGE_F32,
  read(u, v, i) {
    unpackF32(u, v[i]);
  },
  write(v, i, u) {
    v[i] = packF32(u);
  },
  writeNaN(v, i, u) {
    v[i] = packNaN32(u);
  },
};

export const F64: Format = {
  precision: 53,
  range: RANGE_F64,
  read(u, v, i) {
    unpackF64(u, v[i + 1] as number, v[i]);
  },
  write(v, i, u) {
    packF64(pair, u);
    v[i] = pair.lo;
    v[i + 1] = pair.hi;
  },
  writeNaN(v, i, u) {
    packNaN64(pair, u);
    v[i] = pair.lo;
    v[i + 1] = pair.hi;
  },
};

/** Reads an operand; under DAZ a denormal is a zero of its sign. */
export function readOperand(f: Format, u: Unpacked, v: Uint32Array, i: number, ctx: FloatContext): void {
  f.read(u, v, i);
  if (u.kind === DENORMAL && ctx.daz) u.kind = ZERO;
}
