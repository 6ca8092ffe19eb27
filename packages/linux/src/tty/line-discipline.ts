import { SIG, TERMIOS, VCC } from '@tally86/abi';
import { isControl } from './characters.ts';
import { eraseInput, type EditedLine } from './erase.ts';
import { OutputProcessor } from './output.ts';
import { type Settings, STANDARD } from './settings.ts';

const T = TERMIOS;
/** Bytes that wait for a reader at most (N_TTY_BUF_SIZE), and echoes that wait for room. */
const BUFFER_SIZE = 4096;
/** Echoes wait until all that came at once is looked at, or for so many: a signal drops those before it. */
const ECHO_BATCH = 256;
/** In the input: the byte ends a line, and with it END_OF_FILE is not handed out. */
const LINE_END = 0x100;
const END_OF_FILE = LINE_END;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** What the discipline asks of the terminal around it. */
export interface Line {
  /** Bytes for the other side. */
  transmit(bytes: readonly number[]): void;
  /** Room for so many. */
  room(): number;
  /** To the foreground group. */
  signal(signo: number): void;
  /** Output goes on after ^Q, or there is something to read. */
  changed(): void;
}

/** One step of an echo, done when the other side has room. */
type Echo = () => readonly number[];

/** The line discipline of terminals (drivers/tty/n_tty.c): editing, echo, signals and flow control on input, and processing of output. */
export class LineDiscipline implements EditedLine {
  settings: Settings = STANDARD;
  /** ^S, and tcflow(TCOOFF). */
  stopped = false;
  stoppedByCall = false;
  erasing = false;
  readonly output = new OutputProcessor();
  readonly input: number[] = [];
  /** Bytes of `input` in lines that are complete. */
  finished = 0;
  readonly #line: Line;
  #literalNext = false;
  #echoes: Echo[] = [];

  constructor(line: Line) {
    this.#line = line;
  }

