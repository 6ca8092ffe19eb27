import { describe, expect, test } from "vitest";
import { atan, bitLength, cos, expm1, FRACTION, LN2, ln, ONE, PI, sin } from "./fixed.ts";

const near = (x: bigint, y: bigint): void => {
  const d = x > y ? x - y : y - x;
  // Far more than the 2^-130 that 80-bit results need.
  expect(d < 1n << (FRACTION - 180n), `off by 2^${bitLength(d === 0n ? 1n : d) - Number(FRACTION)}`).toBe(true);
};
/** A decimal fraction as fixed point. */
const decimal = (text: string): bigint => {
  const [whole, fraction = ""] = text.split(".");
  return (BigInt(whole + fraction) * ONE) / 10n ** BigInt(fraction.length);
};

describe("fixed point", () => {
  test.each([
    ["pi", PI, "3.14159265358979323846264338327950288419716939937510582097494459"],
    ["ln 2", LN2, "0.69314718055994530941723212145817656807550013436025525412068000"],
    ["sin 1/2", sin(ONE / 2n), "0.47942553860420300027328793521557138808180336794060067518861661"],
    ["cos 1/2", cos(ONE / 2n), "0.87758256189037271611628158260382965199164519710974405299761087"],
    ["e^1/2 - 1", expm1(ONE / 2n), "0.64872127070012814684865078781416357165377610071014801157507931"],
    ["atan 1/2", atan(ONE / 2n), "0.46364760900080611621425623146121440202853705428612026381093309"],
    ["ln 3/2", ln((3n * ONE) / 2n), "0.40546510810816438197801311546434913657199042346249419761401433"],
  ])("%s", (_name, value, digits) => near(value, decimal(digits)));

  test("Machin: pi = 16 atan 1/5 - 4 atan 1/239", () => near(PI, 16n * atan(ONE / 5n) - 4n * atan(ONE / 239n)));
  test("ln 2 by way of the table", () => near(LN2, ln(2n * ONE)));
  test("ln 2 = -ln 1/2", () => near(LN2, -ln(ONE / 2n)));
  test.each([1n, 7n, 50n, 99n])("identities at %i/100", (n) => {
    const x = (n * ONE) / 100n;
    near((sin(x) ** 2n + cos(x) ** 2n) >> FRACTION, ONE);
    near((expm1(x) + ONE) * (expm1(-x) + ONE) >> FRACTION, ONE);
    near(ln(ONE + expm1((x * 3n) / 5n)), (x * 3n) / 5n);
    near(atan((sin(x / 2n) << FRACTION) / cos(x / 2n)), x / 2n);
  });
  test.each([1n, 2n, 255n, 256n, 1n << 100n, (1n << 100n) - 1n])("bitLength(%i)", (x) => {
    expect(bitLength(x)).toBe(x.toString(2).length);
  });
});
