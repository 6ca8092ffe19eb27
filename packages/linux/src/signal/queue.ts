import { SIGRTMIN } from '@tally86/abi';
import { signalBit, SYNCHRONOUS } from './actions.ts';
import type { SignalInfo, SignalQueue } from './types.ts';

/** An empty queue; `limit` gives RLIMIT_SIGPENDING. Below SIGRTMIN a pending signal is not queued twice. */
export function createSignalQueue(limit: () => number): SignalQueue {
  let set = 0n;
  const queue: SignalInfo[] = [];
  const recompute = (): void => {
    set = queue.reduce((bits, { signo }) => bits | signalBit(signo), 0n);
  };
  return {
    get set() {
      return set;
    },
    push(info) {
      const bit = signalBit(info.signo);
      // A timer has its entry from the start (send_sigqueue).
      if (info.timer === undefined && info.signo < SIGRTMIN && (set & bit) !== 0n) return true;
      if (info.timer === undefined && info.signo >= SIGRTMIN && queue.length >= limit()) return false;
      queue.push(info);
      set |= bit;
      return true;
    },
    take(blocked) {
      const ready = set & ~blocked;
      if (ready === 0n) return null;
      const candidates = (ready & SYNCHRONOUS) !== 0n ? ready & SYNCHRONOUS : ready;
      let signal = 1;
      while ((candidates & signalBit(signal)) === 0n) signal += 1;
      const index = queue.findIndex(({ signo }) => signo === signal);
      const [info] = queue.splice(index, 1);
      recompute();
      return info;
    },
    flush(signal) {
      const dropped = queue.filter(({ signo }) => signo === signal);
      for (const info of dropped) queue.splice(queue.indexOf(info), 1);
      recompute();
      for (const { timer } of dropped) timer?.dropped();
    },
    remove(info) {
      const index = queue.indexOf(info);
      if (index >= 0) queue.splice(index, 1);
      recompute();
    },
  };
}
