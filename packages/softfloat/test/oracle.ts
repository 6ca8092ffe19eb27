import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isModelledCpu } from "../../../tools/oracle/src/cpu.ts";

const SOURCE = fileURLToPath(new URL("./native/oracle.c", import.meta.url));
export const IN_SIZE = 40;
export const OUT_SIZE = 56;

export interface Oracle {
  /** Whether it is the CPU which we follow where the manual leaves the result open. Elsewhere such vectors are left out. */
  readonly modelled: boolean;
  readonly ops: readonly string[];
  /** Evaluates packed records (see oracle.c) and returns the packed answers. */
  run(records: Uint8Array): Uint8Array;
}

/** Why this host cannot be the oracle, or undefined when it can. */
export function missingOracle(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return "needs Linux on x86-64";
  const gcc = spawnSync("gcc", ["--version"]);
  return gcc.status === 0 ? undefined : "needs gcc";
}

/** Compiles the native program into a temporary directory. */
export function compileOracle(): Oracle {
  const binary = join(mkdtempSync(join(tmpdir(), "softfloat-oracle-")), "oracle");
  execFileSync("gcc", ["-O1", "-Wall", "-o", binary, SOURCE]);
  const ops = execFileSync(binary, ["--list"], { encoding: "utf8" }).trim().split("\n");
  return {
    modelled: isModelledCpu(),
    ops,
    run(records) {
      const done = spawnSync(binary, { input: records, maxBuffer: 1 << 30 });
      if (done.status !== 0) throw new Error(`oracle ended with ${done.status ?? done.signal}`);
      return new Uint8Array(done.stdout);
    },
  };
}
