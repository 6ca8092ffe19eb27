import { existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmulator, NAMES, type HostMount } from '../src/index.ts';

/** open("/d/made", O_CREAT | O_WRONLY, 0644); exit with 0 if it could be opened, else with 1. */
const CODE = 'SI09IAAAAL5BAAAAuqQBAAC4AgAAAA8FMf+FwEAPmMe45wAAAA8FL2QvbWFkZQA=';

/** A static ELF file with one segment at 0x400000. */
function program(): Uint8Array {
  const code = Buffer.from(CODE, 'base64');
  const file = Buffer.alloc(120 + code.length);
  file.write('7f454c4602010100', 'hex');
  file.writeUInt16LE(2, 16);
  file.writeUInt16LE(62, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(0x40_0078n, 24);
  file.writeBigUInt64LE(64n, 32);
  for (const [at, value] of [[52, 64], [54, 56], [56, 1]] as const) file.writeUInt16LE(value, at);
  file.writeUInt32LE(1, 64);
  file.writeUInt32LE(5, 68);
  file.writeBigUInt64LE(0x40_0000n, 80);
  file.writeBigUInt64LE(0x40_0000n, 88);
  for (const at of [96, 104]) file.writeBigUInt64LE(BigInt(file.length), at);
  file.writeBigUInt64LE(4096n, 112);
  code.copy(file, 120);
  return file;
}

let directory = '';
beforeAll(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'tally86-')));
  writeFileSync(join(directory, 'maker'), program(), { mode: 0o755 });
  writeFileSync(join(directory, 'plain'), program(), { mode: 0o644 });
  symlinkSync('maker', join(directory, 'link'));
  symlinkSync('nowhere', join(directory, 'dangling'));
  writeFileSync(join(directory, 'huge'), '');
  truncateSync(join(directory, 'huge'), 2 ** 40);
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('mounts', () => {
  const rows: readonly (readonly [string, Partial<HostMount>, code: number, written: boolean])[] = [
    ['a mount can be written', {}, 0, true],
    ['a read-only one cannot', { readOnly: true }, 1, false],
    ['writes to an overlay stay in memory', { overlay: true }, 0, false],
    ['a read-only overlay cannot be written', { overlay: true, readOnly: true }, 1, false],
  ];
  it.each(rows)('%s', async (_, how, code, written) => {
    const made = join(directory, 'made');
    for (const engine of NAMES.engine) {
      rmSync(made, { force: true });
      const { exit } = await createEmulator({ program: program(), engine, root: 'sandbox', uid: 0, mounts: [{ source: directory, target: '/d', ...how }] }).run();
      expect(exit, engine).toEqual({ kind: 'exit', code });
      expect(existsSync(made), engine).toBe(written);
    }
  });
});

describe('a program in a sandbox', () => {
  it('may be named by a link', async () => {
    expect((await createEmulator({ program: join(directory, 'link'), root: 'sandbox' }).run()).exit).toEqual({ kind: 'exit', code: 1 });
  });
  it.each([['dangling', 'E_NOT_FOUND'], ['huge', 'E_ELF'], ['', 'E_ELF'], ['plain', 'E_ELF']])('is refused by name: %j', (name, code) => {
    expect(() => createEmulator({ program: join(directory, name), root: 'sandbox' })).toThrow(expect.objectContaining({ code }));
  });
});
