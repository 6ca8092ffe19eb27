import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { E, O, RENAME, S } from '@tally86/abi';
import type { Dentry } from '@tally86/core';
import { afterEach, describe, expect, test } from 'vitest';
import { createHostFileSystem } from '../host/index.ts';
import { createMemoryFileSystem } from '../memory/memory-file-system.ts';
import { setMode, setOwner, setTimes } from '../ops/attributes.ts';
import { createAt, linkAt } from '../ops/create.ts';
import { openAt } from '../ops/open.ts';
import { renameAt, rmdirAt, unlinkAt } from '../ops/remove.ts';
import { type AccessIdentity, inodePermission, MAY } from './permission.ts';
import { createVfs, type Vfs, type VfsOptions } from './vfs.ts';
import { pathOf, type WalkContext } from './walk.ts';

const ROOT: AccessIdentity = { fsuid: 0, fsgid: 0, groups: [] };
const USER: AccessIdentity = { fsuid: 1000, fsgid: 1000, groups: [1000, 50] };

function contextOf(vfs: Vfs, who = ROOT): WalkContext {
  return { root: vfs.root, cwd: vfs.root, who };
}

/** A tree from lines: `dir/`, `file`, `link -> target`. */
function build(lines: readonly string[], options: Partial<VfsOptions> = {}): { vfs: Vfs; context: WalkContext } {
  const vfs = createVfs({ root: createMemoryFileSystem(), ...options });
  const context = contextOf(vfs);
  for (const line of lines) {
    const [path, target] = line.split(' -> ') as [string, string?];
    const mode = target !== undefined ? S.IFLNK | 0o777 : path.endsWith('/') ? S.IFDIR | 0o755 : S.IFREG | 0o644;
    expect(createAt(context, path, { mode, ...(target === undefined ? {} : { target }) }), line).toBe(0);
  }
  return { vfs, context };
}

function at(vfs: Vfs, context: WalkContext, path: string): Dentry {
  const found = vfs.walk(context, path);
  if (typeof found === 'number') throw new Error(`${path}: ${found}`);
  return found;
}

const long = 'n'.repeat(255);

describe('walking', () => {
  const lines = ['d/', 'd/e/', 'd/e/f', 'up -> d/e/..', 'loop -> loop', 'abs -> /d/e', 'chain0 -> d', 'dangling -> nowhere', `${long}/`,
    ...Array.from({ length: 41 }, (_, index) => `chain${index + 1} -> chain${index}`)];
  test.each<[string, string | number]>([
    ['/', '/'], ['.', '/'], ['..', '/'], ['/../../d', '/d'], ['d//e/./f', '/d/e/f'], ['d/e/', '/d/e'], ['up', '/d'], ['up/e/f', '/d/e/f'], ['abs/f', '/d/e/f'],
    ['d/e/f/', -E.ENOTDIR], ['d/e/f/.', -E.ENOTDIR], ['d/e/f/..', -E.ENOTDIR], ['', -E.ENOENT], ['x', -E.ENOENT], ['x/..', -E.ENOENT],
    ['loop', -E.ELOOP], ['loop/x', -E.ELOOP], ['chain39', '/d'], ['chain40', -E.ELOOP], ['chain39/', '/d'], ['chain40/', -E.ELOOP], ['dangling', -E.ENOENT],
    [long, `/${long}`], [`${long}n`, -E.ENAMETOOLONG], [`${long}n/..`, -E.ENAMETOOLONG],
  ])('%s', (path, expected) => {
    const { vfs, context } = build(lines);
    const found = vfs.walk(context, path);
    expect(typeof found === 'number' ? found : pathOf(found, vfs.root)).toBe(expected);
  });

  test.each<[string, object, string | number]>([
    ['abs', { noSymlinks: true }, -E.ELOOP], ['abs', { beneath: true }, -E.EXDEV], ['/d', { beneath: true }, -E.EXDEV], ['d/..', { beneath: true }, '/'],
    ['d/../..', { beneath: true }, -E.EXDEV], ['up/e', { beneath: true }, '/d/e'], ['m', { noXdev: true }, -E.EXDEV], ['loop', { follow: false }, '/loop'],
  ])('%s with %o', (path, options, expected) => {
    const { vfs, context } = build(lines);
    vfs.mount({ at: '/m', fileSystem: createMemoryFileSystem() });
    const found = vfs.walk(context, path, options);
    expect(typeof found === 'number' ? found : pathOf(found, vfs.root)).toBe(expected);
  });

  test('a directory keeps its path through renames, and says when it is gone', () => {
    const { vfs, context } = build(['a/', 'a/b/', 'a/b/c/', 'z/']);
    const c = at(vfs, context, 'a/b/c');
    expect(renameAt(context, 'a/b', context, 'z/y', 0)).toBe(0);
    expect(pathOf(c, vfs.root)).toBe('/z/y/c');
    expect(at(vfs, { ...context, cwd: c }, '..')).toBe(at(vfs, context, 'z/y'));
    expect(renameAt(context, 'z', context, 'a', RENAME.EXCHANGE)).toBe(0);
    expect(pathOf(c, vfs.root)).toBe('/a/y/c');
    expect(rmdirAt(context, 'a/y/c')).toBe(0);
    expect(pathOf(c, vfs.root)).toBe('/a/y/c (deleted)');
    expect(createAt({ ...context, cwd: c }, 'x', { mode: S.IFREG })).toBe(-E.ENOENT);
  });
});

