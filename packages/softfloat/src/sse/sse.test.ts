import { describe, expect, test } from "vitest";
import * as sf from "../index.ts";

const { IE, DE, ZE, OE, UE, PE } = sf;
const MIN = 2 ** -1022;
const MAX = Number.MAX_VALUE;
type Op = (a: number, b: number, ctx: sf.FloatContext) => number;

describe("numbers", () => {
  test.each<[string, Op, number, number, Partial<sf.FloatContext>, number, number]>([
    ["1 + 2", sf.addF64, 1, 2, {}, 3, 0],
    ["0.1 + 0.2", sf.addF64, 0.1, 0.2, {}, 0.1 + 0.2, PE],
    ["0.1 + 0.2, down", sf.addF64, 0.1, 0.2, { rounding: 1 }, 0.3, PE],
    ["1 - 1, down", sf.subF64, 1, 1, { rounding: 1 }, -0, 0],
    ["3 * 5", sf.mulF64, 3, 5, {}, 15, 0],
    ["0.1 * 0.1", sf.mulF64, 0.1, 0.1, {}, 0.1 * 0.1, PE],
    ["1 / 4", sf.divF64, 1, 4, {}, 0.25, 0],
    ["1 / 3", sf.divF64, 1, 3, {}, 1 / 3, PE],
    ["1 / -0", sf.divF64, 1, -0, {}, -Infinity, ZE],
    ["max * 2", sf.mulF64, MAX, 2, {}, Infinity, OE | PE],
    ["max * 2, toward zero", sf.mulF64, MAX, 2, { rounding: 3 }, MAX, OE | PE],
    ["min / 2: tiny but exact", sf.divF64, MIN, 2, {}, MIN / 2, 0],
    ["min / 3", sf.divF64, MIN, 3, {}, MIN / 3, UE | PE],
    ["min / 3, flushed", sf.divF64, MIN, 3, { ftz: true }, 0, UE | PE],
    // Tiny before and after rounding to 53 bits, yet the result is the smallest normal number.
    ["min * (1 - 2^-53)", sf.mulF64, MIN, 1 - 2 ** -53, {}, MIN, UE | PE],
    ["min * (2 - 2^-52) / 2", sf.divF64, MIN * (2 - 2 ** -52), 2, {}, MIN, UE | PE],
    ["min * (1 - 2^-53), PE sticky", sf.mulF64, MIN, 1 - 2 ** -53, { flags: PE }, MIN, UE | PE],
    ["min * (2 - 2^-52) / 2, PE sticky", sf.divF64, MIN * (2 - 2 ** -52), 2, { flags: PE }, MIN, UE | PE],
    ["min * 1", sf.mulF64, MIN, 1, {}, MIN, 0],
    ["float min * (1 - 2^-24)", sf.mulF32, 2 ** -126, 1 - 2 ** -24, {}, 2 ** -126, UE | PE],
    ["float min * (2 - 2^-23) / 2", sf.divF32, 2 ** -126 * (2 - 2 ** -23), 2, {}, 2 ** -126, UE | PE],
    ["denormal + 1", sf.addF64, 2 ** -1074, 1, {}, 1, DE | PE],
    ["denormal + 1, taken as zero", sf.addF64, 2 ** -1074, 1, { daz: true }, 1, 0],
    ["min(0, -0): the second", sf.minF64, 0, -0, {}, -0, 0],
    ["max(-0, 0): the second", sf.maxF64, -0, 0, {}, 0, 0],
    ["float 16777216 + 1", sf.addF32, 16777216, 1, {}, 16777216, PE],
    ["float 16777216 + 1, up", sf.addF32, 16777216, 1, { rounding: 2 }, 16777218, PE],
    ["float 1 / 3", sf.divF32, 1, 3, {}, Math.fround(1 / 3), PE],
    ["float max * max", sf.mulF32, 2 ** 127, 2, {}, Infinity, OE | PE],
  ])("%s", (_name, op, a, b, init, wanted, flags) => {
    const ctx = sf.createFloatContext(init);
    expect(op(a, b, ctx)).toBe(wanted);
    expect(ctx.flags).toBe(flags);
  });

  test.each<[string, Op, number, number]>([
    ["NaN operand", sf.addF64, NaN, 1],
    ["inf - inf", sf.subF64, Infinity, Infinity],
    ["0 * inf", sf.mulF64, 0, Infinity],
    ["0 / 0", sf.divF64, 0, 0],
    ["max with NaN", sf.maxF64, 1, NaN],
    ["float 0 / 0", sf.divF32, 0, 0],
  ])("%s: a NaN answer and no flags, the slots form is due", (_name, op, a, b) => {
    const ctx = sf.createFloatContext();
    expect(op(a, b, ctx)).toBeNaN();
    expect(ctx.flags).toBe(0);
  });

  test.each<[string, number, boolean, number, number]>([
    ["2.5", 2.5, false, 2, PE],
    ["3.5", 3.5, false, 4, PE],
    ["-2.5", -2.5, false, -2, PE],
    ["-2.5 truncated", -2.5, true, -2, PE],
    ["2^31", 2 ** 31, true, -(2 ** 31), IE],
    ["-2^31", -(2 ** 31), true, -(2 ** 31), 0],
    ["2^31 - 0.5 rounds out of range", 2 ** 31 - 0.5, false, -(2 ** 31), IE],
    ["2^31 - 0.5 truncated", 2 ** 31 - 0.5, true, 2 ** 31 - 1, PE],
    ["NaN", NaN, false, -(2 ** 31), IE],
  ])("%s to int32", (_name, a, truncate, wanted, flags) => {
    const ctx = sf.createFloatContext();
    expect(sf.f64ToI32(a, truncate, ctx)).toBe(wanted);
    expect(ctx.flags).toBe(flags);
  });
});

