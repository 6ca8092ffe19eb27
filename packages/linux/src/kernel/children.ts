import { CLD, SA, SI, SIG, SIG_IGN } from '@tally86/abi';
import { notifyParent, sendSignal } from '../signal/send.ts';
import { kernelSignal } from '../signal/siginfo.ts';
import { processCpuTime } from '../time/interval-timers.ts';
import type { Process } from './types.ts';

/** Number of the parent; outside of the machine are who started the first process, and the system's first process, which has all orphans. */
export const parentPid = (process: Process): number => process.parent?.pid ?? (process === process.kernel.init ? process.pid - 1 : 1);

/** si_code and si_status of a process that ended. */
export function endOf({ exit }: Process): { readonly code: number; readonly status: number } {
  if (exit === null || exit.kind === 'exit') return { code: CLD.EXITED, status: exit === null ? 0 : exit.code };
  return { code: CLD.KILLED, status: exit.kind === 'signal' ? exit.signal : SIG.KILL };
}

/** The process ended and is a zombie now, until its parent has waited for it; or nobody will, and it is gone (exit_notify). */
export function becomeZombie(process: Process): void {
  adoptChildren(process);
  process.exitEvents.wake();
  const { parent, exitSignal } = process;
  if (parent === null) {
    reap(process);
    return;
  }
  orphanGroup(process, parent);
  const { code, status } = endOf(process);
  const action = parent.signals.get(SIG.CHLD);
  const unwanted = exitSignal === SIG.CHLD && (action.handler === SIG_IGN || (action.flags & SA.NOCLDWAIT) !== 0n);
  // Who waits for children may have none any more.
  if (unwanted) reap(process);
  notifyParent(process, parent, unwanted && action.handler === SIG_IGN ? 0 : exitSignal, code, status);
}

/** The zombie goes; its time counts for the parent (release_task). */
export function reap(process: Process): void {
  const { parent, kernel } = process;
  if (parent !== null) {
    parent.childrenTime += processCpuTime(process) + process.childrenTime;
    parent.childrenPeak = Math.max(parent.childrenPeak, process.residentPeak, process.childrenPeak);
    parent.children.delete(process);
  }
  kernel.forget(process);
}

/** Orphans go to the next subreaper above, or else to nobody: then they are not waited for (forget_original_parent). */
function adoptChildren(process: Process): void {
  let parent = process.parent;
  while (parent !== null && (parent.exit !== null || !parent.settings.childSubreaper)) parent = parent.parent;
  for (const child of [...process.children]) {
    process.children.delete(child);
    child.parent = parent;
    for (const { parentDeathSignal } of child.tasks) {
      if (parentDeathSignal !== 0) sendSignal(child, { signo: parentDeathSignal, errno: 0, code: SI.USER, pid: process.pid, uid: process.credentials.uid });
    }
    if (parent !== null) parent.children.add(child);
    if (child.exit === null) {
      orphanGroup(child, process);
      continue;
    }
    if (parent === null) reap(child);
    else {
      child.exitSignal = SIG.CHLD;
      becomeZombie(child);
    }
  }
}

/** Nobody outside of the group, but in its session, is parent to one of its members: no shell looks after it. */
export function isOrphaned(group: number, process: Process, without: Process | null = null): boolean {
  const { kernel } = process;
  for (const member of kernel.processes.values()) {
    if (member.processGroup !== group || member === without || member.exit !== null) continue;
    // The first process has a parent outside of the machine.
    if (member === kernel.init) return false;
    const { parent } = member;
    if (parent !== null && parent.exit === null && parent.processGroup !== group && parent.session === member.session) return false;
  }
  return true;
}

/** A group that lost its last link to a shell, with stopped members: nobody would continue them (kill_orphaned_pgrp). */
function orphanGroup(process: Process, parent: Process): void {
  if (parent.processGroup === process.processGroup || parent.session !== process.session) return;
  const members = [...process.kernel.processes.values()].filter((other) => other.processGroup === process.processGroup && other !== process && other.exit === null);
  if (!members.some(({ stopped }) => stopped !== 0) || !isOrphaned(process.processGroup, process, process)) return;
  for (const member of members) {
    sendSignal(member, kernelSignal(SIG.HUP));
    sendSignal(member, kernelSignal(SIG.CONT));
  }
}