describe('mounts', () => {
  test('cover names, are crossed both ways and show in lists', () => {
    const { vfs, context } = build(['mnt/', 'mnt/hidden', 'tail']);
    vfs.mount({ at: '/mnt', fileSystem: createMemoryFileSystem() });
    vfs.mount({ at: '/new/deep/place', fileSystem: createMemoryFileSystem(), flags: { readOnly: true } });
    expect(createAt(context, '/mnt/seen', { mode: S.IFREG | 0o644 })).toBe(0);
    expect(vfs.walk(context, '/mnt/hidden')).toBe(-E.ENOENT);
    expect(pathOf(at(vfs, context, '/new/deep/place'), vfs.root)).toBe('/new/deep/place');
    expect(pathOf(at(vfs, context, '/new/deep/place/../../../mnt/../tail'), vfs.root)).toBe('/tail');
    const names = vfs.list(vfs.root);
    expect(typeof names === 'number' ? names : names.map(({ name }) => name)).toEqual(['mnt', 'new', 'tail']);
    expect(vfs.mounts.map(({ device }) => device)).toEqual([1, 2, 3, 4]);
    expect(rmdirAt(context, '/mnt')).toBe(-E.EBUSY);
    expect(renameAt(context, '/mnt', context, '/other', 0)).toBe(-E.EBUSY);
    expect(renameAt(context, '/mnt/seen', context, '/seen', 0)).toBe(-E.EXDEV);
    expect(linkAt(context, at(vfs, context, '/mnt/seen'), '/seen')).toBe(-E.EXDEV);
  });

  test.each<[string, (vfs: Vfs, context: WalkContext) => unknown]>([
    ['create', (_, context) => createAt(context, '/ro/x', { mode: S.IFREG })],
    ['mkdir', (_, context) => createAt(context, '/ro/x', { mode: S.IFDIR })],
    ['unlink', (_, context) => unlinkAt(context, '/ro/f')],
    ['rename', (_, context) => renameAt(context, '/ro/f', context, '/ro/g', 0)],
    ['open for writing', (vfs, context) => openAt(vfs, context, '/ro/f', O.WRONLY, 0)],
    ['open with O_TRUNC', (vfs, context) => openAt(vfs, context, '/ro/f', O.TRUNC, 0)],
    ['open with O_CREAT', (vfs, context) => openAt(vfs, context, '/ro/x', O.CREAT, 0)],
    ['chmod', (vfs, context) => setMode(at(vfs, context, '/ro/f'), 0, ROOT)],
    ['chown', (vfs, context) => setOwner(at(vfs, context, '/ro/f'), 1, 1, ROOT)],
    ['utimes', (vfs, context) => setTimes(at(vfs, context, '/ro/f'), { atime: 0n, mtime: 0n, now: false }, ROOT)],
  ])('a read-only mount answers EROFS to %s', (_, call) => {
    const fileSystem = createMemoryFileSystem();
    fileSystem.root.create('f', { mode: S.IFREG | 0o666, uid: 0, gid: 0 });
    const { vfs, context } = build([], { mounts: [{ at: '/ro', fileSystem, flags: { readOnly: true } }] });
    expect(typeof openAt(vfs, context, '/ro/f', O.RDONLY, 0)).toBe('object');
    expect(call(vfs, context)).toBe(-E.EROFS);
  });

  test('a file can be mounted over a name', () => {
    const source = createMemoryFileSystem();
    const file = source.root.create('p', { mode: S.IFREG | 0o755, uid: 0, gid: 0 });
    if (typeof file === 'number') throw new Error('no file');
    const { vfs, context } = build([], { mounts: [{ at: '/bin/prog', fileSystem: { ...plain(source), root: file } }] });
    expect(at(vfs, context, '/bin/prog').inode).toBe(file);
    expect(vfs.walk(context, '/bin/prog/')).toBe(-E.ENOTDIR);
    expect(pathOf(at(vfs, context, '/bin/prog'), vfs.root)).toBe('/bin/prog');
  });

  test('the sysroot is looked at first, by absolute paths to existing things', () => {
    const sys = ['sys/', 'sys/lib/', 'sys/lib/a', 'sys/lib/l -> /lib/a', 'lib/', 'lib/b', 'lib/a'];
    const root = createMemoryFileSystem();
    build(sys, { root });
    const vfs = createVfs({ root, sysroot: '/sys' });
    const context = contextOf(vfs);
    const show = (path: string) => pathOf(at(vfs, context, path), vfs.root);
    expect(['/lib/a', '/lib/b', '/lib/l', 'lib/a', '/sys/lib/a'].map(show)).toEqual(['/sys/lib/a', '/lib/b', '/sys/lib/a', '/lib/a', '/sys/lib/a']);
    expect(openAt(vfs, context, '/lib/new', O.CREAT | O.WRONLY, 0o600)).toMatchObject({ created: true });
    expect(show('/lib/new')).toBe('/lib/new');
    expect(() => createVfs({ root, sysroot: '/none' })).toThrow('/none: no such directory');
  });
});

