import { E, RESTART, SIG, SIG_IGN } from '@tally86/abi';
import { isOrphaned } from '../kernel/children.ts';
import type { Kernel, Process, Task } from '../kernel/types.ts';
import { signalBit } from '../signal/actions.ts';
import { sendSignal } from '../signal/send.ts';
import { kernelSignal } from '../signal/siginfo.ts';

/** A terminal as sessions see it (struct tty_struct, ctrl). */
export interface ControllingTerminal {
  /** Device number, as stat(2) and /proc/PID/stat show it. */
  readonly device: number;
  /** The session that it controls; 0: none. */
  session: number;
  foregroundGroup: number;
}

const members = ({ processes }: Kernel, group: number): readonly Process[] => [...processes.values()].filter(({ processGroup }) => processGroup === group);

/** A signal from the terminal to a whole group; 0: nobody. */
export function signalGroup(kernel: Kernel, group: number, ...signals: readonly number[]): void {
  if (group === 0) return;
  for (const process of members(kernel, group)) for (const signal of signals) sendSignal(process, kernelSignal(signal));
}

const isLeader = (process: Process): boolean => process.session === process.pid;

/** A session leader without a terminal gets this one, if no session has it (tty_open_proc_set_tty). */
export function adoptTerminal(process: Process, terminal: ControllingTerminal): void {
  if (!isLeader(process) || process.terminal !== null || terminal.session !== 0) return;
  control(process, terminal);
}

/** The session of the process gets the terminal, and its group is the one in the foreground. */
export function control(process: Process, terminal: ControllingTerminal): void {
  terminal.session = process.session;
  terminal.foregroundGroup = process.processGroup;
  process.terminal = terminal;
}

/** TIOCSCTTY (tty_jobctrl.c, tiocsctty). */
export function setControlling({ process, kernel }: Task, terminal: ControllingTerminal, steal: boolean, readable: boolean): number {
  const privileged = process.credentials.euid === 0;
  if (isLeader(process) && terminal.session === process.session) return 0;
  if (!isLeader(process) || process.terminal !== null) return -E.EPERM;
  if (terminal.session !== 0) {
    if (!steal || !privileged) return -E.EPERM;
    forgetTerminal(kernel, terminal);
  }
  if (!readable && !privileged) return -E.EPERM;
  control(process, terminal);
  return 0;
}

/** Nobody is controlled by it any more. */
function forgetTerminal(kernel: Kernel, terminal: ControllingTerminal): void {
  for (const process of kernel.processes.values()) if (process.terminal === terminal) process.terminal = null;
  terminal.session = terminal.foregroundGroup = 0;
}

/** TIOCNOTTY and the end of a process: a leader gives its session's terminal back (disassociate_ctty). */
export function leaveTerminal(process: Process): void {
  const { terminal, kernel } = process;
  if (terminal === null) return;
  if (isLeader(process)) {
    signalGroup(kernel, terminal.foregroundGroup, ...(process.exit === null ? [SIG.HUP, SIG.CONT] : [SIG.HUP]));
    forgetTerminal(kernel, terminal);
  } else if (process.exit === null) process.terminal = null;
}

/** The line is cut: the session's leader hears of it, and the session has no terminal any more (tty_signal_session_leader). */
export function hangUp(kernel: Kernel, terminal: ControllingTerminal): void {
  const { session } = terminal;
  forgetTerminal(kernel, terminal);
  const leader = session === 0 ? undefined : kernel.processes.get(session);
  if (leader?.session !== session) return;
  sendSignal(leader, kernelSignal(SIG.HUP));
  sendSignal(leader, kernelSignal(SIG.CONT));
}

/** A use of the terminal by a group in the background stops it: 0: go on (__tty_check_change, job_control). */
export function checkForeground(task: Task, terminal: ControllingTerminal, signal: number): number {
  const { process, kernel } = task;
  if (process.terminal !== terminal || terminal.foregroundGroup === 0 || terminal.foregroundGroup === process.processGroup) return 0;
  const ignored = (task.signalMask & signalBit(signal)) !== 0n || process.signals.get(signal).handler === SIG_IGN;
  if (ignored) return signal === SIG.TTIN ? -E.EIO : 0;
  if (isOrphaned(process.processGroup, process)) return -E.EIO;
  signalGroup(kernel, process.processGroup, signal);
  return -RESTART.ERESTARTSYS;
}
