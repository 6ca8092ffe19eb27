import { beforeAll, describe, expect, test } from "vitest";
import { compileOracle, missingOracle, type Oracle } from "../test/oracle.ts";
import { checkSse, SSE_OPS } from "../test/sse-check.ts";
import { checkX87 } from "../test/x87-check.ts";
import { X87_OPS } from "../test/x87-model.ts";

// Without the oracle these are skipped by name, but under CI they fail.
const missing = missingOracle();
const skip = missing !== undefined && process.env.CI !== "true";
const COUNT = 200_000;
const BATCH = 20_000;

describe.skipIf(skip)(`200,000 vectors each against this CPU${missing === undefined ? "" : ` (${missing})`}`, () => {
  let oracle: Oracle;
  beforeAll(() => {
    oracle = compileOracle();
  });

  test("the program knows every operation of the models", () => {
    expect([...Object.keys(X87_OPS), ...Object.keys(SSE_OPS)].filter((op) => !oracle.ops.includes(op))).toEqual([]);
  });

  test.each(Object.keys(X87_OPS))("x87 %s", (op) => {
    for (let n = 0; n < COUNT; n += BATCH) expect(checkX87(oracle, op, BATCH, 1000 + n).differences).toEqual([]);
  });

  test.each(Object.keys(SSE_OPS))("SSE %s", (op) => {
    for (let n = 0; n < COUNT; n += BATCH) expect(checkSse(oracle, op, BATCH, 1000 + n).differences).toEqual([]);
  });
});
