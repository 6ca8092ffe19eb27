import { describe, expect, it } from 'vitest';
import { hasOracle } from './oracles.ts';
import { compareRuns, runUnder } from './run.ts';

const COMMANDS = { native: [], qemu: ['qemu-x86_64'] };

describe.skipIf(!hasOracle('native', 'qemu-x86_64'))('runUnder', () => {
  it('gives output, status and files, the same under both', async () => {
    const { native, qemu } = await runUnder(COMMANDS, '/bin/sed', ['-i', 's/a/b/', 'x', 'd/y'], { files: { x: 'a\n', 'd/y': 'ca\n' } });
    expect(compareRuns(native, qemu)).toEqual([]);
    expect(native.files.get('d/y')).toMatch(/^\d+ cb\n$/);
  });

  it('passes standard input and tells death by signal as a shell does', async () => {
    const { native, qemu } = await runUnder(COMMANDS, '/bin/bash', ['-c', 'read line; echo "$line"; kill -TERM $$'], { stdin: 'hello\n' });
    expect(compareRuns(native, qemu)).toEqual([]);
    expect(native.status).toBe(128 + 15);
    expect(Buffer.from(native.stdout).toString()).toBe('hello\n');
  });

  it('tells what differs', async () => {
    const { a } = await runUnder({ a: [] }, '/bin/sh', ['-c', 'echo one; echo two; echo x > f; exit 3']);
    const { b } = await runUnder({ b: [] }, '/bin/sh', ['-c', 'echo one; echo 2; echo y > g; echo err >&2']);
    expect(compareRuns(a, b)).toEqual([
      'status: 3 against 0', 'stdout: line 2: "two" against "2"', 'stderr: line 1: "" against "err"', 'file f: is missing', 'file g: should not be there',
    ]);
  });

  it('ends a program that does not', async () => {
    const { a } = await runUnder({ a: [] }, '/bin/sleep', ['100'], { timeout: 100 });
    expect(a).toMatchObject({ timedOut: true, status: 128 + 9 });
  });
});
