import { E, F_OWNER, O, POLL, SIG } from '@tally86/abi';
import type { Kernel, Process, Task } from '../kernel/types.ts';
import type { Waiter, WaitQueue } from '../sched/wait.ts';
import { sendSignal } from '../signal/send.ts';
import { kernelSignal } from '../signal/siginfo.ts';
import type { FileObserver, OpenFile } from './open-file.ts';

/** Who hears of a file's events (struct fown_struct); id 0: nobody. */
export interface FileOwner {
  /** F_OWNER_*. */
  readonly type: number;
  readonly id: number;
}

export const NO_OWNER: FileOwner = { type: F_OWNER.TID, id: 0 };

/** si_code POLL_IN and POLL_OUT, with si_band. */
const INPUT = { code: 1, band: POLL.IN | POLL.RDNORM } as const;
const OUTPUT = { code: 2, band: POLL.OUT | POLL.WRNORM | POLL.WRBAND } as const;
/** Signals whose codes mean something else (sig_specific_sicodes). */
const OWN_CODES: ReadonlySet<number> = new Set([SIG.ILL, SIG.FPE, SIG.SEGV, SIG.BUS, SIG.TRAP, SIG.CHLD, SIG.SYS]);
const SI_SIGIO = -5;

/** O_ASYNC of one descriptor (struct fasync_struct): its owner gets a signal at every event. */
class AsyncNotice implements Waiter, FileObserver {
  readonly watches = true;
  readonly #kernel: Kernel;
  readonly #file: OpenFile;
  readonly #fd: number;
  readonly #queues: readonly WaitQueue[];

  constructor(kernel: Kernel, file: OpenFile, fd: number) {
    this.#kernel = kernel;
    this.#file = file;
    this.#fd = fd;
    this.#queues = file.operations.queues;
    for (const queue of this.#queues) queue.add(this);
    (file.observers ??= new Set()).add(this);
  }

  notify(events: number): void {
    const { signal, owner, readable } = this.#file;
    const reason = (events & POLL.IN) !== 0 && readable ? INPUT : OUTPUT;
    const info = signal === 0
      ? kernelSignal(SIG.IO)
      : { signo: signal, errno: 0, code: OWN_CODES.has(signal) ? SI_SIGIO : reason.code, pid: reason.band, uid: 0, value: BigInt(this.#fd) };
    for (const target of targetsOf(this.#kernel, owner)) sendSignal(target, info);
  }

  released(): void {
    for (const queue of this.#queues) queue.remove(this);
    this.#file.observers?.delete(this);
  }
}

function targetsOf({ tasks, processes }: Kernel, { type, id }: FileOwner): readonly (Task | Process)[] {
  const found = type === F_OWNER.TID ? tasks.get(id) : processes.get(id);
  if (type === F_OWNER.PGRP) return [...processes.values()].filter(({ processGroup }) => processGroup === id);
  return found === undefined ? [] : [found];
}

/** F_SETOWN, F_SETOWN_EX: 0, −ESRCH if there is no such process. */
export function setOwner(kernel: Kernel, file: OpenFile, owner: FileOwner): number {
  if (owner.id !== 0 && targetsOf(kernel, owner).length === 0) return -E.ESRCH;
  file.owner = owner;
  return 0;
}

/** F_GETOWN_EX: nobody once it is gone. */
export function ownerOf(kernel: Kernel, { owner }: OpenFile): FileOwner {
  return targetsOf(kernel, owner).length > 0 ? owner : { ...owner, id: 0 };
}

const notices = new WeakMap<OpenFile, AsyncNotice>();

/** The O_ASYNC flag as it is asked for; files without such events keep the flag all the same. */
export function setAsync(kernel: Kernel, file: OpenFile, fd: number, on: boolean): void {
  file.flags = on ? file.flags | O.FASYNC : file.flags & ~O.FASYNC;
  const known = notices.get(file);
  if (!on) {
    known?.released();
    notices.delete(file);
  } else if (known === undefined && file.operations.asynchronous === true) notices.set(file, new AsyncNotice(kernel, file, fd));
}
