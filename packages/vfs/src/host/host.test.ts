import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { E, O, S } from '@tally86/abi';
import type { Inode } from '@tally86/core';
import { describe, expect, it } from 'vitest';
import { createHostFileSystem } from './index.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const hasProc = existsSync('/proc/self/mem');

describe.skipIf(!hasProc)('the /proc of the host', () => {
  const { root } = createHostFileSystem({ path: '/' });
  const proc = root.lookup('proc') as Inode;
  it('is an empty directory', () => expect([proc.type, proc.list(), proc.lookup('self'), proc.lookup(String(process.pid))]).toEqual([S.IFDIR, [], -E.ENOENT, -E.ENOENT]));
  it('takes nothing', () => expect(proc.create('x', { mode: S.IFREG | 0o644, uid: 0, gid: 0 })).toBe(-E.ENOENT));
  it('shows in its directory', () => expect((root.list() as readonly { name: string }[]).map(({ name }) => name)).toContain('proc'));
  it.each(['/proc', '/proc/self', '/proc/self/mem'])('%s is no file system', (path) => {
    expect(() => createHostFileSystem({ path })).toThrow(expect.objectContaining({ code: 'E_OPTION', message: expect.stringContaining('processes') }));
  });
  it('others are shown', () => expect((root.lookup('usr') as Inode).list()).toContainEqual(expect.objectContaining({ name: 'bin' })));
});

/** Makes and removes files, each as `use` likes; what is left of them. */
async function churn(use: (made: Inode) => void): Promise<{ alive: number; descriptors: number }> {
  const path = mkdtempSync(join(tmpdir(), 'tally86-vfs-'));
  try {
    const { root } = createHostFileSystem({ path, attributes: 'fixed', owner: { uid: 1000, gid: 1000 } });
    const before = hasProc ? readdirSync('/proc/self/fd').length : 0;
    const made: WeakRef<Inode>[] = [];
    for (let i = 0; i < 200; i++) {
      const inode = root.create(`f${i}`, { mode: S.IFREG | 0o644, uid: 1000, gid: 1000 }) as Inode;
      made.push(new WeakRef(inode));
      use(inode);
      expect(root.unlink(`f${i}`)).toBe(0);
    }
    const descriptors = hasProc ? readdirSync('/proc/self/fd').length - before : 0;
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    return { alive: made.filter((inode) => inode.deref() !== undefined).length, descriptors };
  } finally {
    rmSync(path, { recursive: true });
  }
}

describe('files that come and go leave nothing behind', () => {
  it.each<[string, (made: Inode) => void]>([
    ['never opened', () => {}],
    ['written', (made) => {
      const node = made.open(O.RDWR);
      if (typeof node === 'number') throw new Error(`errno ${-node}`);
      node.write(0, new Uint8Array(10));
      node.close();
    }],
  ])('%s', async (_, use) => {
    const { alive, descriptors } = await churn(use);
    expect(alive).toBeLessThanOrEqual(2);
    expect(descriptors).toBe(0);
  });
});

describe.skipIf(!hasProc)('sockets', () => {
  it('are inodes that nobody listens on, in directories of any name', () => {
    const path = mkdtempSync(join(tmpdir(), 'tally86-vfs-'));
    try {
      const deep = join(path, 'd'.repeat(200));
      mkdirSync(deep);
      for (const directory of [path, deep]) {
        const { root } = createHostFileSystem({ path: directory });
        const made = root.create('s', { mode: S.IFSOCK | 0o750, uid: 1000, gid: 1000 }) as Inode;
        expect([made.type, (made.getAttributes() as { mode: number }).mode]).toEqual([S.IFSOCK, S.IFSOCK | 0o750]);
        expect(readdirSync(directory).filter((name) => name.startsWith('.'))).toEqual([]);
        expect(root.create('s', { mode: S.IFSOCK | 0o750, uid: 1000, gid: 1000 })).toBe(-E.EEXIST);
        expect(made.open(O.RDONLY)).toBe(-E.ENXIO);
        expect(root.unlink('s')).toBe(0);
        expect(root.lookup('s')).toBe(-E.ENOENT);
      }
    } finally {
      rmSync(path, { recursive: true });
    }
  });
});
