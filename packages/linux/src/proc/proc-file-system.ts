import { E, S } from '@tally86/abi';
import type { ByteString, FileSystem, FileSystemStatus, Inode } from '@tally86/core';
import type { Kernel, Process } from '../kernel/types.ts';
import { processContent } from './process-files.ts';
import { boundKernel, ProcDirectory, type ProcSuper } from './proc-inode.ts';
import { SYSTEM_CONTENT } from './system-files.ts';

/** linux/magic.h */
const PROC_SUPER_MAGIC = 0x9fa0;
const ROOT_OWNER = () => ({ uid: 0, gid: 0 });

class ProcFileSystem implements ProcSuper {
  readonly type = 'proc';
  readonly maxFileSize = 2 ** 52;
  readonly root: ProcDirectory;
  readonly #kernel: () => Kernel | null;
  readonly #processes = new WeakMap<Process, ProcDirectory>();
  #lastIno = 0;

  constructor(kernel: () => Kernel | null) {
    this.#kernel = kernel;
    const { entries } = SYSTEM_CONTENT;
    this.root = new ProcDirectory(this, ROOT_OWNER, {
      entries: {
        ...entries,
        mounts: (d) => d.makeLink(() => 'self/mounts'),
        self: (d) => d.makeLink(() => String(this.kernel.current.process.pid)),
        'thread-self': (d) => d.makeLink(() => `${this.kernel.current.process.pid}/task/${this.kernel.current.tid}`),
      },
      names: () => [...this.kernel.processes.keys()].map((pid) => ({ name: String(pid), type: S.IFDIR })),
      find: (_directory, name) => this.#process(name),
    });
  }

  get kernel(): Kernel {
    return boundKernel(this.#kernel());
  }

  nextIno(): number {
    return (this.#lastIno += 1);
  }

  #process(name: ByteString): Inode | undefined {
    const process = /^[1-9]\d{0,9}$/.test(name) ? this.kernel.processes.get(Number(name)) : undefined;
    if (process === undefined || process.tasks.length === 0) return undefined;
    let directory = this.#processes.get(process);
    if (directory === undefined) {
      const owner = () => ({ uid: process.credentials.euid, gid: process.credentials.egid });
      directory = new ProcDirectory(this, owner, processContent(process));
      this.#processes.set(process, directory);
    }
    return directory;
  }

  status(): FileSystemStatus {
    return { magic: PROC_SUPER_MAGIC, blockSize: 4096, blocks: 0, blocksFree: 0, blocksAvailable: 0, files: 0, filesFree: 0, nameMax: 255 };
  }
  rename(): number {
    return -E.EPERM;
  }
  sync(): number {
    return 0;
  }
}

/** /proc of a machine; `kernel` is asked at each look. */
export function createProcFileSystem(kernel: () => Kernel | null): FileSystem {
  return new ProcFileSystem(kernel);
}