  get isCanonical(): boolean {
    return this.local(T.ICANON);
  }
  get holdsOutput(): boolean {
    return this.stopped || this.stoppedByCall;
  }
  local(flag: number): boolean {
    return (this.settings.local & flag) !== 0;
  }
  #inputFlag(flag: number): boolean {
    return (this.settings.input & flag) !== 0;
  }
  is(byte: number, ...indices: readonly number[]): boolean {
    return byte !== 0 && indices.some((index) => this.settings.characters[index] === byte);
  }

  /** The bytes that a read of `limit` bytes gets, and how many it uses up: an end of file is not among them, but goes with those before it. */
  look(limit: number): { readonly bytes: Uint8Array; readonly used: number } {
    if (!this.isCanonical) return { bytes: Uint8Array.from(this.input.slice(0, limit)), used: Math.min(limit, this.input.length) };
    const end = this.input.findIndex((byte) => (byte & LINE_END) !== 0);
    const isEndOfFile = this.input[end] === END_OF_FILE;
    const length = end < 0 ? 0 : isEndOfFile ? end : end + 1;
    const bytes = Uint8Array.from(this.input.slice(0, Math.min(limit, length)));
    return { bytes, used: bytes.length + (isEndOfFile && bytes.length === length ? 1 : 0) };
  }

  /** So many bytes were read. */
  drop(count: number): void {
    this.finished = Math.max(0, this.finished - count);
    this.input.splice(0, count);
  }

  /** A read would find something; `wanted`: bytes that it waits for without lines. */
  hasInput(wanted = 1): boolean {
    return this.isCanonical ? this.finished > 0 : this.input.length >= Math.max(1, wanted);
  }

  /** FIONREAD. */
  get readable(): number {
    if (!this.isCanonical) return this.input.length;
    return this.input.slice(0, this.finished).filter((byte) => byte !== END_OF_FILE).length;
  }

  /** False: more input has to wait for a reader. A line that gets too long is no reason: its last byte is overwritten. */
  get takesInput(): boolean {
    return this.input.length < BUFFER_SIZE - 1 || (this.isCanonical && this.finished === 0);
  }

  /** A change of settings; what was typed ahead becomes a line, or loses its lines (n_tty_set_termios). */
  change(settings: Settings): void {
    const before = this.settings;
    this.settings = settings;
    if (((before.local ^ settings.local) & T.ICANON) !== 0) {
      this.input.forEach((byte, index) => {
        this.input[index] = byte & 0xff;
      });
      this.finished = 0;
      if (this.isCanonical && this.input.length > 0) {
        this.input[this.input.length - 1] |= LINE_END;
        this.finished = this.input.length;
      }
      this.erasing = this.#literalNext = false;
    }
    if (!this.#inputFlag(T.IXON) && (before.input & T.IXON) !== 0 && this.stopped) this.start();
    this.#line.changed();
  }

  flushInput(): void {
    this.input.length = 0;
    this.finished = 0;
    this.erasing = this.#literalNext = false;
  }

  start(): void {
    this.stopped = false;
    this.flushEchoes();
    this.#line.changed();
  }

  /** Output of a program: false if it has no room yet. */
  write(byte: number): boolean {
    if (this.holdsOutput || this.#line.room() < 8) return false;
    this.#line.transmit(this.output.process(byte, this.settings));
    return true;
  }

  /** A byte that was typed (n_tty_receive_char_special and others); its echo is for flushEchoes. */
  receive(typed: number): void {
    const stripped = this.#inputFlag(T.ISTRIP) ? typed & 0x7f : typed;
    const isUpper = stripped >= 0x41 && stripped <= 0x5a;
    const byte = this.#inputFlag(T.IUCLC) && this.local(T.IEXTEN) && isUpper ? stripped + 0x20 : stripped;
    if (this.#literalNext) {
      this.#literalNext = false;
      this.#ordinary(byte, false);
    } else if (!this.#flowControl(byte) && !this.#signal(byte)) this.#translated(byte);
    if (this.#echoes.length >= ECHO_BATCH) this.flushEchoes();
  }

  #flowControl(byte: number): boolean {
    if (!this.#inputFlag(T.IXON) || !this.is(byte, VCC.VSTART, VCC.VSTOP)) return false;
    if (this.is(byte, VCC.VSTART)) this.start();
    else this.stopped = true;
    return true;
  }

  #signal(byte: number): boolean {
    if (!this.local(T.ISIG)) return false;
    const found = SIGNALS.find(([index]) => this.is(byte, index));
    if (found === undefined) return false;
    this.#line.signal(found[1]);
    if (!this.local(T.NOFLSH)) {
      this.#echoes = [];
      this.flushInput();
    }
    if (this.#inputFlag(T.IXON) && this.stopped) this.start();
    if (this.local(T.ECHO)) this.echo(byte);
    return true;
  }

  #translated(typed: number): void {
    if (this.stopped && this.#inputFlag(T.IXON) && this.#inputFlag(T.IXANY)) this.start();
    if (typed === CARRIAGE_RETURN && this.#inputFlag(T.IGNCR)) return;
    let byte = typed;
    if (typed === CARRIAGE_RETURN && this.#inputFlag(T.ICRNL)) byte = NEWLINE;
    else if (typed === NEWLINE && this.#inputFlag(T.INLCR)) byte = CARRIAGE_RETURN;
    if (!this.isCanonical || !this.#canonical(byte)) this.#ordinary(byte, !this.isCanonical);
  }

  /** Characters that edit or end a line. */
  #canonical(byte: number): boolean {
    const extended = this.local(T.IEXTEN);
    const echoes = this.local(T.ECHO);
    if (this.is(byte, VCC.VERASE, VCC.VKILL) || (extended && this.is(byte, VCC.VWERASE))) {
      eraseInput(this, byte);
      return true;
    }
    if (extended && this.is(byte, VCC.VLNEXT)) {
      this.#literalNext = true;
      if (echoes) this.finishErasing();
      if (echoes && this.local(T.ECHOCTL)) this.echoRaw(0x5e, 0x08);
      return true;
    }
    if (extended && echoes && this.is(byte, VCC.VREPRINT)) {
      this.finishErasing();
      this.echo(byte);
      this.echoRaw(NEWLINE);
      for (const typed of this.input.slice(this.finished)) this.echo(typed);
      return true;
    }
    if (byte === NEWLINE) {
      if (echoes || this.local(T.ECHONL)) this.echoRaw(NEWLINE);
      this.#endLine(NEWLINE);
      return true;
    }
    if (this.is(byte, VCC.VEOF)) {
      this.#endLine(0);
      return true;
    }
    if (!this.is(byte, VCC.VEOL) && !(extended && this.is(byte, VCC.VEOL2))) return false;
    if (echoes) this.#echoFirst(byte);
    this.#endLine(byte);
    return true;
  }

  #endLine(byte: number): void {
    this.#store(byte | LINE_END);
    this.finished = this.input.length;
    this.#line.changed();
  }

  #ordinary(byte: number, newlineIsRaw: boolean): void {
    if (this.local(T.ECHO)) {
      this.finishErasing();
      if (byte === NEWLINE && newlineIsRaw) this.echoRaw(byte);
      else this.#echoFirst(byte);
    }
    if (byte === 0xff && this.#inputFlag(T.PARMRK)) this.#store(byte);
    this.#store(byte);
    if (!this.isCanonical) this.#line.changed();
  }

  #store(byte: number): void {
    if (this.input.length >= BUFFER_SIZE - 1 && this.isCanonical && this.finished === 0) this.input.pop();
    this.input.push(byte);
  }

  /** The echo of a line's first byte notes where it begins. */
  #echoFirst(byte: number): void {
    if (this.finished === this.input.length) {
      this.#later(() => {
        this.output.lineColumn = this.output.column;
        return [];
      });
    }
    this.echo(byte);
  }

  /** With ECHOCTL, control characters are shown as `^X`. */
  echo(byte: number): void {
    if (this.local(T.ECHOCTL) && isControl(byte) && byte !== 0x09) this.#later(() => this.output.caret(byte));
    else this.echoRaw(byte);
  }
  echoRaw(...bytes: readonly number[]): void {
    for (const byte of bytes) this.#later(() => this.output.process(byte, this.settings));
  }
  echoBack(width: number, afterTab: boolean): void {
    this.#later(() => this.output.eraseTab(width, afterTab));
  }
  finishErasing(): void {
    if (!this.erasing) return;
    this.echoRaw(0x2f);
    this.erasing = false;
  }

  #later(echo: Echo): void {
    if (this.#echoes.length >= BUFFER_SIZE) this.#echoes.shift();
    this.#echoes.push(echo);
  }

  /** Echoes go out as far as there is room. */
  flushEchoes(): void {
    let done = 0;
    for (; done < this.#echoes.length && !this.holdsOutput && this.#line.room() >= 8; done += 1) this.#line.transmit(this.#echoes[done]());
    this.#echoes.splice(0, done);
  }
}

const SIGNALS: readonly (readonly [number, number])[] = [[VCC.VINTR, SIG.INT], [VCC.VQUIT, SIG.QUIT], [VCC.VSUSP, SIG.TSTP]];
