import { describe, expect, it } from 'vitest';
import { hasOracle } from '../oracles.ts';
import { createQemuExecutor } from './adapters/qemu.ts';
import { initialArena, LAYOUT, type CaseResult, type FuzzCase, type NativeResult } from './case.ts';
import { runCampaign, selectForms } from './campaign.ts';
import { compareResults } from './compare.ts';
import { SUBJECTS } from './engines.ts';
import { createNativeExecutor } from './executor.ts';
import { generateCases } from './generate.ts';

/** A result of the CPU in the shape of an engine's. */
function asOurs(test: FuzzCase, native: NativeResult): CaseResult {
  const arena = initialArena(test);
  for (const { offset, bytes } of native.changes) arena.set(bytes, offset);
  return { ...native, gpr: native.gpr.slice(), fx: native.fx.slice(), ymmHigh: native.ymmHigh.slice(), arena: arena.subarray(0, LAYOUT.arenaWritable) };
}

describe.skipIf(!hasOracle('native', 'gcc'))('comparer', () => {
  it('agrees with the CPU itself, and the CPU with itself', async () => {
    const tests = [...generateCases(selectForms(['all']), 3000, 5)];
    const executor = createNativeExecutor();
    const [once, twice] = [await executor.run(tests), await executor.run(tests)];
    executor.close();
    const bad = tests.filter((test, i) => compareResults(test, once[i]!, asOurs(test, twice[i]!), { undefined: 'compared' }).differences.length > 0);
    expect(bad.length).toBe(0);
  });

  it('sees one changed bit in every kind of field', async () => {
    const [test] = [...generateCases(selectForms(['Xor_rm64_r64']), 1, 1)] as [FuzzCase];
    const executor = createNativeExecutor();
    const [native] = await executor.run([{ ...test, fx: test.fx.slice() }]);
    executor.close();
    const changes: readonly (readonly [field: RegExp, change: (ours: CaseResult & { rip: bigint; rflags: number }) => void])[] = [
      [/^r9$/, (ours) => { ours.gpr[9]! ^= 1n; }],
      [/^rip$/, (ours) => { ours.rip ^= 1n; }],
      [/^rflags$/, (ours) => { ours.rflags ^= 0x400; }],
      [/^fcw$/, (ours) => { ours.fx[0]! ^= 1; }],
      [/^fsw$/, (ours) => { ours.fx[3]! ^= 8; }],
      [/^mxcsr$/, (ours) => { ours.fx[24]! ^= 1; }],
      [/^st3$/, (ours) => { ours.fx[32 + 48 + 9]! ^= 1; }],
      [/^xmm15$/, (ours) => { ours.fx[160 + 255]! ^= 1; }],
      [/^ymm2 upper/, (ours) => { ours.ymmHigh[40]! ^= 1; }],
      [/^memory\+0x3fff$/, (ours) => { ours.arena[0x3fff]! ^= 1; }],
    ];
    for (const [field, change] of changes) {
      const ours = asOurs(test, native!);
      change(ours as CaseResult & { rip: bigint; rflags: number });
      expect(compareResults(test, native!, ours).differences.map((difference) => difference.field), String(field)).toEqual([expect.stringMatching(field)]);
    }
  });

  it('finds and minimises a planted defect', async () => {
    const report = await runCampaign({
      families: ['Bswap_r64'], count: 40, seed: 1,
      execute: () => { throw new Error('planted'); },
    });
    expect(report).toMatchObject({ cases: 40, failed: 40, lost: 0 });
    expect(report.failures[0]!.differences).toEqual([{ field: 'exception', before: '', native: '', ours: 'Error: planted' }]);
    expect(report.failures[0]!.test.gpr.every((value) => value === 0n)).toBe(true);
  });

  it('shows what is wrong only among others as it was', async () => {
    const subject = SUBJECTS.jit();
    const prepared = new Set<FuzzCase>();
    const execute = Object.assign((test: FuzzCase) => ({ ...subject(test), ...prepared.has(test) && { rip: 1n } }), {
      prepare(tests: readonly FuzzCase[]): void {
        subject.prepare(tests);
        tests.forEach((test) => prepared.add(test));
      },
    });
    const report = await runCampaign({ families: ['Vpaddb'], count: 40, seed: 1, execute });
    expect(report).toMatchObject({ cases: 40, failed: 40 });
    expect(report.failures.map(({ differences }) => differences.map(({ field, ours }) => [field, ours]))).toEqual([[['rip', '0x1']]]);
  });

  it('lays nothing to the cases that were prepared with one that throws', async () => {
    const subject = SUBJECTS.jit();
    const refused: FuzzCase[] = [];
    const check = (test: FuzzCase): void => {
      if (test.codeOffset % 8 !== 0) return;
      refused.push(test);
      throw new Error('planted');
    };
    const execute = Object.assign((test: FuzzCase) => {
      check(test);
      return subject(test);
    }, {
      prepare(tests: readonly FuzzCase[]): void {
        tests.forEach(check);
        subject.prepare(tests);
      },
    });
    const report = await runCampaign({ families: ['Vpaddb'], count: 200, seed: 1, execute, keep: 0 });
    const distinct = new Set(refused).size;
    expect(distinct).toBeGreaterThan(10);
    expect(report).toMatchObject({ cases: 200, failed: distinct });
    // each of the others is translated by itself
    expect(subject.stats().retiredHere).toBeGreaterThan(200 - distinct);
  });

  it.skipIf(!hasOracle('qemu-x86_64'))('QEMU agrees on the plain ones', async () => {
    const tests = [...generateCases(selectForms(['Add_rm64_r64', 'Sub_r32_rm32', 'Cmovb_r64_rm64', 'Paddb_xmm_xmmm128', 'Movzx_r32_rm8', 'Pshufb_xmm_xmmm128']), 600, 2)];
    const executor = createNativeExecutor();
    const qemu = createQemuExecutor();
    const natives = await executor.run(tests);
    const theirs = await qemu.run(tests, natives);
    executor.close();
    qemu.close();
    // what it does differently: #GP for addresses that are not canonical or not aligned, and the page a crossing access fails on
    const known = (i: number): boolean => natives[i]!.fault !== null || theirs[i]!.fault !== null;
    const bad = tests.filter((test, i) => !known(i) && compareResults(test, natives[i]!, theirs[i]!).differences.length > 0);
    expect(bad).toEqual([]);
  });
});
