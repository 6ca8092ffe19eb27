import type { FuzzCase, NativeResult } from './case.ts';

/** Makes candidates simpler than `test`: one part of its state at a time put to a plain value. */
export function* simplerCases(test: FuzzCase): Generator<FuzzCase> {
  for (let i = 0; i < 16; i++) {
    const value = test.gpr[i]!;
    for (const simpler of [0n, value & 0xffffn, value & 0xffff_ffffn]) {
      if (simpler === value) break;
      const gpr = test.gpr.slice();
      gpr[i] = simpler;
      yield { ...test, gpr };
    }
  }
  for (let bit = 1; bit <= 0x800; bit <<= 1) if (test.rflags & 0xcd5 & bit) yield { ...test, rflags: test.rflags & ~bit };
  for (let i = 0; i < test.patches.length; i++) yield { ...test, patches: test.patches.filter((_, k) => k !== i) };
  const clear = (from: number, length: number, value: readonly number[] = []): FuzzCase | null => {
    const fx = test.fx.slice();
    fx.fill(0, from, from + length);
    fx.set(value, from);
    return fx.every((byte, i) => byte === test.fx[i]) ? null : { ...test, fx };
  };
  for (let i = 0; i < 16; i++) {
    const made = clear(160 + 16 * i, 16);
    if (made !== null) yield made;
  }
  for (let i = 0; i < 8; i++) {
    const made = clear(32 + 16 * i, 10);
    if (made !== null) yield made;
  }
  for (const made of [clear(0, 5, [0x7f, 3]), clear(24, 4, [0x80, 0x1f])]) if (made !== null) yield made;
  if (test.fsBase !== 0n) yield { ...test, fsBase: 0n };
  if (test.gsBase !== 0n) yield { ...test, gsBase: 0n };
}

/**
 * The simplest case that `fails` still, by greedy steps. `fails` gets candidates and the CPU's results for them.
 * `run` is the native executor's.
 */
export async function minimise(test: FuzzCase, run: (tests: readonly FuzzCase[]) => Promise<(NativeResult | null)[]>,
  fails: (test: FuzzCase, native: NativeResult) => boolean): Promise<FuzzCase> {
  let current = test;
  for (let round = 0; round < 12; round++) {
    const candidates = [...simplerCases(current)];
    const natives = await run(candidates);
    const found = candidates.filter((candidate, i) => natives[i] !== null && fails(candidate, natives[i]!));
    if (found.length === 0) return current;
    // all of them at once often works; else the first
    const merged = merge(current, found);
    const native = (await run([merged]))[0]!;
    current = native !== null && fails(merged, native) ? merged : found[0]!;
  }
  return current;
}

function merge(base: FuzzCase, changes: readonly FuzzCase[]): FuzzCase {
  const gpr = base.gpr.slice();
  const fx = base.fx.slice();
  let { rflags, fsBase, gsBase } = base;
  let patches = base.patches;
  for (const change of changes) {
    change.gpr.forEach((value, i) => { if (value !== base.gpr[i] && value < gpr[i]!) gpr[i] = value; });
    change.fx.forEach((value, i) => { if (value !== base.fx[i]) fx[i] = value; });
    rflags &= change.rflags;
    fsBase = change.fsBase < fsBase ? change.fsBase : fsBase;
    gsBase = change.gsBase < gsBase ? change.gsBase : gsBase;
    patches = patches.filter((patch) => change.patches.includes(patch));
  }
  return { ...base, gpr, fx, rflags, fsBase, gsBase, patches };
}
