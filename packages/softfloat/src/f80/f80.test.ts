import { describe, expect, test } from "vitest";
import * as sf from "../index.ts";
import type { F80 } from "../index.ts";

// Known values, so that a host without the oracle tests something a reader can check by hand.
const x = (se: number, significand: bigint): F80 => sf.f80(se, significand);
const show = (a: F80): string => `${a.se.toString(16).padStart(4, "0")}:${a.hi.toString(16).padStart(8, "0")}${a.lo.toString(16).padStart(8, "0")}`;
const ONE = x(0x3fff, 1n << 63n);
const TWO = x(0x4000, 1n << 63n);
const THREE = x(0x4000, 3n << 62n);
const ZERO = x(0, 0n);
const INF = x(0x7fff, 1n << 63n);
const MAX = x(0x7ffe, 0xffffffffffffffffn);
const TINY = x(0x0001, 1n << 63n);
const DENORMAL = x(0, 1n);
const QNAN = x(0x7fff, 0xc000000000000005n);
const SNAN = x(0x7fff, 0xa000000000000009n);
const UNNORMAL = x(0x3fff, 1n << 62n);
const { IE, DE, ZE, OE, UE, PE } = sf;

describe("arithmetic", () => {
  test.each<[string, typeof sf.addF80, F80, F80, Partial<sf.FloatContext>, string, number, boolean?]>([
    ["1 + 2", sf.addF80, ONE, TWO, {}, "4000:c000000000000000", 0],
    ["1 - 1", sf.subF80, ONE, ONE, {}, "0000:0000000000000000", 0],
    ["1 - 1, down", sf.subF80, ONE, ONE, { rounding: 1 }, "8000:0000000000000000", 0],
    ["1 / 3", sf.divF80, ONE, THREE, {}, "3ffd:aaaaaaaaaaaaaaab", PE, true],
    ["1 / 3, toward zero", sf.divF80, ONE, THREE, { rounding: 3 }, "3ffd:aaaaaaaaaaaaaaaa", PE],
    ["1 / 3, 53 bits", sf.divF80, ONE, THREE, { precision: 53 }, "3ffd:aaaaaaaaaaaaa800", PE],
    ["1 / 3, 24 bits", sf.divF80, ONE, THREE, { precision: 24 }, "3ffd:aaaaab0000000000", PE, true],
    ["1 / 0", sf.divF80, ONE, ZERO, {}, "7fff:8000000000000000", ZE],
    ["0 / 0", sf.divF80, ZERO, ZERO, {}, "ffff:c000000000000000", IE],
    ["0 * inf", sf.mulF80, ZERO, INF, {}, "ffff:c000000000000000", IE],
    ["inf - inf", sf.subF80, INF, INF, {}, "ffff:c000000000000000", IE],
    ["max + max", sf.addF80, MAX, MAX, {}, "7fff:8000000000000000", OE | PE, true],
    ["max + max, toward zero", sf.addF80, MAX, MAX, { rounding: 3 }, "7ffe:ffffffffffffffff", OE | PE],
    ["max + max, overflow unmasked", sf.addF80, MAX, MAX, { masks: 63 & ~OE }, "1fff:ffffffffffffffff", OE],
    ["tiny * tiny", sf.mulF80, TINY, TINY, {}, "0000:0000000000000000", UE | PE],
    ["tiny * tiny, underflow unmasked", sf.mulF80, TINY, TINY, { masks: 63 & ~UE }, "2003:8000000000000000", UE],
    ["denormal + denormal", sf.addF80, DENORMAL, DENORMAL, {}, "0000:0000000000000002", DE],
    ["quiet NaN", sf.addF80, QNAN, ONE, {}, "7fff:c000000000000005", 0],
    ["signalling NaN", sf.addF80, ONE, SNAN, {}, "7fff:e000000000000009", IE],
    ["signalling and quiet: the quiet one", sf.addF80, SNAN, QNAN, {}, "7fff:c000000000000005", IE],
    ["unnormal", sf.mulF80, ONE, UNNORMAL, {}, "ffff:c000000000000000", IE],
    ["quiet NaN / 0", sf.divF80, QNAN, ZERO, {}, "7fff:c000000000000005", 0],
    ["scale 1 by 2", sf.scaleF80, ONE, TWO, {}, "4001:8000000000000000", 0],
  ])("%s", (_name, op, a, b, init, wanted, flags, roundedUp = false) => {
    const ctx = sf.createFloatContext(init);
    const out = new sf.F80();
    expect(op(out, a, b, ctx)).toBe(true);
    expect({ out: show(out), flags: ctx.flags, roundedUp: ctx.roundedUp }).toEqual({ out: wanted, flags, roundedUp });
  });

  test.each<[string, typeof sf.addF80, F80, F80, number]>([
    ["invalid", sf.addF80, SNAN, ONE, IE],
    ["denormal", sf.addF80, DENORMAL, ONE, DE],
    ["zero divide", sf.divF80, ONE, ZERO, ZE],
  ])("unmasked %s suppresses the result", (_name, op, a, b, flag) => {
    const ctx = sf.createFloatContext({ masks: 63 & ~flag });
    const out = x(0x1234, 0x8765432112345678n);
    expect(op(out, a, b, ctx)).toBe(false);
    expect(show(out)).toBe("1234:8765432112345678");
    expect(sf.pendingExceptions(ctx)).toBe(flag);
  });

  test("the square root of two", () => {
    const out = new sf.F80();
    sf.sqrtF80(out, TWO, sf.createFloatContext());
    expect(show(out)).toBe("3fff:b504f333f9de6484");
  });
});

