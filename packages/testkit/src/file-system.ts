import { E, FALLOC, O, RENAME, S } from '@tally86/abi';
import type { FileSystem, Inode, NewInode, OpenNode } from '@tally86/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

/** A new file system with an empty root directory, and how to get rid of it. */
export interface FileSystemFixture {
  readonly fileSystem: FileSystem;
  dispose?(): void;
}

/** What a driver may leave out; everything is expected by default. */
export interface FileSystemTraits {
  /** Makes FIFOs, sockets and devices. */
  readonly specialFiles?: boolean;
  /** RENAME_EXCHANGE. */
  readonly exchange?: boolean;
  /** O_TMPFILE. */
  readonly unnamed?: boolean;
  /** SEEK_HOLE knows holes. */
  readonly holes?: boolean;
  /** fallocate(2). */
  readonly allocate?: boolean;
  /** Keeps whole nanoseconds. */
  readonly exactTimes?: boolean;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const node = (mode: number, more: Partial<NewInode> = {}): NewInode => ({ mode, uid: 0, gid: 0, ...more });
const FILE = node(S.IFREG | 0o644);
const DIRECTORY = node(S.IFDIR | 0o755);

/** Fails the test for an errno. */
function ok<T extends object>(result: T | number): T {
  if (typeof result === 'number') throw new Error(`expected an object, got ${result}`);
  return result;
}

function write(inode: Inode, content: string, offset = 0): void {
  const open = ok(inode.open(O.RDWR));
  expect(open.write(offset, text(content))).toBe(content.length);
  open.close();
}

function readOpen(open: OpenNode): string {
  const bytes = new Uint8Array(open.size());
  expect(open.read(0, bytes)).toBe(bytes.length);
  return new TextDecoder('latin1').decode(bytes);
}

function read(inode: Inode): string {
  const open = ok(inode.open(O.RDONLY));
  const content = readOpen(open);
  open.close();
  return content;
}

const names = (directory: Inode): string[] => ok(directory.list()).map(({ name }) => name);
const nlink = (inode: Inode): number => ok(inode.getAttributes()).nlink;

interface Row {
  readonly name: string;
  readonly needs?: keyof FileSystemTraits;
  readonly run: (root: Inode, fileSystem: FileSystem) => void;
}

const ROWS: readonly Row[] = [
  { name: 'an empty root lists nothing', run: (root) => expect(root.list()).toEqual([]) },
  { name: 'lookup of a missing name is ENOENT', run: (root) => expect(root.lookup('nothing')).toBe(-E.ENOENT) },
  {
    name: 'a file holds what is written',
    run(root) {
      const file = ok(root.create('a', FILE));
      write(file, 'hello');
      write(file, 'J');
      expect(read(file)).toBe('Jello');
      expect(root.lookup('a')).toBe(file);
      expect(ok(file.getAttributes())).toMatchObject({ mode: S.IFREG | 0o644, nlink: 1, size: 5 });
    },
  },
  {
    name: 'create never replaces',
    run(root) {
      ok(root.create('a', FILE));
      for (const inode of [FILE, DIRECTORY, node(S.IFLNK | 0o777, { target: 'x' })]) expect(root.create('a', inode)).toBe(-E.EEXIST);
    },
  },
  {
    name: 'entries are listed in order of their bytes, with type and number',
    run(root) {
      for (const name of ['b', 'B', 'a\xff', '\xe9', 'ab', 'a']) ok(root.create(name, FILE));
      const directory = ok(root.create('0', DIRECTORY));
      expect(names(root)).toEqual(['0', 'B', 'a', 'ab', 'a\xff', 'b', '\xe9']);
      expect(ok(root.list())[0]).toEqual({ name: '0', ino: directory.ino, type: S.IFDIR });
      expect(new Set(ok(root.list()).map(({ ino }) => ino)).size).toBe(7);
    },
  },
  {
    name: 'names that are not UTF-8 stay intact',
    run(root) {
      const file = ok(root.create('\xff\xfe\x80', FILE));
      expect(names(root)).toEqual(['\xff\xfe\x80']);
      expect(root.lookup('\xff\xfe\x80')).toBe(file);
      expect(root.lookup('\xc3\xbf')).toBe(-E.ENOENT);
    },
  },
  {
    name: 'reading stops at the end',
    run(root) {
      const file = ok(root.create('a', FILE));
      write(file, '12345');
      const open = ok(file.open(O.RDONLY));
      expect([open.read(3, new Uint8Array(9)), open.read(5, new Uint8Array(9)), open.read(99, new Uint8Array(9))]).toEqual([2, 0, 0]);
      open.close();
    },
  },
  {
    name: 'a write behind the end leaves zeros between',
    run(root) {
      const file = ok(root.create('a', FILE));
      write(file, 'a');
      write(file, 'b', 9000);
      expect(read(file)).toBe(`a${'\0'.repeat(8999)}b`);
    },
  },
  {
    name: 'truncate cuts, and grows with zeros',
    run(root) {
      const file = ok(root.create('a', FILE));
      write(file, 'x'.repeat(5000));
      const open = ok(file.open(O.RDWR));
      expect(open.truncate(4097)).toBe(0);
      expect(open.truncate(4100)).toBe(0);
      expect(readOpen(open)).toBe(`${'x'.repeat(4097)}\0\0\0`);
      expect(open.truncate(0)).toBe(0);
      expect(open.size()).toBe(0);
      open.close();
    },
  },
  {
    name: 'an enormous hole costs nothing',
    needs: 'holes',
    run(root, { maxFileSize }) {
      const file = ok(root.create('a', FILE));
      const open = ok(file.open(O.RDWR));
      expect(open.truncate(maxFileSize)).toBe(0);
      expect(open.write(maxFileSize - 1, text('z'))).toBe(1);
      expect(open.write(maxFileSize, text('z'))).toBe(-E.EFBIG);
      expect(open.truncate(maxFileSize + 1)).toBe(-E.EFBIG);
      expect(open.seekData(0)).toBe(maxFileSize - 4096);
      expect(open.seekHole(0)).toBe(0);
      expect(ok(file.getAttributes()).blocks).toBe(8);
      open.close();
    },
  },
  {
    name: 'holes are found',
    needs: 'holes',
    run(root) {
      const file = ok(root.create('a', FILE));
      write(file, 'x', 8192);
      const open = ok(file.open(O.RDONLY));
      expect([open.seekData(0), open.seekData(8192), open.seekData(8193), open.seekHole(0), open.seekHole(8192)]).toEqual([8192, 8192, -E.ENXIO, 0, 8193]);
      open.close();
    },
  },
  {
    name: 'allocation grows the file unless told not to; punching makes a hole',
    needs: 'allocate',
    run(root) {
      const file = ok(root.create('a', FILE));
      const open = ok(file.open(O.RDWR));
      expect(open.allocate(0, 0, 5000)).toBe(0);
      expect(open.size()).toBe(5000);
      expect(open.allocate(FALLOC.KEEP_SIZE, 0, 90_000)).toBe(0);
      expect(open.size()).toBe(5000);
      open.write(0, text('x'.repeat(5000)));
      expect(open.allocate(FALLOC.PUNCH_HOLE | FALLOC.KEEP_SIZE, 10, 4980)).toBe(0);
      expect(readOpen(open)).toBe(`${'x'.repeat(10)}${'\0'.repeat(4980)}${'x'.repeat(10)}`);
      expect(open.allocate(0, 0, 2 ** 51)).toBe(-E.ENOSPC);
      open.close();
    },
  },
  {
    name: 'every opening sees the same content at once',
    run(root) {
      const file = ok(root.create('a', FILE));
      const [one, two] = [ok(file.open(O.RDWR)), ok(file.open(O.RDONLY))];
      one.write(0, text('shared'));
      expect(readOpen(two)).toBe('shared');
      one.close();
      two.close();
    },
  },
  {
    name: 'an unlinked file lives while it is open',
    run(root) {
      const file = ok(root.create('a', FILE));
      const open = ok(file.open(O.RDWR));
      expect(root.unlink('a')).toBe(0);
      expect(root.lookup('a')).toBe(-E.ENOENT);
      expect(open.write(0, text('still here'))).toBe(10);
      expect(readOpen(open)).toBe('still here');
      expect(nlink(file)).toBe(0);
      const next = ok(root.create('a', FILE));
      expect(next.ino).not.toBe(file.ino);
      expect(readOpen(open)).toBe('still here');
      open.close();
    },
  },
  {
    name: 'a file made read-only stays writable to its maker',
    run(root) {
      const open = ok(ok(root.create('a', node(S.IFREG | 0o444))).open(O.WRONLY));
      expect(open.write(0, text('x'))).toBe(1);
      open.close();
    },
  },
  {
    name: 'hard links are one inode',
    run(root) {
      const file = ok(root.create('a', FILE));
      const directory = ok(root.create('d', DIRECTORY));
      expect(directory.link('b', file)).toBe(0);
      expect(directory.lookup('b')).toBe(file);
      expect(nlink(file)).toBe(2);
      expect(root.unlink('a')).toBe(0);
      expect(nlink(file)).toBe(1);
      write(ok(directory.lookup('b')), 'kept');
      expect(read(file)).toBe('kept');
    },
  },
  {
    name: 'link refuses directories and taken names',
    run(root) {
      const file = ok(root.create('a', FILE));
      const directory = ok(root.create('d', DIRECTORY));
      expect(root.link('e', directory)).toBe(-E.EPERM);
      expect(root.link('d', file)).toBe(-E.EEXIST);
    },
  },
  {
    name: 'symbolic links keep their text',
    run(root) {
      const link = ok(root.create('l', node(S.IFLNK | 0o777, { target: '../\xff/x' })));
      expect(link.readlink()).toBe('../\xff/x');
      expect(ok(link.getAttributes())).toMatchObject({ mode: S.IFLNK | 0o777, size: 6 });
      expect(ok(root.create('f', FILE)).readlink()).toBe(-E.EINVAL);
    },
  },
  {
    name: 'unlink and rmdir are for their own types',
    run(root) {
      ok(root.create('f', FILE));
      const directory = ok(root.create('d', DIRECTORY));
      ok(directory.create('x', FILE));
      expect([root.unlink('d'), root.rmdir('f'), root.rmdir('d'), root.unlink('none'), root.rmdir('none')])
        .toEqual([-E.EISDIR, -E.ENOTDIR, -E.ENOTEMPTY, -E.ENOENT, -E.ENOENT]);
      expect([directory.unlink('x'), root.rmdir('d'), root.unlink('f')]).toEqual([0, 0, 0]);
      expect(names(root)).toEqual([]);
    },
  },
  {
    name: 'nothing can be made in a removed directory',
    run(root) {
      const directory = ok(root.create('d', DIRECTORY));
      expect(root.rmdir('d')).toBe(0);
      expect(directory.create('x', FILE)).toBe(-E.ENOENT);
      expect(directory.create('x', DIRECTORY)).toBe(-E.ENOENT);
      expect(directory.list()).toEqual([]);
    },
  },
  {
    name: 'operations of directories on a file are ENOTDIR',
    run(root, fileSystem) {
      const file = ok(root.create('f', FILE));
      expect([file.lookup('x'), file.list(), file.create('x', FILE), file.unlink('x'), file.rmdir('x'), file.link('x', file), fileSystem.rename(file, 'x', root, 'y', 0)])
        .toEqual(Array(7).fill(-E.ENOTDIR));
      expect(root.open(O.RDONLY)).toBe(-E.EISDIR);
    },
  },
  {
    name: 'rename moves, replaces and keeps the inode',
    run(root, fileSystem) {
      const directory = ok(root.create('d', DIRECTORY));
      const [a, b] = [ok(root.create('a', FILE)), ok(directory.create('b', FILE))];
      write(a, 'from a');
      const open = ok(b.open(O.RDONLY));
      expect(fileSystem.rename(root, 'a', directory, 'b', 0)).toBe(0);
      expect(directory.lookup('b')).toBe(a);
      expect(root.lookup('a')).toBe(-E.ENOENT);
      expect(read(a)).toBe('from a');
      expect(nlink(b)).toBe(0);
      expect(readOpen(open)).toBe('');
      open.close();
    },
  },
  {
    name: 'rename answers as rename(2) does',
    run(root, fileSystem) {
      const [d, e, full] = ['d', 'e', 'full'].map((name) => ok(root.create(name, DIRECTORY))) as [Inode, Inode, Inode];
      ok(full.create('x', FILE));
      const sub = ok(d.create('sub', DIRECTORY));
      ok(root.create('f', FILE));
      const rename = (from: string, to: string, flags = 0, target = root) => fileSystem.rename(root, from, target, to, flags);
      expect(rename('none', 'x')).toBe(-E.ENOENT);
      expect(rename('f', 'd')).toBe(-E.EISDIR);
      expect(rename('d', 'f')).toBe(-E.ENOTDIR);
      expect(rename('d', 'full')).toBe(-E.ENOTEMPTY);
      expect(rename('d', 'y', 0, sub)).toBe(-E.EINVAL);
      expect(rename('f', 'e', RENAME.NOREPLACE)).toBe(-E.EEXIST);
      expect(rename('d', 'e')).toBe(0);
      expect(root.lookup('e')).toBe(d);
      expect(e.list()).toEqual([]);
      expect(names(root)).toEqual(['e', 'f', 'full']);
      expect(names(d)).toEqual(['sub']);
      expect(d.lookup('sub')).toBe(sub);
      ok(sub.create('deep', FILE));
      expect(names(ok(ok(root.lookup('e')).lookup('sub')))).toEqual(['deep']);
    },
  },
  {
    name: 'rename between names of one inode does nothing',
    run(root, fileSystem) {
      const file = ok(root.create('a', FILE));
      root.link('b', file);
      expect(fileSystem.rename(root, 'a', root, 'b', 0)).toBe(0);
      expect(names(root)).toEqual(['a', 'b']);
      expect(fileSystem.rename(root, 'a', root, 'a', 0)).toBe(0);
    },
  },
  {
    name: 'exchange swaps two names of any type',
    needs: 'exchange',
    run(root, fileSystem) {
      const [file, directory] = [ok(root.create('f', FILE)), ok(root.create('d', DIRECTORY))];
      const inner = ok(directory.create('inner', DIRECTORY));
      expect(fileSystem.rename(root, 'f', root, 'none', RENAME.EXCHANGE)).toBe(-E.ENOENT);
      expect(fileSystem.rename(root, 'd', directory, 'inner', RENAME.EXCHANGE)).toBe(-E.EINVAL);
      expect(fileSystem.rename(directory, 'inner', root, 'f', RENAME.EXCHANGE)).toBe(0);
      expect(directory.lookup('inner')).toBe(file);
      expect(root.lookup('f')).toBe(inner);
      expect([nlink(root), nlink(directory)]).toEqual([4, 2]);
    },
  },
  {
    name: 'attributes are set one by one',
    run(root) {
      const file = ok(root.create('a', FILE));
      expect(file.setAttributes({ mode: 0o4751 })).toBe(0);
      expect(ok(file.getAttributes()).mode).toBe(S.IFREG | 0o4751);
      expect(file.setAttributes({ mtime: 1_000_000_000_000_000_000n })).toBe(0);
      expect(file.setAttributes({ atime: 2_000_000_000_000_000_000n })).toBe(0);
      expect(ok(file.getAttributes())).toMatchObject({ atime: 2_000_000_000_000_000_000n, mtime: 1_000_000_000_000_000_000n, mode: S.IFREG | 0o4751 });
    },
  },
  {
    name: 'times keep their nanoseconds',
    needs: 'exactTimes',
    run(root) {
      const file = ok(root.create('a', FILE));
      expect(file.setAttributes({ atime: 1_700_000_000_123_456_789n, mtime: -1n })).toBe(0);
      expect(ok(file.getAttributes())).toMatchObject({ atime: 1_700_000_000_123_456_789n, mtime: -1n });
      write(file, 'x');
      expect(ok(file.getAttributes()).mtime).not.toBe(-1n);
    },
  },
  {
    name: 'special files have a type and a device number',
    needs: 'specialFiles',
    run(root) {
      for (const [name, type] of [['p', S.IFIFO], ['s', S.IFSOCK], ['c', S.IFCHR], ['b', S.IFBLK]] as const) {
        const inode = ok(root.create(name, node(type | 0o600, { rdev: 0x105 })));
        expect([inode.type, inode.rdev]).toEqual([type, type === S.IFCHR || type === S.IFBLK ? 0x105 : 0]);
        expect(inode.open(O.RDONLY)).toBe(-E.ENXIO);
      }
    },
  },
  {
    name: 'an unnamed file can be given a name',
    needs: 'unnamed',
    run(root) {
      const file = ok(root.createUnnamed!(FILE));
      const open = ok(file.open(O.RDWR));
      open.write(0, text('now you see me'));
      expect([nlink(file), names(root)]).toEqual([0, []]);
      expect(root.link('a', file)).toBe(0);
      open.close();
      expect([nlink(file), read(file)]).toEqual([1, 'now you see me']);
      expect(root.unlink('a')).toBe(0);
      expect(root.link('a', file)).toBe(-E.ENOENT);
    },
  },
  {
    name: 'pages of the one Mappable are the content',
    run(root) {
      const file = ok(root.create('a', FILE));
      write(file, `${'x'.repeat(4096)}yz`);
      const open = ok(file.open(O.RDWR));
      const { mappable } = file;
      if (mappable === null) throw new Error('a regular file must have a mappable');
      expect(file.mappable).toBe(mappable);
      expect(mappable.size()).toBe(4098);
      const page = new Uint8Array(4096).fill(1);
      mappable.readPage(1, page);
      expect([...page.subarray(0, 4)]).toEqual([0x79, 0x7a, 0, 0]);
      page[1] = 0x21;
      mappable.writePage(1, page, 2);
      expect(open.size()).toBe(4098);
      expect(readOpen(open).slice(-2)).toBe('y!');
      root.unlink('a');
      open.close();
      // A mapping outlives name and descriptor.
      mappable.readPage(1, page);
      expect(page[1]).toBe(0x21);
    },
  },
  {
    name: 'the number of links of a directory counts its subdirectories, or is 1',
    run(root, fileSystem) {
      const directory = ok(root.create('d', DIRECTORY));
      for (const name of ['x', 'y']) ok(directory.create(name, DIRECTORY));
      if (nlink(directory) === 1) return;
      expect(nlink(directory)).toBe(4);
      fileSystem.rename(directory, 'x', root, 'x', 0);
      directory.rmdir('y');
      expect([nlink(directory), nlink(root)]).toEqual([2, 4]);
    },
  },
  {
    name: 'status names a block size and room',
    run(_root, fileSystem) {
      const status = ok(fileSystem.status());
      expect(status.blockSize).toBeGreaterThan(0);
      expect(status.blocksFree).toBeLessThanOrEqual(status.blocks);
      expect(fileSystem.sync()).toBe(0);
    },
  },
];

/** The suite that every {@link FileSystem} must pass. `create` is called for each test. */
export function describeFileSystem(name: string, create: () => FileSystemFixture, traits: FileSystemTraits = {}): void {
  describe(`${name}: the file-system seam`, () => {
    let fixture: FileSystemFixture;
    beforeEach(() => {
      fixture = create();
    });
    afterEach(() => fixture.dispose?.());
    for (const row of ROWS) {
      if (row.needs !== undefined && traits[row.needs] === false) continue;
      test(row.name, () => row.run(fixture.fileSystem.root, fixture.fileSystem));
    }
  });
}
