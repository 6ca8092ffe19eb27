import { E, IOCTL, SIG, TERMIOS_STRUCT, VCC, WINSIZE } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import { checkForeground } from './controlling.ts';
import { type Asker, jobIoctl } from './job-ioctl.ts';
import type { Pty } from './pty.ts';
import { packSettings, TERMIOS2_SIZE, unpackSettings } from './settings.ts';

/** Requests that change the settings: bytes of the struct, and whether input is dropped first. */
const SETTING: ReadonlyMap<number, { readonly size: number; readonly flushes?: true }> = new Map<number, { size: number; flushes?: true }>([
  [IOCTL.TCSETS, { size: TERMIOS_STRUCT.size }], [IOCTL.TCSETSW, { size: TERMIOS_STRUCT.size }], [IOCTL.TCSETSF, { size: TERMIOS_STRUCT.size, flushes: true }],
  [IOCTL.TCSETS2, { size: TERMIOS2_SIZE }], [IOCTL.TCSETSW2, { size: TERMIOS2_SIZE }], [IOCTL.TCSETSF2, { size: TERMIOS2_SIZE, flushes: true }],
]);

/** Requests that a group in the background may not make. */
const FOREGROUND: ReadonlySet<number> = new Set([...SETTING.keys(), IOCTL.TCSBRK, IOCTL.TCXONC, IOCTL.TCFLSH]);

/** Requests of both sides of a pseudo-terminal; the master's are about its slave (tty_ioctl.c, tty_mode_ioctl). */
export function terminalIoctl(pty: Pty, asker: Asker, request: number, argument: number, task: Task): number {
  const { user } = task;
  const put = (bytes: Uint8Array): number => (user.write(argument, bytes) ? 0 : -E.EFAULT);
  if (FOREGROUND.has(request) && !asker.isMaster) {
    const refused = checkForeground(task, pty, SIG.TTOU);
    if (refused < 0) return refused;
  }
  const setting = SETTING.get(request);
  if (setting !== undefined) {
    const bytes = new Uint8Array(setting.size);
    if (!user.read(argument, bytes)) return -E.EFAULT;
    if (setting.flushes) pty.flushTyped();
    pty.discipline.change(unpackSettings(bytes, pty.discipline.settings));
    pty.pump();
    return 0;
  }
  switch (request) {
    case IOCTL.TCGETS: return put(packSettings(pty.discipline.settings, false));
    case IOCTL.TCGETS2: return put(packSettings(pty.discipline.settings, true));
    case IOCTL.TIOCGWINSZ: return put(pty.size);
    case IOCTL.TIOCSWINSZ: {
      const size = new Uint8Array(WINSIZE.size);
      if (!user.read(argument, size)) return -E.EFAULT;
      pty.resize(size);
      return 0;
    }
    // What was written is with the other side at once.
    case IOCTL.TIOCOUTQ: return user.writeU32(argument, 0) ? 0 : -E.EFAULT;
    case IOCTL.TCSBRK: return 0;
    case IOCTL.TCXONC: return flowControl(pty, argument);
    case IOCTL.TCFLSH: return flush(pty, argument);
    // dev.tty.legacy_tiocsti = 0.
    case IOCTL.TIOCSTI: return -E.EIO;
    case IOCTL.TIOCEXCL: case IOCTL.TIOCNXCL:
      pty.exclusive = request === IOCTL.TIOCEXCL;
      return 0;
    default: return jobIoctl(pty, asker, request, argument, task) ?? -E.ENOTTY;
  }
}

/** TCOOFF, TCOON, TCIOFF, TCION. */
function flowControl(pty: Pty, action: number): number {
  const { discipline } = pty;
  if (action < 0 || action > 3) return -E.EINVAL;
  if (action < 2) {
    discipline.stoppedByCall = action === 0;
    if (action === 1) discipline.start();
    return 0;
  }
  const byte = discipline.settings.characters[action === 2 ? VCC.VSTOP : VCC.VSTART];
  if (byte !== 0) pty.transmit([byte]);
  return 0;
}

/** TCIFLUSH, TCOFLUSH, TCIOFLUSH: output that the other side can read already is not called back. */
function flush(pty: Pty, queue: number): number {
  if (queue < 0 || queue > 2) return -E.EINVAL;
  if (queue !== 1) pty.flushTyped();
  return 0;
}
