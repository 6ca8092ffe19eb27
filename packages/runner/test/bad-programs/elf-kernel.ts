import { dirname, join } from 'node:path';
import { type Damage, interestingLengths, prebuilt, singleDamages } from './damage.ts';
import { askingFor } from './elf-fuzz.ts';
import { agree, createCage, runNative } from './kernel.ts';
import { runBad } from './run-bad.ts';

/** Programs as files of a directory that is the same natively and in ours; the first one is executed. */
const patients = (main: string, loader: string): Readonly<Record<string, { bytes: Uint8Array; files(damaged: Uint8Array): Record<string, Uint8Array> }>> => ({
  hello: { bytes: prebuilt('hello'), files: (bytes) => ({ [main]: bytes }) },
  'static-pie': { bytes: prebuilt('static-pie'), files: (bytes) => ({ [main]: bytes }) },
  dynamic: { bytes: askingFor(loader), files: (bytes) => ({ [main]: bytes, [loader]: prebuilt('static-pie') }) },
  'a loader': { bytes: prebuilt('static-pie'), files: (bytes) => ({ [main]: askingFor(loader), [loader]: bytes }) },
  'its own loader': { bytes: askingFor(main), files: (bytes) => ({ [main]: bytes }) },
});
export const PATIENT_NAMES = Object.keys(patients('', ''));

const HUGE = 2 ** 21;

/** Where ours is known to differ, and why; null: nowhere. */
function knownDifference({ field, value }: Damage): 'refused' | 'skip' | null {
  // Memory that may never be there is refused by the machine's overcommit policy, and huge files may be placed for huge pages: neither is a matter of the file.
  if (field === 'memsz' && value >= HUGE) return 'skip';
  // Execute-only memory takes protection keys, which some processors have.
  if (field === 'flags' && (value & 7n) === 1n) return 'skip';
  if (field === 'align' && value >= 2 ** 53) return 'skip';
  // Linux runs a file that ends within a segment until the program comes to the end, and a dynamic one without segments; to us both are damaged.
  return field === 'length' || field === 'offset' || field === 'filesz' || field === 'phnum' ? 'refused' : null;
}

/** Compares every `step`th damage with the kernel of this machine; how many were compared, and those that differ in words. */
export async function compareWithKernel(patient: string, step = 1): Promise<{ compared: number; ran: number; different: string[] }> {
  const cage = createCage();
  try {
    const [main, loader] = [join(cage.path, 'main'), join(cage.path, 'loader')];
    const { bytes, files } = patients(main, loader)[patient]!;
    const cuts = interestingLengths(bytes).map((length): Damage => ({ name: `cut to ${length}`, field: 'length', value: BigInt(length), bytes: bytes.slice(0, length) }));
    const different: string[] = [];
    let [compared, ran, i] = [0, 0, 0];
    for (const damage of [...singleDamages(bytes), ...cuts]) {
      if (i++ % step !== 0) continue;
      const known = knownDifference(damage);
      if (known === 'skip') continue;
      const tree = files(damage.bytes);
      const native = runNative(tree);
      const ours = await runBad(tree, { program: main, cwd: dirname(main) });
      compared++;
      if (native.kind === 'exit') ran++;
      if (!agree(native, ours) && !(known === 'refused' && ours.kind === 'refused')) different.push(`${damage.name}: ${JSON.stringify(native)} against ${JSON.stringify(ours)}`);
    }
    return { compared, ran, different };
  } finally {
    cage.remove();
  }
}
