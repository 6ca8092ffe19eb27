import iced from 'iced-x86';
import { isModelledCpu } from '../cpu.ts';
import type { CaseResult, Execute, FuzzCase, NativeResult } from './case.ts';
import { compareResults, type Comparison, type Difference, type UndefinedMode } from './compare.ts';
import { createNativeExecutor } from './executor.ts';
import { GROUPS } from './families.ts';
import { allForms, type Form } from './forms.ts';
import { generateCases } from './generate.ts';
import { groupByCode } from './groups.ts';
import { minimise } from './minimise.ts';

export interface CampaignOptions {
  /** Families or groups, see families.ts; iced mnemonics (`Adc`) and forms (`Adc_rm8_r8`) are taken too. */
  readonly families: readonly string[];
  readonly count: number;
  readonly seed: number;
  /** The engine. */
  readonly execute: Execute;
  /** What becomes of differences in what the manual leaves undefined. Default: `modelled` on the CPU that our model follows, elsewhere `allowed`. */
  readonly undefined?: UndefinedMode;
  /** Failures to minimise and keep for each mnemonic. */
  readonly keep?: number;
  readonly onProgress?: (done: number, failed: number) => void;
}

export interface Failure {
  readonly test: FuzzCase;
  readonly differences: readonly Difference[];
}

export interface CampaignReport {
  readonly cases: number;
  readonly failed: number;
  /** Cases that killed the executor: neither agree nor differ. */
  readonly lost: number;
  /** By mnemonic: cases and failed ones. */
  readonly mnemonics: ReadonlyMap<string, { readonly cases: number; readonly failed: number }>;
  /** Cases that differ in what the manual leaves undefined or to the CPU, by mnemonic and what: `Bsf` → `AF` → 12. */
  readonly allowed: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Minimised. */
  readonly failures: readonly Failure[];
}

/** The forms that a list of names selects. Throws `Error` for a name that is none. */
export function selectForms(names: readonly string[]): readonly Form[] {
  const forms = allForms();
  const selected = new Set<Form>();
  for (const name of names) {
    const families = new Set(GROUPS[name] ?? [name]);
    const found = forms.filter((form) => families.has(form.family) || form.mnemonicName.toLowerCase() === name.toLowerCase() || form.name === name);
    if (found.length === 0) throw new Error(`no family, mnemonic or form is called ${name}; groups are ${Object.keys(GROUPS).join(', ')}`);
    for (const form of found) selected.add(form);
  }
  return forms.filter((form) => selected.has(form));
}

const BATCH = 2000;

/** What an adapter threw, as a difference: an engine may not throw, whatever the guest does. */
const thrown = (error: unknown): Comparison =>
  ({ differences: [{ field: 'exception', before: '', native: '', ours: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }], allowed: [] });

/** Runs `count` random cases on the CPU and on the engine, and tells where they differ. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const { count, seed, execute, undefined: mode = isModelledCpu() ? 'modelled' : 'allowed', keep = 1 } = options;
  const native = createNativeExecutor();
  const compare = (test: FuzzCase, truth: NativeResult): Comparison => {
    let ours: CaseResult;
    try {
      ours = execute(test);
    } catch (error) {
      return thrown(error);
    }
    return compareResults(test, truth, ours, { undefined: mode });
  };
  const mnemonics = new Map<string, { cases: number; failed: number }>();
  const allowedBy = new Map<string, Map<string, number>>();
  const failures: Failure[] = [];
  let failed = 0, lost = 0, done = 0;

  /** Fails alone, too, and for the same reason: not another defect that simplifying ran into. */
  const failsBy = (field: string) => (test: FuzzCase, truth: NativeResult): boolean => compare(test, truth).differences[0]?.field === field;

  async function minimised({ test, differences }: Failure): Promise<Failure> {
    const small = await minimise(test, (candidates) => native.run(candidates), failsBy(differences[0]!.field));
    const truth = (await native.run([small]))[0]!;
    const found = truth === null ? [] : compare(small, truth).differences;
    // what is wrong only among others is shown as it was
    return found.length === 0 ? { test, differences } : { test: small, differences: found };
  }

  function judge(test: FuzzCase, truth: NativeResult | null, wrong: Failure[]): void {
    const name = iced.Mnemonic[test.mnemonic]!;
    let row = mnemonics.get(name);
    if (row === undefined) mnemonics.set(name, row = { cases: 0, failed: 0 });
    row.cases++;
    done++;
    if (truth === null) {
      lost++;
      return;
    }
    const { differences, allowed } = compare(test, truth);
    if (allowed.length > 0) {
      let counts = allowedBy.get(name);
      if (counts === undefined) allowedBy.set(name, counts = new Map<string, number>());
      for (const what of allowed) counts.set(what, (counts.get(what) ?? 0) + 1);
    }
    if (differences.length === 0) return;
    failed++;
    if (row.failed++ < keep) wrong.push({ test, differences });
  }

  async function batch(tests: readonly FuzzCase[]): Promise<void> {
    const truths = await native.run(tests);
    const truthOf = new Map(tests.map((test, i) => [test, truths[i] ?? null]));
    const wrong: Failure[] = [];
    for (const group of execute.prepare === undefined ? [tests] : groupByCode(tests)) {
      try {
        execute.prepare?.(group);
      } catch {
        // the case that it is because of throws again, when it is executed
      }
      for (const test of group) judge(test, truthOf.get(test) ?? null, wrong);
    }
    for (const failure of wrong) failures.push(await minimised(failure));
    options.onProgress?.(done, failed);
  }

  try {
    let tests: FuzzCase[] = [];
    for (const test of generateCases(selectForms(options.families), count, seed)) {
      tests.push(test);
      if (tests.length === BATCH) { await batch(tests); tests = []; }
    }
    if (tests.length > 0) await batch(tests);
  } finally {
    native.close();
  }
  return { cases: done, failed, lost, mnemonics, allowed: allowedBy, failures };
}
