import { readFileSync } from "node:fs";
import { IN_SIZE, type Oracle, OUT_SIZE } from "./oracle.ts";

/** What record.ts wrote: for each operation the CPU's answers to its vectors, and a checksum of those vectors. */
export interface Recording {
  cpu: string;
  count: number;
  seed: number;
  ops: string[];
  answers: Record<string, { vectors: number; out: string }>;
}

export function checksum(bytes: Uint8Array): number {
  let h = 0x811c9dc5;
  for (const x of bytes) h = Math.imul(h ^ x, 0x01000193) >>> 0;
  return h;
}

export function readRecording(): Recording {
  return JSON.parse(readFileSync(new URL("./recorded/answers.json", import.meta.url), "utf8")) as Recording;
}

/** An oracle that answers from the recording: for hosts without this CPU. */
export function recordedOracle(recording: Recording): Oracle {
  return {
    modelled: true,
    ops: recording.ops,
    run(records) {
      const op = recording.ops[new DataView(records.buffer, records.byteOffset).getUint32(0, true)];
      const answer = recording.answers[op];
      if (answer === undefined || answer.vectors !== checksum(records)) throw new Error(`${op}: the vectors changed; run test/record.ts`);
      const out = Uint8Array.from(atob(answer.out), (c) => c.charCodeAt(0));
      if (out.length !== (records.length / IN_SIZE) * OUT_SIZE) throw new Error(`${op}: truncated recording`);
      return out;
    },
  };
}
