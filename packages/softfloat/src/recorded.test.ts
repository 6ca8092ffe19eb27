import { describe, expect, test } from "vitest";
import { readRecording, recordedOracle } from "../test/recorded.ts";
import { checkSse, SSE_OPS } from "../test/sse-check.ts";
import { checkX87 } from "../test/x87-check.ts";
import { X87_OPS } from "../test/x87-model.ts";

// What a CPU answered, recorded: the same checks as in cpu.oracle.test.ts, on any host.
const recording = readRecording();
const oracle = recordedOracle(recording);

describe(`x87 as recorded on ${recording.cpu}`, () => {
  test.each(Object.keys(X87_OPS))("%s", (op) => {
    const tally = checkX87(oracle, op, recording.count, recording.seed);
    expect(tally.differences).toEqual([]);
    expect(tally.count).toBe(recording.count);
  });
});

describe(`SSE as recorded on ${recording.cpu}`, () => {
  test.each(Object.keys(SSE_OPS))("%s", (op) => {
    expect(checkSse(oracle, op, recording.count, recording.seed).differences).toEqual([]);
  });
});
