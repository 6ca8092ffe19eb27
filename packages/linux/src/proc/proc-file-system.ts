import { E, S } from '@tally86/abi';
import type { ByteString, FileSystem, FileSystemStatus, Inode } from '@tally86/core';
import type { Kernel, Process, Task } from '../kernel/types.ts';
import { mainTask, processContent } from './process-files.ts';
import { boundKernel, ProcDirectory, type ProcSuper } from './proc-inode.ts';
import { SYSTEM_CONTENT } from './system-files.ts';

/** linux/magic.h */
const PROC_SUPER_MAGIC = 0x9fa0;
const ROOT_OWNER = () => ({ uid: 0, gid: 0 });

class ProcessDirectory extends ProcDirectory {
  readonly process: Process;

  constructor(fileSystem: ProcSuper, process: Process, task: Task) {
    const { credentials } = process;
    super(fileSystem, () => ({ uid: credentials.euid, gid: credentials.egid }), processContent(process, task));
    this.process = process;
  }
}

/** The process that an inode of some /proc is the directory of. */
export const processOfDirectory = (inode: Inode): Process | undefined => (inode instanceof ProcessDirectory ? inode.process : undefined);

class ProcFileSystem implements ProcSuper {
  readonly type = 'proc';
  readonly maxFileSize = 2 ** 52;
  readonly root: ProcDirectory;
  readonly #kernel: () => Kernel | null;
  readonly #directories = new WeakMap<Task, ProcDirectory>();
  #lastIno = 0;

  constructor(kernel: () => Kernel | null) {
    this.#kernel = kernel;
    const { entries } = SYSTEM_CONTENT;
    this.root = new ProcDirectory(this, ROOT_OWNER, {
      entries: {
        ...entries,
        mounts: (d) => d.makeLink(() => 'self/mounts'),
        net: (d) => d.makeLink(() => 'self/net'),
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

  /** The directory of a process. A thread that is no leader is found by its number, too, but not listed. */
  #process(name: ByteString): Inode | undefined {
    if (!/^[1-9]\d{0,9}$/.test(name)) return undefined;
    const { processes, tasks } = this.kernel;
    const process = processes.get(Number(name));
    const task = process === undefined ? tasks.get(Number(name)) : mainTask(process);
    if (task === undefined) return undefined;
    let directory = this.#directories.get(task);
    if (directory === undefined) {
      directory = new ProcessDirectory(this, task.process, task);
      this.#directories.set(task, directory);
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
