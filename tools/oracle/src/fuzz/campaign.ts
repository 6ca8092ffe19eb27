import iced from 'iced-x86';
import type { CaseResult, Execute, FuzzCase } from './case.ts';
import { compareResults, type Difference } from './compare.ts';
import { createNativeExecutor } from './executor.ts';
import { GROUPS } from './families.ts';
import { allForms, type Form } from './forms.ts';
import { generateCases } from './generate.ts';
import { minimise } from './minimise.ts';

export interface CampaignOptions {
  /** Families or groups, see families.ts; iced mnemonics (`Adc`) and forms (`Adc_rm8_r8`) are taken too. */
  readonly families: readonly string[];
  readonly count: number;
  readonly seed: number;
  /** The engine. */
  readonly execute: Execute;
  /** Compare undefined flags too. */
  readonly strict?: boolean;
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
const thrown = (error: unknown): Difference[] =>
  [{ field: 'exception', before: '', native: '', ours: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }];

/** Runs `count` random cases on the CPU and on the engine, and tells where they differ. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const { count, seed, execute, strict = false, keep = 1 } = options;
  const native = createNativeExecutor();
  const differencesOf = (test: FuzzCase, truth: Parameters<typeof compareResults>[1]): Difference[] => {
    let ours: CaseResult;
    try {
      ours = execute(test);
    } catch (error) {
      return thrown(error);
    }
    return compareResults(test, truth, ours, { strict });
  };
  const mnemonics = new Map<string, { cases: number; failed: number }>();
  const failures: Failure[] = [];
  let failed = 0, lost = 0, done = 0;

  async function batch(tests: readonly FuzzCase[]): Promise<void> {
    const truths = await native.run(tests);
    for (let i = 0; i < tests.length; i++) {
      const test = tests[i]!;
      const truth = truths[i]!;
      const name = iced.Mnemonic[test.mnemonic]!;
      let row = mnemonics.get(name);
      if (row === undefined) mnemonics.set(name, row = { cases: 0, failed: 0 });
      row.cases++;
      done++;
      if (truth === null) { lost++; continue; }
      const differences = differencesOf(test, truth);
      if (differences.length === 0) continue;
      failed++;
      if (row.failed++ >= keep) continue;
      const small = await minimise(test, (candidates) => native.run(candidates), (candidate, result) => {
        // the same defect, not another one that simplifying ran into
        const found = differencesOf(candidate, result);
        return found.length > 0 && found[0]!.field === differences[0]!.field;
      });
      const again = (await native.run([small]))[0]!;
      if (again !== null) failures.push({ test: small, differences: differencesOf(small, again) });
    }
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
  return { cases: done, failed, lost, mnemonics, failures };
}
