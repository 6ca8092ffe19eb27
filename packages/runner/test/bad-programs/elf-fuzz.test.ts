import { describe, expect, it } from 'vitest';
import { cutEverywhere, damageAtRandom, damageEveryField, PATIENTS } from './elf-fuzz.ts';
import { runBad } from './run-bad.ts';

/** Damaged programs end by their own exit, a signal, a budget or a refusal in one line: anything else fails, by an exception that names the damage. */
describe.each(PATIENTS.map((patient) => [patient.name, patient] as const))('%s', (_, patient) => {
  it('is healthy', async () => expect(await runBad(patient.files(patient.bytes))).toMatchObject({ kind: 'exit', stdout: expect.stringMatching(/^(hello, world|at [0-9a-f]{16})\n$/) }));
  it('cut at many lengths', async () => expect((await cutEverywhere(patient, 5)).refused).toBeGreaterThan(30));
  it('fields with values at an edge', { timeout: 120_000 }, async () => {
    const { exit, refused } = await damageEveryField(patient, 13);
    expect(exit).toBeGreaterThan(10);
    expect(refused).toBeGreaterThan(10);
  });
  it('damaged at random', async () => expect((await damageAtRandom(patient, 1, 80)).refused).toBeGreaterThan(0));
});
