import type { CpuModel, EngineFactory, FileSystem, HostNetwork, HostStream, InstructionCounts, MemoryStats, MmapStrategy, PageTableStrategy, Plugin } from '@tally86/core';
import type { CountWindow, ConventionName, Reconciliation } from '@tally86/counter';
import type { Exit, SyscallTable } from '@tally86/linux';

/** A directory of the host shown in the guest's tree. The host's /proc below it shows as an empty directory. */
export interface HostMount {
  /** Host path. */
  readonly source: string;
  /** Absolute guest path. */
  readonly target: string;
  readonly readOnly?: boolean;
  /** What the guest writes there stays in memory. Only for directories. Default false. */
  readonly overlay?: boolean;
}

export interface EmulatorOptions {
  /** The program: a path in the guest's tree, or the bytes of an ELF file, which is then shown as /program/main. */
  readonly program: string | Uint8Array;
  /** Arguments behind argv[0]. */
  readonly args?: readonly string[];
  /** Default: the program as given. */
  readonly argv0?: string;
  /** The whole environment. Default: empty. */
  readonly env?: Readonly<Record<string, string>>;
  /** Working directory in the guest's tree. Default: the host's current directory, or / where that is not shown. */
  readonly cwd?: string;

  /** By name, or the part itself. */
  readonly engine?: string | EngineFactory;
  readonly mmap?: string | MmapStrategy;
  readonly pageTable?: string | PageTableStrategy;
  readonly cpu?: string | CpuModel;

  /**
   * `host` (default): the host's own tree. `overlay`: the host's tree, what is written stays in memory. `sandbox`: an empty tree in
   * memory with the program and what is mounted. Or a file system of your own.
   */
  readonly root?: 'host' | 'overlay' | 'sandbox' | FileSystem;
  readonly mounts?: readonly HostMount[];
  /** Guest directory in which absolute paths are looked for first. */
  readonly sysroot?: string;
  /**
   * True: nothing of the host's clock, user or file times reaches the guest. False (default): times and owners of files are the host's.
   * The clock and the entropy are separate choices.
   */
  readonly fixedAttributes?: boolean;

  /** `inherit` (default): the host's; `null`: /dev/null; or a stream. */
  readonly stdin?: 'inherit' | null | HostStream;
  readonly stdout?: 'inherit' | null | HostStream;
  readonly stderr?: 'inherit' | null | HostStream;

  /** `virtual` (default): time goes by instructions. `host`: real time. */
  readonly clock?: 'virtual' | 'host';
  /**
   * `none` (default): a loopback inside the machine, over which its own processes talk, the same in every run. `loopback`: real sockets, but
   * only with programs on the host itself. `host`: real sockets. Or a network of your own.
   */
  readonly net?: 'none' | 'loopback' | 'host' | HostNetwork;
  /** Seed of all randomness that the guest gets. Default 0. */
  readonly seed?: number | bigint;
  /** Another interleaving of threads and processes, the same for the same seed. Default: round robin by fixed numbers of instructions. */
  readonly seedSchedule?: number | bigint;
  /** User and group id of the guest. Default 1000. */
  readonly uid?: number;
  readonly gid?: number;

  /** Ends the run after this many instructions. */
  readonly maxInstructions?: number;
  /** Threads of all processes together; clone answers EAGAIN above. Default 4096. */
  readonly maxTasks?: number;
  /** Open files of all processes together; what opens one answers ENFILE above. Default 1,048,576. */
  readonly maxFiles?: number;
  /**
   * Ends the run where more bytes are written to files, standard streams and the network outside. What processes of the machine send each
   * other and what shared mappings write back does not count. Default: no end.
   */
  readonly maxWritten?: number;
  /** Bytes of guest memory and page tables together; default 2 GiB, at most 4 GiB. */
  readonly maxMemory?: number;
  /** vm.max_map_count; default 65530. */
  readonly maxMappings?: number;

  /** Convention of the built-in counter; default retired. */
  readonly convention?: ConventionName;
  readonly plugins?: readonly Plugin[];
  readonly syscalls?: SyscallTable;
  /** Takes a line for each system call. */
  readonly strace?: (line: string) => void;
  /** Takes what a user should know: unknown system calls, unsupported instructions. */
  readonly onNote?: (text: string) => void;
  /** Called about every 50 million instructions. */
  readonly onProgress?: (progress: { readonly instructions: number }) => void;
  /** False: no hash of the state at the end, which takes about 1 ms for each MiB of memory that the guest wrote. Default true. */
  readonly stateHash?: boolean;
  /** TLB entries, a power of two; default: as many as maxMemory has pages, 2^16 to 2^19. */
  readonly tlbEntries?: number;
}

/** What one thread executed. */
export interface ThreadCount {
  readonly thread: number;
  readonly process: number;
  /** As the program named it, or the program's. */
  readonly name: string;
  /** Instructions under the convention. */
  readonly count: number;
}

export interface RunResult {
  readonly exit: Exit;
  /** Instructions executed in all, under the convention. */
  readonly total: number;
  readonly convention: ConventionName;
  readonly windows: readonly CountWindow[];
  readonly counts: InstructionCounts;
  /** By thread number, those that ended included: the first 65,536 of them. */
  readonly threads: readonly ThreadCount[];
  readonly reconciliation: Reconciliation;
  /** SHA-256 over registers, mappings and memory at the end; null where `EmulatorOptions.stateHash` is false. */
  readonly stateHash: string | null;
  readonly memory: MemoryStats & { readonly vmas: number };
  readonly engine: { readonly name: string; readonly stats: Readonly<Record<string, number>> };
  readonly parts: { readonly engine: string; readonly mmap: string; readonly pageTable: string; readonly cpu: string };
}