/** A file system's members as an object, so that its root can be replaced. */
function plain(fileSystem: ReturnType<typeof createMemoryFileSystem>) {
  return {
    type: fileSystem.type, maxFileSize: fileSystem.maxFileSize, status: () => fileSystem.status(), sync: () => 0,
    rename: () => -E.EXDEV,
  };
}

describe('permissions', () => {
  const fileSystem = createMemoryFileSystem();
  let next = 0;
  const inode = (mode: number, uid: number, gid: number) => {
    const made = fileSystem.root.create(`f${next++}`, { mode, uid, gid });
    if (typeof made === 'number') throw new Error('no inode');
    return made;
  };
  test.each<[string, number, number, number, AccessIdentity, number]>([
    ['owner bits decide for the owner', S.IFREG | 0o077, 1000, 9, USER, 0],
    ['group bits for the group', S.IFREG | 0o060, 9, 50, USER, MAY.READ | MAY.WRITE],
    ['other bits for others', S.IFREG | 0o774, 9, 9, USER, MAY.READ],
    ['root reads and writes', S.IFREG, 9, 9, ROOT, MAY.READ | MAY.WRITE],
    ['root executes what anybody may execute', S.IFREG | 0o001, 9, 9, ROOT, MAY.READ | MAY.WRITE | MAY.EXEC],
    ['root searches', S.IFDIR, 9, 9, ROOT, MAY.READ | MAY.WRITE | MAY.EXEC],
  ])('%s', (_, mode, uid, gid, who, granted) => {
    const made = inode(mode, uid, gid);
    for (const mask of [MAY.READ, MAY.WRITE, MAY.EXEC]) expect(inodePermission(made, mask, who)).toBe((granted & mask) === mask ? 0 : -E.EACCES);
  });

  test('directories that may not be searched or written say so', () => {
    const { vfs, context } = build(['closed/', 'closed/f', 'shared/', 'shared/f', 'plain/', 'plain/f', 'mine/']);
    setMode(at(vfs, context, 'closed'), 0o700, ROOT);
    setMode(at(vfs, context, 'shared'), 0o1777, ROOT);
    setOwner(at(vfs, context, 'mine'), 1000, 50, ROOT);
    setMode(at(vfs, context, 'mine'), 0o2755, ROOT);
    const user = contextOf(vfs, USER);
    expect(vfs.walk(user, 'closed/f')).toBe(-E.EACCES);
    expect(unlinkAt(user, 'shared/f')).toBe(-E.EPERM);
    expect(unlinkAt(user, 'plain/f')).toBe(-E.EACCES);
    expect(createAt(user, 'mine/d', { mode: S.IFDIR | 0o755 })).toBe(0);
    expect(at(vfs, user, 'mine/d').inode.getAttributes()).toMatchObject({ uid: 1000, gid: 50, mode: S.IFDIR | 0o2755 });
    expect(setMode(at(vfs, user, 'plain/f'), 0o777, USER)).toBe(-E.EPERM);
    expect(setOwner(at(vfs, user, 'mine/d'), 0, -1, USER)).toBe(-E.EPERM);
    expect(setOwner(at(vfs, user, 'mine/d'), -1, 1000, USER)).toBe(0);
  });
});

