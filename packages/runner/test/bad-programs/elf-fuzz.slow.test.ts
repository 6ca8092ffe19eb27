import { describe, expect, it } from 'vitest';
import { cutEverywhere, damageAtRandom, damageEveryField, PATIENTS } from './elf-fuzz.ts';

describe.each(PATIENTS.map((patient) => [patient.name, patient] as const))('%s', (_, patient) => {
  it('cut at every interesting length', async () => expect((await cutEverywhere(patient)).refused).toBeGreaterThan(0));
  it('every field with every value at an edge', async () => expect((await damageEveryField(patient)).exit).toBeGreaterThan(0));
  it.each([11, 12, 13, 14])('damaged at random, seed %d', async (seed) => expect((await damageAtRandom(patient, seed, 2000)).refused).toBeGreaterThan(0));
});
