import { E, IOCTL, NCCS, packStruct, TERMIOS, TERMIOS_STRUCT, VCC, WINSIZE } from '@tally86/abi';
import type { HostTerminal } from '@tally86/core';
import type { Task } from '../kernel/types.ts';

const T = TERMIOS;
const TERMIOS2_SIZE = 44;

/** Settings of a terminal as a login shell finds them (drivers/tty/tty_io.c, tty_std_termios, with IUTF8). */
function defaultSettings(): Uint8Array {
  const characters = new Uint8Array(NCCS);
  const set: readonly (readonly [number, number])[] = [
    [VCC.VINTR, 3], [VCC.VQUIT, 28], [VCC.VERASE, 127], [VCC.VKILL, 21], [VCC.VEOF, 4], [VCC.VMIN, 1], [VCC.VSTART, 17], [VCC.VSTOP, 19],
    [VCC.VSUSP, 26], [VCC.VREPRINT, 18], [VCC.VDISCARD, 15], [VCC.VWERASE, 23], [VCC.VLNEXT, 22],
  ];
  for (const [index, value] of set) characters[index] = value;
  return packStruct(TERMIOS_STRUCT, {
    c_iflag: T.ICRNL | T.IXON | T.IUTF8,
    c_oflag: T.OPOST | T.ONLCR,
    c_cflag: T.B38400 | T.CS8 | T.CREAD,
    c_lflag: T.ISIG | T.ICANON | T.ECHO | T.ECHOE | T.ECHOK | T.ECHOCTL | T.ECHOKE | T.IEXTEN,
    c_cc: characters,
  });
}

/**
 * The terminal behind the standard streams. Line editing, echo and signals are the host's; its settings are kept here, and canonical mode
 * is passed on.
 */
export class Terminal {
  readonly host: HostTerminal;
  foregroundGroup = 0;
  #settings = defaultSettings();
  #size: Uint8Array | null = null;

  constructor(host: HostTerminal) {
    this.host = host;
  }

  ioctl(request: number, argument: number, task: Task): number {
    const { user, process } = task;
    const put = (bytes: Uint8Array): number => (user.write(argument, bytes) ? 0 : -E.EFAULT);
    const putInt = (value: number): number => (user.writeU32(argument, value) ? 0 : -E.EFAULT);
    switch (request) {
      case IOCTL.TCGETS: return put(this.#settings);
      case IOCTL.TCGETS2: return put(this.#extended());
      case IOCTL.TCSETS: case IOCTL.TCSETSW: case IOCTL.TCSETSF: case IOCTL.TCSETS2: case IOCTL.TCSETSW2: case IOCTL.TCSETSF2:
        return this.#change(argument, task);
      case IOCTL.TIOCGWINSZ: return put(this.#size ?? this.#hostSize());
      case IOCTL.TIOCSWINSZ: {
        const size = new Uint8Array(WINSIZE.size);
        if (!user.read(argument, size)) return -E.EFAULT;
        this.#size = size;
        return 0;
      }
      case IOCTL.TIOCGPGRP: return putInt(this.foregroundGroup || process.processGroup);
      case IOCTL.TIOCSPGRP: {
        const group = user.readI32(argument);
        if (group === null) return -E.EFAULT;
        if (group < 0) return -E.EINVAL;
        this.foregroundGroup = group;
        return 0;
      }
      case IOCTL.TIOCGSID: return putInt(process.session);
      // Everything written is out, and the host alone knows what is typed ahead.
      case IOCTL.TIOCOUTQ: case IOCTL.FIONREAD: return putInt(0);
      case IOCTL.TCSBRK: case IOCTL.TCFLSH: case IOCTL.TCXONC: case IOCTL.TIOCSCTTY: return 0;
      default: return -E.ENOTTY;
    }
  }

  #change(argument: number, task: Task): number {
    const settings = new Uint8Array(TERMIOS_STRUCT.size);
    if (!task.user.read(argument, settings)) return -E.EFAULT;
    const before = this.#isCanonical();
    this.#settings = settings;
    if (this.#isCanonical() !== before) this.host.setRaw(before);
    return 0;
  }

  #isCanonical(): boolean {
    return (new DataView(this.#settings.buffer).getUint32(TERMIOS_STRUCT.fields.c_lflag.offset, true) & T.ICANON) !== 0;
  }

  #extended(): Uint8Array {
    const bytes = new Uint8Array(TERMIOS2_SIZE);
    bytes.set(this.#settings);
    new DataView(bytes.buffer).setUint32(36, 38_400, true);
    new DataView(bytes.buffer).setUint32(40, 38_400, true);
    return bytes;
  }

  #hostSize(): Uint8Array {
    const { rows, columns } = this.host.size();
    return packStruct(WINSIZE, { ws_row: rows, ws_col: columns });
  }
}
