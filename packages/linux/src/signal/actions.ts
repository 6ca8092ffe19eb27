import { NSIG, SIG, SIG_DFL, SIG_IGN } from '@tally86/abi';
import type { SignalAction, SignalActions } from './types.ts';

const DEFAULT: SignalAction = { handler: SIG_DFL, flags: 0n, restorer: 0n, mask: 0n };

/** Handlers of a process, all default. */
export function createSignalActions(from?: readonly SignalAction[]): SignalActions {
  const actions: SignalAction[] = from === undefined ? new Array<SignalAction>(NSIG + 1).fill(DEFAULT) : [...from];
  return {
    get: (signal) => actions[signal],
    set(signal, action) {
      actions[signal] = action;
    },
    resetHandlers() {
      actions.forEach((action, signal) => {
        actions[signal] = action.handler === SIG_IGN ? { ...DEFAULT, handler: SIG_IGN } : DEFAULT;
      });
    },
    fork: () => createSignalActions(actions),
  };
}

export const signalBit = (signal: number): bigint => 1n << BigInt(signal - 1);
/** SIGKILL and SIGSTOP cannot be blocked, caught or ignored. */
export const UNBLOCKABLE = signalBit(SIG.KILL) | signalBit(SIG.STOP);
/** Signals raised by instructions are delivered before others (SYNCHRONOUS_MASK). */
export const SYNCHRONOUS = [SIG.SEGV, SIG.BUS, SIG.ILL, SIG.TRAP, SIG.FPE, SIG.SYS].reduce((set, signal) => set | signalBit(signal), 0n);

export type DefaultAction = 'terminate' | 'ignore' | 'stop' | 'continue';
const IGNORED: ReadonlySet<number> = new Set([SIG.CHLD, SIG.URG, SIG.WINCH]);
const STOPPING: ReadonlySet<number> = new Set([SIG.STOP, SIG.TSTP, SIG.TTIN, SIG.TTOU]);

/** Signals whose end leaves a core (SIG_KERNEL_COREDUMP_MASK). */
export const DUMPING: ReadonlySet<number> = new Set([SIG.QUIT, SIG.ILL, SIG.TRAP, SIG.ABRT, SIG.FPE, SIG.SEGV, SIG.BUS, SIG.SYS, SIG.XCPU, SIG.XFSZ]);

/** What a signal does without a handler (signal(7)). Core dumps are terminations: there is no core. */
export function defaultAction(signal: number): DefaultAction {
  if (IGNORED.has(signal)) return 'ignore';
  if (STOPPING.has(signal)) return 'stop';
  return signal === SIG.CONT ? 'continue' : 'terminate';
}

/** True if the signal, sent now, would be dropped (sig_handler_ignored). */
export function isIgnored(actions: SignalActions, signal: number): boolean {
  const { handler } = actions.get(signal);
  return handler === SIG_IGN || (handler === SIG_DFL && (defaultAction(signal) === 'ignore' || signal === SIG.CONT));
}
