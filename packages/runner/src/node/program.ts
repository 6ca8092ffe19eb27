import { basename, dirname, resolve } from 'node:path';
import { createMemoryFileSystem, type MountSpec } from '@tally86/vfs';
import { EmulatorError, type FileSystem, type Inode, type OpenNode } from '@tally86/core';
import { hostTree, type HostFilesOptions } from './host-parts.ts';
import type { EmulatorOptions } from '../options.ts';

const S_IFREG = 0o100000;
const EXECUTABLE = S_IFREG | 0o755;
/** Bytes of a program that is copied into the machine. */
const MAX_PROGRAM = 2 ** 30;

/** Where the guest finds the program, and the mounts that show it there. */
export interface PlacedProgram {
  readonly path: string;
  readonly mounts: readonly MountSpec[];
}

/** Bytes become /program/main; in a sandbox the host's file is copied to its own path; otherwise the tree has it already. */
export function placeProgram(program: EmulatorOptions['program'], root: EmulatorOptions['root'], options: HostFilesOptions): PlacedProgram {
  if (typeof program !== 'string') return { path: '/program/main', mounts: [shown('/program', 'main', program, options)] };
  if (root !== 'sandbox') return { path: program, mounts: [] };
  const path = resolve(program);
  const { root: file } = hostTree(path, options);
  const attributes = file.getAttributes();
  if (file.type !== S_IFREG) throw new EmulatorError('E_ELF', `${program}: not a file`);
  if (typeof attributes !== 'number' && (attributes.mode & 0o111) === 0) throw new EmulatorError('E_ELF', `${program}: not executable`);
  if (typeof attributes !== 'number' && attributes.size > MAX_PROGRAM) throw new EmulatorError('E_ELF', `${program}: a file of ${attributes.size} bytes is too big to be copied into a sandbox`);
  const contents = readAll(file);
  if (typeof contents === 'number') throw new EmulatorError('E_NOT_FOUND', `${program}: cannot be read as a program`, { details: { errno: -contents } });
  return { path, mounts: [shown(dirname(path), basename(path), contents, options)] };
}

/** A read-only file system that holds one executable. */
function shown(at: string, name: string, contents: Uint8Array, { now, owner }: HostFilesOptions): MountSpec {
  const fileSystem: FileSystem = createMemoryFileSystem({ now, maxBytes: contents.length + 65_536 });
  const inode = fileSystem.root.create(name, { mode: EXECUTABLE, ...owner });
  if (typeof inode === 'number') throw new EmulatorError('E_INTERNAL', `the program cannot be placed: errno ${-inode}`);
  const node = inode.open(1);
  if (typeof node === 'number') throw new EmulatorError('E_INTERNAL', `the program cannot be placed: errno ${-node}`);
  node.write(0, contents);
  node.close();
  return { at, fileSystem, source: 'program', flags: { readOnly: true } };
}

function readAll(inode: Inode): Uint8Array | number {
  const node: OpenNode | number = inode.open(0);
  if (typeof node === 'number') return node;
  try {
    const bytes = new Uint8Array(node.size());
    const got = node.read(0, bytes);
    return got < 0 ? got : bytes.subarray(0, got);
  } finally {
    node.close();
  }
}
