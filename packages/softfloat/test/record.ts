// Records the CPU's answers to the vectors of the unit tests: npx tsx packages/softfloat/test/record.ts
import { readFileSync, writeFileSync } from "node:fs";
import { compileOracle, type Oracle } from "./oracle.ts";
import { checksum, type Recording } from "./recorded.ts";
import { checkSse, SSE_OPS } from "./sse-check.ts";
import { checkX87 } from "./x87-check.ts";
import { X87_OPS } from "./x87-model.ts";

const COUNT = 16;
const SEED = 20;
const native = compileOracle();
if (!native.modelled) throw new Error("record on an AMD Zen 4: its choices are the ones we follow");
const cpu = /model name\s*:\s*(.*)/.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "unknown";
const recording: Recording = { cpu, count: COUNT, seed: SEED, ops: [...native.ops], answers: {} };
for (const op of native.ops) {
  const recorder: Oracle = {
    modelled: true,
    ops: native.ops,
    run(records) {
      const out = native.run(records);
      recording.answers[op] = { vectors: checksum(records), out: btoa(String.fromCharCode(...out)) };
      return out;
    },
  };
  if (op in X87_OPS) checkX87(recorder, op, COUNT, SEED);
  else if (op in SSE_OPS) checkSse(recorder, op, COUNT, SEED);
}
writeFileSync(new URL("./recorded/answers.json", import.meta.url), `${JSON.stringify(recording, null, 1)}\n`);
