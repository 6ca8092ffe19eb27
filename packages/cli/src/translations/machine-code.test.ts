import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { machineCodeOfV8 } from './machine-code.ts';

let scratch = '';
beforeEach(() => void (scratch = mkdtempSync(join(tmpdir(), 'tally86-machine-code-'))));
afterEach(() => rmSync(scratch, { recursive: true }));

/** A process of its own: V8 remembers the modules of one process by their bytes. */
function fixture(what: 'save' | 'restore', file: string, ...flags: readonly string[]): unknown {
  const path = fileURLToPath(new URL('machine-code.fixture.ts', import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, '--import', 'tsx', path, what, file], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

it('is there for the versions of V8 that it was tried with', () => {
  expect([machineCodeOfV8('10.2.154.26'), machineCodeOfV8('11.30.1'), machineCodeOfV8('99.1.2')]).toEqual([null, null, null]);
});

describe.skipIf(machineCodeOfV8() === null)('machine code of a module', () => {
  it('is saved by one process, and is there in another: not what is not V8\'s, nor another one\'s', () => {
    const file = join(scratch, 'code');
    expect(fixture('save', file)).toEqual([[0, 0], [42, 42], [1, 0]]);
    expect(fixture('restore', file)).toEqual([[1, 0], [42, 42], [1, 0]]);
    expect(fixture('restore', file, '--no-wasm-loop-unrolling')).toBeNull();

    const code = readFileSync(file);
    for (const other of [Buffer.of(...code.subarray(0, 5), code[5]! ^ 1, ...code.subarray(6)), Buffer.alloc(0), code.subarray(0, 4)]) {
      writeFileSync(file, other);
      expect(fixture('restore', file)).toBeNull();
    }
  });
  it('is left alone where it would lack checks, or where nothing may be compiled from text', () => {
    for (const flag of ['--disable-wasm-trap-handler', '--disallow-code-generation-from-strings']) {
      const url = new URL('machine-code.ts', import.meta.url).href;
      const script = `import(${JSON.stringify(url)}).then(({ machineCodeOfV8 }) => console.log(machineCodeOfV8()))`;
      const { stdout, stderr } = spawnSync(process.execPath, [flag, '--import', 'tsx', '-e', script], { encoding: 'utf8' });
      expect([stdout, stderr]).toEqual(['null\n', '']);
    }
  });
  it('has a name for what makes it', () => {
    expect(machineCodeOfV8()!.id).toMatch(/^[0-9a-f]+$/);
    expect(machineCodeOfV8()!.id).toBe(machineCodeOfV8()!.id);
  });
});
