import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MachineCode } from '@tally86/jit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openModuleCode } from './module-code.ts';

let directory = '';
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'tally86-module-code-'))));
afterEach(() => rmSync(directory, { recursive: true }));

/** Exports f, which does nothing. */
const BYTES = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 0x66, 0, 0, 10, 4, 1, 2, 0, 0x0b);
/** A host whose code of a module is these bytes, or that has none yet. */
const host = (code: readonly number[] | null, restored: number[][] = []): MachineCode => ({
  restore(kept) {
    restored.push([...kept]);
    return new WebAssembly.Module(BYTES);
  },
  optimized: (functions) => (code === null ? 0 : functions.length),
  save: () => Uint8Array.from(code!),
});
/** A process that has the module compiled, and keeps it. */
function run(machineCode: MachineCode, build = 'a', name = 'micro,1,2'): void {
  const modules = openModuleCode(directory, build, machineCode);
  const module = modules.compile(name, BYTES);
  modules.save([{ name, module, exports: Object.values(new WebAssembly.Instance(module).exports) }, { name: 'of somebody else', module, exports: [() => {}] }]);
}
const files = (): string[] => readdirSync(directory);

it('is kept by the first that has some, and is there for those that come after it', () => {
  run(host(null));
  expect(files()).toEqual([]);
  run(host([1, 2, 3]));
  expect(files()).toEqual([expect.stringMatching(/^micro-1-2-v.*\.bin$/)]);
  const restored: number[][] = [];
  run(host([4, 5, 6], restored));
  run(host([4, 5, 6], restored), 'another build');
  run(host([4, 5, 6], restored), 'a', 'micro,1,3');
  expect(restored).toEqual([[1, 2, 3]]);
  expect(files()).toHaveLength(3);
});

it('is taken from a file that is whole and that only its owner can write', () => {
  run(host([1, 2, 3]));
  const [file] = files().map((name) => join(directory, name)) as [string];
  const good = readFileSync(file);
  const restored: number[][] = [];
  for (const bad of [good.subarray(0, -1), Buffer.concat([good, Buffer.of(0)]), Buffer.of(...good.subarray(0, -1), 7), Buffer.alloc(0)]) {
    writeFileSync(file, bad);
    run(host(null, restored));
  }
  writeFileSync(file, good);
  chmodSync(file, 0o622);
  run(host(null, restored));
  expect(restored).toEqual([]);
  chmodSync(file, 0o600);
  run(host(null, restored));
  expect(restored).toEqual([[1, 2, 3]]);
});

it('cannot be kept where there is no directory to be, which is no error', () => {
  writeFileSync(join(directory, 'file'), '');
  const modules = openModuleCode(join(directory, 'file', 'below'), 'a', host([1]));
  const module = modules.compile('micro', BYTES);
  modules.save([{ name: 'micro', module, exports: [() => {}] }]);
  expect(files()).toEqual(['file']);
});
