import { createRandom } from '../../../../tools/oracle/src/fuzz/random.ts';
import { interestingLengths, LOADER, prebuilt, randomDamage, setField, singleDamages } from './damage.ts';
import { type BadOutcome, runBad } from './run-bad.ts';

/** A healthy program, and where the damaged bytes go in its tree. */
export interface Patient {
  readonly name: string;
  readonly bytes: Uint8Array;
  files(damaged: Uint8Array): Record<string, Uint8Array>;
}

const own = (name: string): Patient => ({ name, bytes: prebuilt(name), files: (bytes) => ({ '/main': bytes }) });

/** The dynamic guest with this path in PT_INTERP. */
export function askingFor(path: string): Uint8Array {
  const bytes = prebuilt('dynamic');
  const at = Buffer.from(bytes.buffer).indexOf(LOADER);
  bytes.fill(0, at, at + LOADER.length).set(Buffer.from(path), at);
  // p_filesz says where the path ends
  setField(bytes, [64 + 56 + 32, 8], BigInt(path.length + 1));
  return bytes;
}

export const PATIENTS: readonly Patient[] = [
  own('hello'), own('static-pie'),
  { name: 'dynamic', bytes: prebuilt('dynamic'), files: (bytes) => ({ '/main': bytes, [LOADER]: prebuilt('static-pie') }) },
  { name: 'the loader of dynamic', bytes: prebuilt('static-pie'), files: (bytes) => ({ '/main': prebuilt('dynamic'), [LOADER]: bytes }) },
  { name: 'a program that is its own loader', bytes: askingFor('/main'), files: (bytes) => ({ '/main': bytes }) },
];

/** How many runs ended in which way. */
export type Tally = Record<BadOutcome['kind'], number>;

async function add(tally: Tally, what: string, files: Record<string, Uint8Array>): Promise<void> {
  try {
    tally[(await runBad(files)).kind]++;
  } catch (cause) {
    throw new Error(`${what}: ${(cause as Error).message}`, { cause });
  }
}

const emptyTally = (): Tally => ({ exit: 0, signal: 0, budget: 0, deadlock: 0, refused: 0 });

/** Cuts the patient at every `step`th interesting length. */
export async function cutEverywhere({ name, bytes, files }: Patient, step = 1): Promise<Tally> {
  const tally = emptyTally();
  for (const [i, length] of interestingLengths(bytes).entries()) if (i % step === 0) await add(tally, `${name}, cut to ${length} bytes`, files(bytes.slice(0, length)));
  return tally;
}

/** Every `step`th single damage. */
export async function damageEveryField({ name, bytes, files }: Patient, step = 1): Promise<Tally> {
  const tally = emptyTally();
  let i = 0;
  for (const damage of singleDamages(bytes)) if (i++ % step === 0) await add(tally, `${name}, ${damage.name}`, files(damage.bytes));
  return tally;
}

/** Random damages. A failure tells its seed and its round. */
export async function damageAtRandom({ name, bytes, files }: Patient, seed: number, rounds: number): Promise<Tally> {
  const random = createRandom(seed);
  const tally = emptyTally();
  for (let round = 0; round < rounds; round++) await add(tally, `${name}, seed ${seed}, round ${round}`, files(randomDamage(bytes, random)));
  return tally;
}