describe("remainders", () => {
  const SEVEN = x(0x4001, 7n << 61n);
  test.each<[string, F80, F80, boolean, string, number]>([
    ["7 rem 2, truncated", SEVEN, TWO, false, "3fff:8000000000000000", 3],
    ["7 rem 2, nearest", SEVEN, TWO, true, "bfff:8000000000000000", 4],
    ["2^65 rem 3: partial", x(0x3fff + 65, 1n << 63n), THREE, false, "4020:8000000000000000", sf.REM_PARTIAL],
    ["1 rem inf", ONE, INF, false, "3fff:8000000000000000", 0],
    ["inf rem 1", INF, ONE, false, "ffff:c000000000000000", 0],
  ])("%s", (_name, a, b, nearest, wanted, quotient) => {
    const out = new sf.F80();
    expect(sf.remF80(out, a, b, nearest, sf.createFloatContext())).toBe(quotient);
    expect(show(out)).toBe(wanted);
  });
});

describe("conversions", () => {
  const pair = new sf.WordPair();
  test.each<[string, F80, 16 | 32 | 64, boolean, bigint, number]>([
    ["1.5", x(0x3fff, 3n << 62n), 32, false, 2n, PE],
    ["1.5 truncated", x(0x3fff, 3n << 62n), 32, true, 1n, PE],
    ["-1.5", x(0xbfff, 3n << 62n), 64, false, -2n, PE],
    ["2^15 in 16 bits", x(0x3fff + 15, 1n << 63n), 16, false, -32768n, IE],
    ["-2^15 in 16 bits", x(0xbfff + 15, 1n << 63n), 16, false, -32768n, 0],
    ["-2^63", x(0xbfff + 63, 1n << 63n), 64, false, -(2n ** 63n), 0],
    ["2^63", x(0x3fff + 63, 1n << 63n), 64, false, -(2n ** 63n), IE],
    ["NaN", QNAN, 32, false, -(2n ** 31n), IE],
  ])("%s to an integer", (_name, a, bits, truncate, wanted, flags) => {
    const ctx = sf.createFloatContext();
    expect(sf.f80ToInteger(pair, a, bits, truncate, ctx)).toBe(true);
    expect(BigInt.asIntN(64, (BigInt(pair.hi) << 32n) | BigInt(pair.lo))).toBe(wanted);
    expect(ctx.flags).toBe(flags);
  });

  test("doubles there and back", () => {
    const view = new DataView(new ArrayBuffer(8));
    const ctx = sf.createFloatContext();
    const out = new sf.F80();
    for (const d of [0, -0, 1, -1.5, Math.PI, 2 ** -1074, 2 ** -1022, Number.MAX_VALUE, Infinity]) {
      view.setFloat64(0, d);
      sf.f64ToF80(out, view.getUint32(0), view.getUint32(4), ctx);
      sf.f80ToF64(pair, out, ctx);
      view.setUint32(0, pair.hi);
      view.setUint32(4, pair.lo);
      expect(view.getFloat64(0)).toBe(d);
    }
    expect(ctx.flags).toBe(DE);
  });

  test("packed decimal", () => {
    const bytes = Uint8Array.of(0x89, 0x67, 0x45, 0x23, 0x01, 0, 0, 0, 0, 0x80);
    const out = new sf.F80();
    sf.bcdToF80(out, bytes, 0);
    const back = new Uint8Array(10);
    expect(sf.f80ToBcd(back, 0, out, sf.createFloatContext())).toBe(true);
    expect([...back]).toEqual([...bytes]);
    expect(sf.f80ToInteger(pair, out, 64, false, sf.createFloatContext())).toBe(true);
    expect(BigInt.asIntN(64, (BigInt(pair.hi) << 32n) | BigInt(pair.lo))).toBe(-123456789n);
  });

  test.each<[string, F80, number]>([
    ["zero", ZERO, sf.C3],
    ["one", ONE, sf.C2],
    ["infinity", INF, sf.C2 | sf.C0],
    ["NaN", SNAN, sf.C0],
    ["denormal", DENORMAL, sf.C3 | sf.C2],
    ["unsupported", UNNORMAL, 0],
    ["minus one", x(0xbfff, 1n << 63n), sf.C2 | sf.C1],
  ])("fxam of %s", (_name, a, wanted) => expect(sf.classifyF80(a)).toBe(wanted));
});

