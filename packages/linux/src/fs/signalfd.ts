import { E, packStruct, POLL, SI, SIG, SIGNALFD_SIGINFO } from '@tally86/abi';
import type { Kernel, Task } from '../kernel/types.ts';
import { createWaitQueue, type WaitQueue } from '../sched/wait.ts';
import { takeSignal } from '../signal/send.ts';
import { packSiginfo } from '../signal/siginfo.ts';
import type { SignalInfo } from '../signal/types.ts';
import type { Destination, FileOperations, OpenFile } from './open-file.ts';

const { size: SIZE } = SIGNALFD_SIGINFO;

/** Signals that are read (fs/signalfd.c): always those of whoever reads. */
export class SignalFile implements FileOperations {
  readonly seekable = false;
  readonly seek = (): number => 0;
  readonly #kernel: Kernel;
  readonly #maskQueue = createWaitQueue();
  #mask: bigint;

  constructor(kernel: Kernel, mask: bigint) {
    this.#kernel = kernel;
    this.#mask = mask;
  }

  set mask(mask: bigint) {
    this.#mask = mask;
    this.#maskQueue.wake();
  }

  get queues(): readonly WaitQueue[] {
    return [this.#kernel.current.signalArrival, this.#maskQueue];
  }

  read(_file: OpenFile, to: Destination, _offset: number, task: Task): number {
    if (to.remaining < SIZE) return -E.EINVAL;
    let done = 0;
    while (to.remaining >= SIZE) {
      const info = takeSignal(task, ~this.#mask);
      if (info === null) return done > 0 ? done : -E.EAGAIN;
      if (to.put(packSignalfdSiginfo(info)) < SIZE) return done > 0 ? done : -E.EFAULT;
      done += SIZE;
    }
    return done;
  }

  write(): number {
    return -E.EINVAL;
  }

  poll(): number {
    const { pending, process } = this.#kernel.current;
    return ((pending.set | process.pending.set) & this.#mask) !== 0n ? POLL.IN : 0;
  }

  describe(): string {
    return `sigmask:\t${this.#mask.toString(16).padStart(16, '0')}\n`;
  }
}

/** si_code POLL_IN to POLL_HUP. */
const SIGIO_CODES = 6;
const FAULTS: ReadonlySet<number> = new Set([SIG.ILL, SIG.FPE, SIG.SEGV, SIG.BUS, SIG.TRAP]);

/** struct signalfd_siginfo: which fields there are follows from number and code, as in siginfo_t (signalfd_copyinfo). */
function packSignalfdSiginfo(info: SignalInfo): Uint8Array {
  const view = new DataView(packSiginfo(info).buffer);
  const { signo } = info;
  const [errno, code] = [view.getInt32(4, true), view.getInt32(8, true)];
  const head = { ssi_signo: signo, ssi_errno: errno, ssi_code: code };
  const [first, second] = [view.getInt32(16, true), view.getInt32(20, true)];
  const value = { ssi_int: view.getInt32(24, true), ssi_ptr: view.getBigUint64(24, true) };
  if (code === SI.TIMER) return packStruct(SIGNALFD_SIGINFO, { ...head, ssi_tid: first, ssi_overrun: second, ...value });
  const special = FAULTS.has(signo) || signo === SIG.CHLD || signo === SIG.SYS;
  if (code === SI.SIGIO || (code > 0 && code <= SIGIO_CODES && !special)) {
    return packStruct(SIGNALFD_SIGINFO, { ...head, ssi_band: view.getUint32(16, true), ssi_fd: view.getInt32(24, true) });
  }
  if (FAULTS.has(signo) && code > 0 && code !== SI.KERNEL) return packStruct(SIGNALFD_SIGINFO, { ...head, ssi_addr: view.getBigUint64(16, true) });
  const sender = { ...head, ssi_pid: first, ssi_uid: second };
  if (signo === SIG.CHLD && code > 0) {
    return packStruct(SIGNALFD_SIGINFO, { ...sender, ssi_status: value.ssi_int, ssi_utime: view.getBigUint64(32, true), ssi_stime: view.getBigUint64(40, true) });
  }
  return packStruct(SIGNALFD_SIGINFO, code < 0 && code !== SI.TKILL ? { ...sender, ...value } : sender);
}
