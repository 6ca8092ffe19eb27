import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { E, errnoName, O, S } from '@tally86/abi';
import { describe, expect, test } from 'vitest';
import { byteString, bytesOf } from '../bytes.ts';
import { createHostFileSystem } from '../host/index.ts';
import { createMemoryFileSystem } from '../memory/memory-file-system.ts';
import { createAt, linkAt } from '../ops/create.ts';
import { openAt } from '../ops/open.ts';
import { renameAt, rmdirAt, unlinkAt } from '../ops/remove.ts';
import { createOverlayFileSystem } from '../overlay/overlay-file-system.ts';
import { createVfs, type Vfs } from './vfs.ts';
import type { WalkContext } from './walk.ts';

/** The kernel below node:fs is the oracle: random calls on small trees, answered by it and by us. */
type Step = readonly [call: 'mkdir' | 'rmdir' | 'unlink' | 'readlink' | 'read' | 'stat' | 'lstat' | 'list', path: string]
  | readonly [call: 'write' | 'symlink' | 'link' | 'rename', path: string, argument: string];
interface Tree {
  run(step: Step): string;
}

/** Far enough below the root that no `..` of a test leaves it. */
const BASE = 'x/y/z';

function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomStep(pick: (below: number) => number): Step {
  const name = () => ['a', 'b', 'c', 'd\xff'][pick(4)]!;
  const path = (ups = 2): string => {
    let out = name();
    for (let depth = pick(4); depth > 0; depth--) {
      const kind = pick(10);
      if (kind === 0 && ups > 0) {
        out += '/..';
        ups -= 1;
      } else out += kind === 1 ? '/.' : kind === 2 ? `//${name()}` : `/${name()}`;
    }
    return pick(8) === 0 ? `${out}/` : out;
  };
  const calls = ['mkdir', 'mkdir', 'mkdir', 'write', 'write', 'symlink', 'link', 'rename', 'rename', 'rmdir', 'unlink', 'readlink', 'read', 'stat', 'lstat', 'list'] as const;
  const call = calls[pick(calls.length)]!;
  if (call === 'write') return [call, path(), `content ${pick(1000)}`];
  if (call === 'symlink') return [call, path(), path(0)];
  if (call === 'link' || call === 'rename') return [call, path(), path()];
  return [call, path()];
}

function nativeTree(root: string): Tree {
  const at = (path: string) => Buffer.from(`${root}/${BASE}/${path}`, 'latin1');
  const kind = (stats: fs.Stats) => `${(stats.mode & S.IFMT).toString(8)} ${stats.isFile() ? `${stats.nlink} ${stats.size}` : ''}`;
  const calls: Record<Step[0], (path: Buffer, argument: string) => unknown> = {
    mkdir: (path) => fs.mkdirSync(path),
    rmdir: (path) => fs.rmdirSync(path),
    unlink: (path) => fs.unlinkSync(path),
    readlink: (path) => byteString(fs.readlinkSync(path, 'buffer')),
    read: (path) => {
      // O_RDONLY on a directory is fine for open(2).
      const fd = fs.openSync(path, fs.constants.O_RDONLY);
      try {
        return fs.fstatSync(fd).isDirectory() ? 'directory' : fs.readFileSync(fd, 'latin1');
      } finally {
        fs.closeSync(fd);
      }
    },
    stat: (path) => kind(fs.statSync(path)),
    lstat: (path) => kind(fs.lstatSync(path)),
    list: (path) => fs.readdirSync(path, 'buffer').map(byteString).sort().join(),
    write: (path, argument) => fs.writeFileSync(path, argument),
    symlink: (path, argument) => fs.symlinkSync(Buffer.from(argument, 'latin1'), path),
    link: (path, argument) => fs.linkSync(path, at(argument)),
    rename: (path, argument) => fs.renameSync(path, at(argument)),
  };
  return {
    run([call, path, argument]) {
      try {
        return String(calls[call](at(path), argument ?? '') ?? 'ok');
      } catch (error) {
        return String((error as NodeJS.ErrnoException).code);
      }
    },
  };
}

