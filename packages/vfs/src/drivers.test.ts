import { mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Inode } from '@tally86/core';
import { describeFileSystem, type FileSystemFixture } from '@tally86/testkit';
import { describe, expect, it } from 'vitest';
import { createHostFileSystem, type HostOptions } from './host/index.ts';
import { createMemoryFileSystem, createOverlayFileSystem } from './index.ts';

let clock = 0n;
const now = () => (clock += 1_000_000_000n);

function host(options: Partial<HostOptions> = {}): FileSystemFixture {
  const path = mkdtempSync(join(tmpdir(), 'tally86-vfs-'));
  return { fileSystem: createHostFileSystem({ path, now, ...options }), dispose: () => rmSync(path, { recursive: true }) };
}

describeFileSystem('memory', () => ({ fileSystem: createMemoryFileSystem({ now }) }));
describeFileSystem('overlay over memory', () => ({ fileSystem: createOverlayFileSystem({ lower: createMemoryFileSystem({ now }), now }) }));
describeFileSystem('overlay over host', () => {
  const { fileSystem: lower, dispose } = host();
  return { fileSystem: createOverlayFileSystem({ lower, now }), dispose: dispose! };
});
const hostTraits = { specialFiles: false, exchange: false, unnamed: false, holes: false, allocate: false };
describeFileSystem('host', host, hostTraits);
describeFileSystem('host with fixed attributes', () => host({ attributes: 'fixed', owner: { uid: 1000, gid: 1000 } }), hostTraits);

describe('fixed attributes', () => {
  it.each([
    ['installed/tool', { uid: 0, gid: 0, mtime: 1_600_000_000_000_000_000n }],
    ['installed', { uid: 0, gid: 0, mtime: 0n }],
    ['installed-not/file', { uid: 1000, gid: 1000, mtime: 0n }],
  ])('owner and mtime of %s', (name, expected) => {
    const path = realpathSync(mkdtempSync(join(tmpdir(), 'tally86-vfs-')));
    for (const file of ['installed/tool', 'installed-not/file']) {
      mkdirSync(dirname(join(path, file)));
      writeFileSync(join(path, file), '');
      utimesSync(join(path, file), 1_600_000_000, 1_600_000_000);
    }
    try {
      const { root } = createHostFileSystem({ path, attributes: 'fixed', owner: { uid: 1000, gid: 1000 }, installedPaths: [join(path, 'installed')] });
      let inode: Inode = root;
      for (const part of name.split('/')) inode = inode.lookup(part) as Inode;
      expect(inode.getAttributes()).toMatchObject(expected);
    } finally {
      rmSync(path, { recursive: true });
    }
  });
});

it.each(['host', 'overlay'])('inode numbers of %s come in the order in which they are asked for', (kind) => {
  const path = mkdtempSync(join(tmpdir(), 'tally86-vfs-'));
  for (const name of ['a', 'b']) writeFileSync(join(path, name), '');
  try {
    const lower = createHostFileSystem({ path });
    const { root } = kind === 'host' ? lower : createOverlayFileSystem({ lower });
    const [a, b] = ['a', 'b'].map((name) => root.lookup(name) as Inode);
    const numbers = [b!.ino, a!.ino, root.ino];
    expect(numbers).toEqual(numbers.toSorted((x, y) => x - y));
    expect(b!.ino).toBe(numbers[0]);
  } finally {
    rmSync(path, { recursive: true });
  }
});
