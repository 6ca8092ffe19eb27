import { E, IOCTL, SIG } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import { checkForeground, type ControllingTerminal, leaveTerminal, setControlling } from './controlling.ts';

/** From where a request comes: the terminal itself, or the master of a pseudo-terminal, which asks for its slave. */
export interface Asker {
  readonly isMaster: boolean;
  readonly readable: boolean;
}

/** Requests about sessions and groups (drivers/tty/tty_jobctrl.c, tty_jobctrl_ioctl); null: another request. */
export function jobIoctl(terminal: ControllingTerminal, { isMaster, readable }: Asker, request: number, argument: number, task: Task): number | null {
  const { process, user } = task;
  const put = (value: number): number => (user.writeU32(argument, value) ? 0 : -E.EFAULT);
  const isOwn = process.terminal === terminal;
  switch (request) {
    case IOCTL.TIOCSCTTY: return setControlling(task, terminal, argument === 1, readable);
    case IOCTL.TIOCNOTTY:
      if (!isOwn || isMaster) return -E.ENOTTY;
      leaveTerminal(process);
      return 0;
    case IOCTL.TIOCGPGRP: return isMaster || isOwn ? put(terminal.foregroundGroup) : -E.ENOTTY;
    case IOCTL.TIOCGSID:
      if ((!isMaster && !isOwn) || terminal.session === 0) return -E.ENOTTY;
      return put(terminal.session);
    case IOCTL.TIOCSPGRP: return setForeground(terminal, argument, task);
    default: return null;
  }
}

function setForeground(terminal: ControllingTerminal, argument: number, task: Task): number {
  const { process, kernel, user } = task;
  const refused = checkForeground(task, terminal, SIG.TTOU);
  if (refused < 0) return refused === -E.EIO ? -E.ENOTTY : refused;
  if (process.terminal !== terminal || terminal.session !== process.session) return -E.ENOTTY;
  const group = user.readI32(argument);
  if (group === null) return -E.EFAULT;
  if (group < 0) return -E.EINVAL;
  const members = [...kernel.processes.values()].filter(({ processGroup }) => processGroup === group);
  if (members.length === 0) return -E.ESRCH;
  if (members[0].session !== process.session) return -E.EPERM;
  terminal.foregroundGroup = group;
  return 0;
}