function ourTree(vfs: Vfs): Tree {
  const who = { fsuid: 0, fsgid: 0, groups: [] };
  const top: WalkContext = { root: vfs.root, cwd: vfs.root, who };
  const cwd = vfs.walk(top, BASE);
  if (typeof cwd === 'number') throw new Error(errnoName(-cwd));
  const context: WalkContext = { ...top, cwd };
  const kind = (path: string, follow: boolean) => {
    const dentry = vfs.walk(context, path, { follow });
    if (typeof dentry === 'number') return dentry;
    const attributes = dentry.inode.getAttributes();
    if (typeof attributes === 'number') return attributes;
    const { mode, nlink, size } = attributes;
    return `${(mode & S.IFMT).toString(8)} ${(mode & S.IFMT) === S.IFREG ? `${nlink} ${size}` : ''}`;
  };
  const calls: Record<Step[0], (path: string, argument: string) => number | string> = {
    mkdir: (path) => createAt(context, path, { mode: S.IFDIR | 0o755 }),
    rmdir: (path) => rmdirAt(context, path),
    unlink: (path) => unlinkAt(context, path),
    readlink(path) {
      const dentry = vfs.walk(context, path, { follow: false });
      return typeof dentry === 'number' ? dentry : dentry.inode.readlink();
    },
    read(path) {
      const opened = openAt(vfs, context, path, O.RDONLY, 0);
      if (typeof opened === 'number') return opened;
      if (opened.dentry.inode.type === S.IFDIR) return 'directory';
      const node = opened.dentry.inode.open(O.RDONLY);
      if (typeof node === 'number') return node;
      const bytes = new Uint8Array(node.size());
      node.read(0, bytes);
      node.close();
      return byteString(bytes);
    },
    stat: (path) => kind(path, true),
    lstat: (path) => kind(path, false),
    list(path) {
      const dentry = vfs.walk(context, path);
      if (typeof dentry === 'number') return dentry;
      const entries = vfs.list(dentry);
      return typeof entries === 'number' ? entries : entries.map(({ name }) => name).join();
    },
    write(path, argument) {
      const opened = openAt(vfs, context, path, O.WRONLY | O.CREAT | O.TRUNC, 0o644);
      if (typeof opened === 'number') return opened;
      const node = opened.dentry.inode.open(O.WRONLY);
      if (typeof node === 'number') return node;
      node.truncate(0);
      node.write(0, bytesOf(argument));
      node.close();
      return 0;
    },
    symlink: (path, argument) => createAt(context, path, { mode: S.IFLNK | 0o777, target: argument }),
    link(path, argument) {
      const existing = vfs.walk(context, path, { follow: false });
      return typeof existing === 'number' ? existing : linkAt(context, existing, argument);
    },
    rename: (path, argument) => renameAt(context, path, context, argument, 0),
  };
  return {
    run([call, path, argument]) {
      const result = calls[call](path, argument ?? '');
      return result === 0 ? 'ok' : typeof result === 'number' ? errnoName(-result) : result;
    },
  };
}

function scratch(use: (make: () => string) => void): void {
  const made: string[] = [];
  try {
    use(() => {
      const path = fs.mkdtempSync(join(tmpdir(), 'tally86-vfs-'));
      made.push(path);
      fs.mkdirSync(join(path, BASE), { recursive: true });
      return path;
    });
  } finally {
    for (const path of made) fs.rmSync(path, { recursive: true });
  }
}

function memoryWithBase(): Vfs {
  const vfs = createVfs({ root: createMemoryFileSystem() });
  const context = { root: vfs.root, cwd: vfs.root, who: { fsuid: 0, fsgid: 0, groups: [] } };
  for (const path of ['x', 'x/y', 'x/y/z']) createAt(context, path, { mode: S.IFDIR | 0o755 });
  return vfs;
}

function snapshot(path: string): string[] {
  const lines: string[] = [];
  for (const name of fs.readdirSync(Buffer.from(path, 'latin1'), 'buffer').map(byteString).sort()) {
    const full = Buffer.from(`${path}/${name}`, 'latin1');
    const stats = fs.lstatSync(full, { bigint: true });
    const content = stats.isFile() ? fs.readFileSync(full, 'latin1') : stats.isSymbolicLink() ? byteString(fs.readlinkSync(full, 'buffer')) : '';
    lines.push([name, stats.mode, stats.ino, stats.nlink, stats.size, stats.mtimeNs, stats.ctimeNs, content].join(' '));
    if (stats.isDirectory()) lines.push(...snapshot(`${path}/${name}`).map((line) => `${name}/${line}`));
  }
  return lines;
}

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);
const STEPS = 250;

describe('random calls answer as the kernel does', () => {
  test.each(SEEDS)('seed %d', (seed) => {
    scratch((make) => {
      const pick = random(seed);
      const native = nativeTree(make());
      const lower = make();
      const trees: Record<string, Tree> = {
        memory: ourTree(memoryWithBase()),
        host: ourTree(createVfs({ root: createHostFileSystem({ path: make() }) })),
        overlay: ourTree(createVfs({ root: createOverlayFileSystem({ lower: createHostFileSystem({ path: lower }) }) })),
      };
      // Half of the steps happen before the overlay is laid over what they made.
      const overlaid = make();
      const below = ourTree(createVfs({ root: createHostFileSystem({ path: overlaid }) }));
      const log: string[] = [];
      let before: string[] = [];
      for (let step = 0; step < STEPS; step++) {
        if (step === STEPS / 2) {
          before = snapshot(overlaid);
          trees.overlaid = ourTree(createVfs({ root: createOverlayFileSystem({ lower: createHostFileSystem({ path: overlaid }) }) }));
        }
        const next = randomStep(pick);
        const expected = native.run(next);
        log.push(`${next.join(' ')} -> ${expected}`);
        for (const [name, tree] of Object.entries({ ...trees, ...(step < STEPS / 2 ? { below } : {}) })) {
          const got = tree.run(next);
          if (got !== expected) throw new Error(`${name}: ${got} after\n${log.slice(-30).join('\n')}`);
        }
      }
      // Nothing of the lower tree changed.
      expect(snapshot(overlaid)).toEqual(before);
    });
  });
});

test('the errors that random calls meet are of every kind', () => {
  scratch((make) => {
    const native = nativeTree(make());
    const pick = random(99);
    const seen = new Set(Array.from({ length: 4000 }, () => native.run(randomStep(pick))));
    for (const code of ['ENOENT', 'ENOTDIR', 'EEXIST', 'EISDIR', 'ENOTEMPTY', 'ELOOP', 'EINVAL'] satisfies (keyof typeof E)[]) expect(seen).toContain(code);
  });
});
