import { E, O, S } from '@tally86/abi';
import { type CpuModel, createCpuState, type EngineFactory, type FileSystem, type Inode, type Mappable, resetCpuState } from '@tally86/core';
import { readFxsaveImage, readRflags, writeFxsaveImage, writeRflags } from '@tally86/helpers';
import { toByteString } from '../src/mm/create-user-memory.ts';
import { createVmaSet, linuxTopDown } from '@tally86/mmap';
import { createMmu, lazy } from '@tally86/mmu';
import { createMemoryFileSystem } from '@tally86/vfs';
import {
  type CpuAccess, createDefaultSyscalls, createKernel, createMachineFiles, type FileContext, type FileTable, type ImageFile, type KernelOptions, type Machine, type SpawnOptions,
  type SyscallHandler,
} from '../src/index.ts';

/** Bytes as a file that can be mapped and executed. */
export function imageFile(path: string, bytes: Uint8Array, mode: number = S.IFREG | 0o755): ImageFile {
  const read = (offset: number, into: Uint8Array): number => {
    const part = bytes.subarray(offset, offset + into.length);
    into.set(part);
    return part.length;
  };
  const mappable: Mappable = {
    size: () => bytes.length,
    readPage(page, into) {
      into.fill(0);
      read(page * 4096, into);
    },
    writePage(page, from, length) {
      bytes.set(from.subarray(0, length), page * 4096);
    },
  };
  return { path, device: 1, inode: 1, mode, uid: 0, gid: 0, size: () => bytes.length, read, mappable, release() {} };
}

export interface TestFiles {
  readonly fs: FileContext;
  readonly files: FileTable;
  bind?(kernel: Machine): void;
}

/** A file system in memory with these files, and /tmp. */
export function memoryRoot(images: Readonly<Record<string, Uint8Array>>): FileSystem {
  const root = createMemoryFileSystem();
  const owner = { uid: 1000, gid: 1000 };
  root.root.create('tmp', { mode: S.IFDIR | 0o1777, ...owner });
  for (const [path, bytes] of Object.entries(images)) {
    const parts = path.split('/').filter((part) => part !== '');
    const name = parts.pop()!;
    let directory: Inode = root.root;
    for (const part of parts) {
      const below = directory.lookup(part);
      const next = typeof below === 'number' ? directory.create(part, { mode: S.IFDIR | 0o755, ...owner }) : below;
      if (typeof next === 'number') throw new Error(`${path}: ${next}`);
      directory = next;
    }
    const file = directory.create(name, { mode: S.IFREG | 0o755, ...owner });
    const node = typeof file === 'number' ? file : file.open(O.RDWR);
    if (typeof node === 'number') throw new Error(`${path}: ${node}`);
    node.write(0, bytes);
    node.close();
  }
  return root;
}

/** Files by path for execve; descriptors from 3 on, in order, for mmap. */
export function testFiles(images: Readonly<Record<string, Uint8Array>>, mapped: readonly { file: ImageFile; writable: boolean }[] = []): TestFiles {
  if (mapped.length === 0) return createMachineFiles({ root: memoryRoot(images), credentials: { fsuid: 1000, fsgid: 1000, groups: [1000] } });
  const open = new Map(Object.entries(images).map(([path, bytes]) => [path, imageFile(path, bytes)]));
  const fs: FileContext = { openImage: (path) => open.get(path) ?? -E.ENOENT, fork: () => fs };
  const files: FileTable = {
    users: 1,
    mapSource(fd) {
      const entry = mapped[fd - 3];
      if (entry === undefined) return -E.EBADF;
      const { mappable, path, device, inode } = entry.file;
      return { readable: true, writable: entry.writable, noexec: false, mappable, path, device, inode };
    },
    closeOnExec() {},
    closeAll() {},
    fork: () => files,
  };
  return { fs, files };
}

/** A CPU without XSAVE. */
export const TEST_MODEL: CpuModel = { name: 'test', leaves: { '1': [0, 0, 0, 0x178bfbff] }, xcr0: 0, features: new Set() };

export const TEST_CPU_ACCESS: CpuAccess = {
  readRflags,
  writeRflags,
  xstateSize: 512,
  xfeatures: 0n,
  saveXstate: (cpu, into) => readFxsaveImage(cpu, into),
  restoreXstate: (cpu, from) => writeFxsaveImage(cpu, from),
};

export interface TestMachine {
  readonly machine: Machine;
  /** Bytes written to descriptors 1 and 2. */
  output(): string;
  readonly strace: string[];
  readonly notes: string[];
}

/** write(2) of standard output and error to a string, for programs that report. */
const reporting = (sink: (text: string) => void) => (next: SyscallHandler): SyscallHandler => (task, args) => {
  if (args.i32(0) !== 1 && args.i32(0) !== 2) return next(task, args);
  const bytes = new Uint8Array(Math.min(args.size(2), 1 << 20));
  const read = task.user.copyIn(args.ptr(1), bytes);
  if (read < bytes.length && read === 0) return -E.EFAULT;
  sink(toByteString(bytes.subarray(0, read)));
  return read;
};

/** A machine with real memory and placement around the given engine. */
export function createTestMachine(engine: EngineFactory, options: Partial<KernelOptions> & { budgetBytes?: number } = {}): TestMachine {
  const mmu = createMmu({ budgetBytes: options.budgetBytes ?? 64 << 20, pageTable: lazy });
  const cpu = createCpuState(mmu.buffer);
  resetCpuState(cpu);
  let text = '';
  const strace: string[] = [];
  const notes: string[] = [];
  const machine = createKernel({
    cpu, cpuAccess: TEST_CPU_ACCESS, model: TEST_MODEL, engine,
    addressSpace: { mmu, vmas: createVmaSet(), strategy: linuxTopDown() },
    syscalls: createDefaultSyscalls().wrap('write', reporting((piece) => (text += piece))),
    strace: (line) => strace.push(line),
    onNote: (note) => notes.push(note),
    ...options,
  });
  return { machine, output: () => text, strace, notes };
}

/** Loads `path` from the images. */
export function spawn(test: TestMachine, images: Readonly<Record<string, Uint8Array>>, options: Partial<SpawnOptions> & { path: string }): void {
  const { bind, ...files } = testFiles(images);
  if (options.fs === undefined) bind?.(test.machine);
  test.machine.spawn({ argv: [options.path], envp: [], ...files, ...options });
}