describe("transcendental functions", () => {
  const ctx = (): sf.FloatContext => sf.createFloatContext();
  const PI = new sf.F80();
  sf.loadConstant(PI, "pi", 0);

  // sin(1), cos(1), e and so on to 64 bits, from tables of decimal digits.
  test.each<[string, (out: F80) => unknown, string]>([
    ["sin 1", (out) => sf.sinF80(out, ONE, ctx()), "3ffe:d76aa47848677021"],
    ["cos 1", (out) => sf.cosF80(out, ONE, ctx()), "3ffe:8a51407da8345c92"],
    ["sin pi, pi having 66 bits", (out) => sf.sinF80(out, PI, ctx()), "bfbf:8000000000000000"],
    ["atan2(1, 1)", (out) => sf.atanF80(out, ONE, ONE, ctx()), "3ffe:c90fdaa22168c235"],
    ["atan2(0, -1)", (out) => sf.atanF80(out, x(0xbfff, 1n << 63n), ZERO, ctx()), "4000:c90fdaa22168c235"],
    ["2^0.5 - 1", (out) => sf.exp2m1F80(out, x(0x3ffe, 1n << 63n), ctx()), "3ffd:d413cccfe7799211"],
    ["1 log2 3", (out) => sf.ylog2xF80(out, THREE, ONE, ctx()), "3fff:cae00d1cfdeb43d0"],
    ["1 log2(1 + 0.25)", (out) => sf.ylog2xp1F80(out, x(0x3ffd, 1n << 63n), ONE, ctx()), "3ffd:a4d3c25e68dc57f2"],
  ])("%s", (_name, run, wanted) => {
    const out = new sf.F80();
    run(out);
    expect(show(out)).toBe(wanted);
  });

  test("2^63 is out of range", () => {
    expect(sf.sinF80(new sf.F80(), x(0x3fff + 63, 1n << 63n), ctx())).toBe(sf.OUT_OF_RANGE);
  });
});
