import { describe, expect, test } from "vitest";
import { createRandom, significand } from "../../test/random.ts";
import { add } from "./add.ts";
import { div } from "./div.ts";
import { mul } from "./mul.ts";
import { sqrt } from "./sqrt.ts";
import { FINITE, Unpacked } from "./unpacked.ts";

// The word arithmetic against bigint arithmetic. A number here is significand * 2^(exp - 63).
const COUNT = 20_000;
const TOP = 1n << 63n;
const MASK = (1n << 64n) - 1n;

function unpacked(sig: bigint, exp = 0, sign = 0): Unpacked {
  const u = new Unpacked();
  u.kind = FINITE;
  u.sign = sign;
  u.exp = exp;
  u.hi = Number(sig >> 32n);
  u.lo = Number(sig & 0xffffffffn);
  u.ext = 0;
  return u;
}

/** hi:lo:ext as one number of 96 bits. */
function wide(u: Unpacked): bigint {
  return (BigInt(u.hi) << 64n) | (BigInt(u.lo) << 32n) | BigInt(u.ext);
}

/** The top 96 bits of x, the lowest also standing for what is cut off; and the weight of the top bit. */
function jammed(x: bigint, rest: boolean): { bits: bigint; length: number } {
  const length = x.toString(2).length;
  if (length <= 96) return { bits: (x << BigInt(96 - length)) | (rest ? 1n : 0n), length };
  const bits = x >> BigInt(length - 96);
  return { bits: bits | (rest || bits << BigInt(length - 96) !== x ? 1n : 0n), length };
}

function isqrt(n: bigint): bigint {
  let x = 1n << BigInt(Math.ceil(n.toString(2).length / 2));
  for (;;) {
    const y = (x + n / x) >> 1n;
    if (y >= x) return x;
    x = y;
  }
}

describe("significands against bigint", () => {
  const r = createRandom(99);
  const any = (): bigint => (significand(r) & MASK) | TOP;
  const out = new Unpacked();

  test("product", () => {
    for (let i = 0; i < COUNT; i++) {
      const a = any();
      const b = any();
      mul(out, unpacked(a), unpacked(b));
      const wanted = jammed(a * b, false);
      if (wide(out) !== wanted.bits || out.exp !== wanted.length - 127) expect.fail(`${a} * ${b}`);
    }
  });

  test("quotient", () => {
    for (let i = 0; i < COUNT; i++) {
      const a = any();
      const b = r.below(10) === 0 ? a - BigInt(r.below(3) - 1) : any();
      if (b < TOP || b > MASK) continue;
      div(out, unpacked(a), unpacked(b));
      const q = (a << 128n) / b;
      const wanted = jammed(q, q * b !== a << 128n);
      if (wide(out) !== wanted.bits || out.exp !== wanted.length - 129) expect.fail(`${a} / ${b}`);
    }
  });

  test("sum and difference", () => {
    for (let i = 0; i < COUNT; i++) {
      const a = any();
      const b = any();
      const distance = r.below(100);
      const sign = r.below(2);
      const exact = (a << 100n) + (sign === 0 ? b << BigInt(100 - distance) : -(b << BigInt(100 - distance)));
      if (exact <= 0n) continue;
      add(out, unpacked(a), unpacked(b, -distance, sign), 0, 0);
      const wanted = jammed(exact, false);
      // Jamming early may leave the ones below the rounding point elsewhere: compare the kept bits, the half bit, and whether anything is below.
      const view = (x: bigint): string => `${x >> 31n} ${(x & 0x7fffffffn) !== 0n}`;
      if (view(wide(out)) !== view(wanted.bits) || out.exp !== wanted.length - 164) expect.fail(`${a} ${sign} ${b} >> ${distance}`);
    }
  });

  test("square root", () => {
    const check = (sig: bigint, odd: number): void => {
      sqrt(out, unpacked(sig, odd));
      const n = sig << BigInt(63 + odd);
      const root = isqrt(n);
      const rest = n - root * root;
      const ext = rest === 0n ? 0n : rest > root ? 0xc0000000n : 0x40000000n;
      if (wide(out) !== ((root << 32n) | ext) || out.exp !== 0) expect.fail(`sqrt ${sig} ${odd}`);
    };
    for (let i = 0; i < COUNT; i++) {
      const odd = r.below(2);
      check(any(), odd);
      // Squares and their neighbours.
      const root = 0x80000000n + BigInt(r.u32() >>> 1);
      for (const d of [-1n, 0n, 1n]) {
        const square = root * root + d;
        const length = square.toString(2).length;
        check((square << BigInt(64 - length)) & MASK, odd);
      }
    }
    for (const edge of [TOP, TOP + 1n, MASK, MASK - 1n, MASK << 32n & MASK, (MASK << 31n) & MASK]) {
      check(edge, 0);
      check(edge, 1);
    }
  });
});
