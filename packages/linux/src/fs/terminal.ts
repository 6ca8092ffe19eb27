import { E, IOCTL, packStruct, TERMIOS, TERMIOS_STRUCT, WINSIZE } from '@tally86/abi';
import type { HostTerminal } from '@tally86/core';
import type { Task } from '../kernel/types.ts';
import type { ControllingTerminal } from '../tty/controlling.ts';
import { jobIoctl } from '../tty/job-ioctl.ts';
import { packSettings, STANDARD } from '../tty/settings.ts';

const TERMIOS2_SIZE = 44;

/**
 * The terminal behind the standard streams. Line editing, echo and signals are the host's; its settings are kept here, and canonical mode
 * is passed on.
 */
export class Terminal implements ControllingTerminal {
  readonly host: HostTerminal;
  readonly device: number;
  session = 0;
  foregroundGroup = 0;
  #settings = packSettings({ ...STANDARD, input: STANDARD.input | TERMIOS.IUTF8 }, false);
  #size: Uint8Array | null = null;

  constructor(host: HostTerminal, device: number) {
    this.device = device;
    this.host = host;
  }

  ioctl(request: number, argument: number, task: Task): number {
    const { user } = task;
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
      // Everything written is out, and the host alone knows what is typed ahead.
      case IOCTL.TIOCOUTQ: case IOCTL.FIONREAD: return putInt(0);
      case IOCTL.TCSBRK: case IOCTL.TCFLSH: case IOCTL.TCXONC: return 0;
      default: return jobIoctl(this, { isMaster: false, readable: true }, request, argument, task) ?? -E.ENOTTY;
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
    return (new DataView(this.#settings.buffer).getUint32(TERMIOS_STRUCT.fields.c_lflag.offset, true) & TERMIOS.ICANON) !== 0;
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
