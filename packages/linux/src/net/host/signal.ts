import { RESTART } from '@tally86/abi';
import type { SyscallResult, Wait } from '../../sched/wait.ts';

/** A promise that settles at the next event of the host, and another one after that. */
export class HostSignal {
  #settle: () => void = () => {};
  #next: Promise<void> | null = null;

  readonly wait = (): Promise<void> => (this.#next ??= new Promise((resolve) => (this.#settle = resolve)));

  fire(): void {
    this.#next = null;
    this.#settle();
  }
}

/** Something that only the host can answer, later: asked once, however often the guest's call is begun. */
export class HostAnswer {
  readonly #promise: Promise<void>;
  #result: number | null = null;

  constructor(promise: Promise<number>) {
    this.#promise = promise.then((result) => void (this.#result = result));
  }

  /** The result of a call that waits for it; a signal in between lets the call begin again, and come here again. */
  result(what: string, settled: (result: number) => number): SyscallResult {
    if (this.#result !== null) return settled(this.#result);
    const wait: Wait = {
      kind: 'wait', what, queues: [], deadline: Infinity,
      host: this.#promise,
      wake: () => (this.#result === null ? wait : settled(this.#result)),
      interrupt: () => -RESTART.ERESTARTNOINTR,
    };
    return wait;
  }
}
