import { NCCS, packStruct, TERMIOS, TERMIOS_STRUCT, VCC } from '@tally86/abi';

const T = TERMIOS;
const SPEED = 38_400;

/** struct ktermios. */
export interface Settings {
  readonly input: number;
  readonly output: number;
  readonly control: number;
  readonly local: number;
  readonly line: number;
  /** By VCC. */
  readonly characters: Uint8Array;
  /** Bits in a second, in and out, as struct termios2 shows them. */
  readonly inputSpeed: number;
  readonly outputSpeed: number;
}

/** c_cc of a new terminal (INIT_C_CC). */
function initialCharacters(): Uint8Array {
  const characters = new Uint8Array(NCCS);
  const set: readonly (readonly [number, number])[] = [
    [VCC.VINTR, 3], [VCC.VQUIT, 28], [VCC.VERASE, 127], [VCC.VKILL, 21], [VCC.VEOF, 4], [VCC.VMIN, 1], [VCC.VSTART, 17], [VCC.VSTOP, 19],
    [VCC.VSUSP, 26], [VCC.VREPRINT, 18], [VCC.VDISCARD, 15], [VCC.VWERASE, 23], [VCC.VLNEXT, 22],
  ];
  for (const [index, value] of set) characters[index] = value;
  return characters;
}

/** A new terminal (drivers/tty/tty_io.c, tty_std_termios). */
export const STANDARD: Settings = {
  input: T.ICRNL | T.IXON,
  output: T.OPOST | T.ONLCR,
  control: T.B38400 | T.CS8 | T.CREAD,
  local: T.ISIG | T.ICANON | T.ECHO | T.ECHOE | T.ECHOK | T.ECHOCTL | T.ECHOKE | T.IEXTEN,
  line: 0,
  characters: initialCharacters(),
  inputSpeed: SPEED,
  outputSpeed: SPEED,
};

/** struct termios in bytes; with the speeds, struct termios2. */
export function packSettings(settings: Settings, withSpeeds: boolean): Uint8Array {
  const { input, output, control, local, line, characters, inputSpeed, outputSpeed } = settings;
  const plain = packStruct(TERMIOS_STRUCT, { c_iflag: input, c_oflag: output, c_cflag: control, c_lflag: local, c_line: line, c_cc: characters });
  if (!withSpeeds) return plain;
  const bytes = new Uint8Array(TERMIOS2_SIZE);
  bytes.set(plain);
  const view = new DataView(bytes.buffer);
  view.setUint32(36, inputSpeed, true);
  view.setUint32(40, outputSpeed, true);
  return bytes;
}

export const TERMIOS2_SIZE = 44;

/** Settings from struct termios, or termios2 if there are as many bytes. Without speeds they stay as they were. */
export function unpackSettings(bytes: Uint8Array, before: Settings): Settings {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const hasSpeeds = bytes.length >= TERMIOS2_SIZE;
  return {
    input: view.getUint32(0, true),
    output: view.getUint32(4, true),
    control: view.getUint32(8, true),
    local: view.getUint32(12, true),
    line: bytes[16],
    characters: bytes.slice(17, 17 + NCCS),
    inputSpeed: hasSpeeds ? view.getUint32(36, true) : before.inputSpeed,
    outputSpeed: hasSpeeds ? view.getUint32(40, true) : before.outputSpeed,
  };
}
