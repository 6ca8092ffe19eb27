import type { CpuModel, CpuState, EngineFactory, HostNetwork, Plugin } from '@tally86/core';
import type { SyscallTable } from '../syscalls/types.ts';
import type { HostTime } from '../time/clock.ts';
import type { Entropy } from '../time/entropy.ts';
import type { CpuAccess } from './cpu-access.ts';
import type { FileContext, FileTable } from './file-seam.ts';
import type { Credentials, SystemIdentity } from './identity.ts';
import type { Limits } from './limits.ts';
import type { AddressSpaceParts } from './types.ts';

/** The parts of a machine. Every part is a seam; the runner has defaults for them. */
export interface KernelOptions {
  /** The running state, in the memory of the Mmu. */
  readonly cpu: CpuState;
  readonly cpuAccess: CpuAccess;
  readonly model: CpuModel;
  readonly engine: EngineFactory;
  /** Of the first process. */
  readonly addressSpace: AddressSpaceParts;
  readonly plugins?: readonly Plugin[];
  /** Default: createDefaultSyscalls(). */
  readonly syscalls?: SyscallTable;
  /** `virtual` (default): driven by the instruction count; or the host's. */
  readonly clock?: 'virtual' | HostTime;
  /** Default: seeded with 0. */
  readonly entropy?: Entropy;
  readonly identity?: SystemIdentity;
  /** The network outside. Default: none; sockets reach what the machine's own processes serve. */
  readonly network?: HostNetwork;
  /** Number of the first process; its parent's is one less. Default 1000. */
  readonly pid?: number;
  /** Instructions a task runs before the next one. Default 100 000. */
  readonly quantum?: number;
  /** Another interleaving of tasks, the same for the same seed (taken modulo 2^64). Default: round robin by quanta. */
  readonly seedSchedule?: bigint;
  /** Threads of all processes together; clone answers EAGAIN above. Default 4096. */
  readonly maxTasks?: number;
  /** Open file descriptions of all processes together; what opens one answers ENFILE above. Default 1 048 576. */
  readonly maxFiles?: number;
  /** Ends the run with `budget` where more bytes are written to files, standard streams and the network outside. Default Infinity. */
  readonly maxWritten?: number;
  /** vm.max_map_count. Default 65530. */
  readonly maxMapCount?: number;
  /** Ends the run with `budget` after this many instructions; 2^20 repetitions of a string instruction are charged as 2^14 of them. Default Infinity. */
  readonly maxInstructions?: number;
  /** Lines of --strace. */
  readonly strace?: ((line: string) => void) | null;
  /** What the user should know; each text once. */
  readonly onNote?: (text: string) => void;
  /** True while signals from outside can arrive: then a program that only waits is no deadlock. */
  readonly hostSignals?: () => boolean;
}

/** The first process. */
export interface SpawnOptions {
  /** Path in the guest's tree. */
  readonly path: string;
  /** Byte strings; argv[0] included. */
  readonly argv: readonly string[];
  /** `NAME=value`. */
  readonly envp: readonly string[];
  readonly files: FileTable;
  readonly fs: FileContext;
  readonly credentials?: Credentials;
  readonly limits?: Limits;
}