describe("slots", () => {
  const bits = new BigUint64Array(4);
  const words = new Uint32Array(bits.buffer);
  test.each<[string, bigint, bigint, bigint, number]>([
    ["the first NaN", 0x7ff8000000000001n, 0x7ff8000000000002n, 0x7ff8000000000001n, 0],
    ["the first NaN, quieted", 0xfff0000000000001n, 0x7ff8000000000002n, 0xfff8000000000001n, IE],
    ["the second, if the first is none", 0x3ff0000000000000n, 0x7ff8000000000002n, 0x7ff8000000000002n, 0],
    ["the default NaN", 0x7ff0000000000000n, 0xfff0000000000000n, 0xfff8000000000000n, IE],
  ])("addition gives %s", (_name, a, b, wanted, flags) => {
    const ctx = sf.createFloatContext();
    bits[1] = a;
    bits[2] = b;
    expect(sf.addF64Slots(words, 0, 2, 4, ctx)).toBe(true);
    expect(bits[0].toString(16)).toBe(wanted.toString(16));
    expect(ctx.flags).toBe(flags);
  });

  test("an unmasked exception writes nothing", () => {
    const ctx = sf.createFloatContext({ masks: 63 & ~PE });
    bits.set([7n, 0x3ff0000000000000n, 0x4008000000000000n]); // 1 / 3
    expect(sf.divF64Slots(words, 0, 2, 4, ctx)).toBe(false);
    expect(bits[0]).toBe(7n);
    expect(sf.pendingExceptions(ctx)).toBe(PE);
  });
});

describe("control registers", () => {
  test.each([0x1f80, 0xffff, 0x0000, 0x9fc0, 0x7fa1])("MXCSR %i survives", (mxcsr) => {
    const ctx = sf.createFloatContext();
    sf.setMxcsr(ctx, mxcsr);
    expect(sf.getMxcsr(ctx)).toBe(mxcsr);
  });

  test("control word", () => {
    const ctx = sf.createFloatContext();
    sf.setControlWord(ctx, 0x0e7b);
    expect(ctx).toMatchObject({ masks: 0x3b, precision: 53, rounding: 3 });
  });
});