describe('the host', () => {
  let path = '';
  afterEach(() => rmSync(path, { recursive: true }));

  test.each(['up/secret', 'abs', 'dir/../../secret', '../secret', 'dir/up2/secret'])('%s stays inside', (guest) => {
    path = mkdtempSync(join(tmpdir(), 'tally86-vfs-'));
    mkdirSync(join(path, 'root/dir'), { recursive: true });
    writeFileSync(join(path, 'secret'), 'secret');
    symlinkSync('..', join(path, 'root/up'));
    symlinkSync('../..', join(path, 'root/dir/up2'));
    symlinkSync(join(path, 'secret'), join(path, 'root/abs'));
    const vfs = createVfs({ root: createHostFileSystem({ path: join(path, 'root') }) });
    expect(vfs.walk(contextOf(vfs), guest)).toBe(-E.ENOENT);
    expect(openAt(vfs, contextOf(vfs), guest, O.RDONLY, 0)).toBe(-E.ENOENT);
  });

  test('a name that becomes a link behind our back is not followed', () => {
    path = mkdtempSync(join(tmpdir(), 'tally86-vfs-'));
    mkdirSync(join(path, 'root'));
    writeFileSync(join(path, 'secret'), 'secret');
    writeFileSync(join(path, 'root/f'), 'fine');
    const vfs = createVfs({ root: createHostFileSystem({ path: join(path, 'root') }) });
    const { inode } = at(vfs, contextOf(vfs), 'f');
    rmSync(join(path, 'root/f'));
    symlinkSync('../secret', join(path, 'root/f'));
    expect(inode.open(O.RDONLY)).toBe(-E.ELOOP);
  });
});

test('memory is budgeted', () => {
  const fileSystem = createMemoryFileSystem({ maxBytes: 1_000_000 });
  const file = fileSystem.root.create('f', { mode: S.IFREG, uid: 0, gid: 0 });
  if (typeof file === 'number') throw new Error('no file');
  const node = file.open(O.RDWR);
  if (typeof node === 'number') throw new Error('not open');
  expect(node.write(0, new Uint8Array(2_000_000))).toBeGreaterThan(900_000);
  expect(node.write(2 ** 40, new Uint8Array(1))).toBe(-E.ENOSPC);
  const before = fileSystem.status();
  fileSystem.root.unlink('f');
  node.close();
  expect(before).toMatchObject({ blocksFree: 0 });
  expect(fileSystem.status()).toMatchObject({ blocksFree: 244 });
  let made = 0;
  while (typeof fileSystem.root.create(`${made}`, { mode: S.IFDIR, uid: 0, gid: 0 }) !== 'number') made += 1;
  expect(made).toBeLessThan(1000);
  for (let index = 0; index < made; index++) expect(fileSystem.root.rmdir(`${index}`)).toBe(0);
  expect(fileSystem.status()).toMatchObject({ blocksFree: 244 });
});

test('the path of a very deep directory takes no quadratic time', () => {
  const { vfs, context } = build([]);
  const DEPTH = 100_000;
  let at: Dentry = vfs.root;
  for (let i = 0; i < DEPTH; i++) {
    const here = { ...context, cwd: at };
    createAt(here, 'd', { mode: S.IFDIR | 0o755 });
    const below = vfs.walk(here, 'd');
    if (typeof below === 'number') throw new Error(`depth ${i}: ${below}`);
    at = below;
  }
  const start = performance.now();
  expect(pathOf(at, vfs.root).length).toBe(2 * DEPTH);
  expect(performance.now() - start).toBeLessThan(1000);
});

test('overlapping host mounts do not lead out of the directories that they show', () => {
  const outside = mkdtempSync(join(tmpdir(), 'tally86-'));
  try {
    mkdirSync(join(outside, 'a/sub/d'), { recursive: true });
    writeFileSync(join(outside, 'secret'), 'secret');
    const [whole, part] = ['a', 'a/sub'].map((path) => createHostFileSystem({ path: join(outside, path) }));
    const { vfs, context } = build([], { mounts: [{ at: '/w', fileSystem: whole!, flags: { readOnly: true } }, { at: '/p', fileSystem: part! }] });
    const held = vfs.walk(context, 'w/sub/d');
    if (typeof held === 'number') throw new Error(`walk: ${held}`);
    expect(renameAt(context, 'p/d', context, 'p/e', 0)).toBe(0);
    expect(createAt(context, 'p/d', { mode: S.IFLNK | 0o777, target: outside })).toBe(0);
    expect(vfs.walk({ ...context, cwd: held }, 'secret')).toBe(-E.ENOENT);
    expect(vfs.list(held)).toEqual([]);
  } finally {
    rmSync(outside, { recursive: true });
  }
});
