import { TERMIOS } from '@tally86/abi';
import { isContinuation, isControl } from './characters.ts';
import type { Settings } from './settings.ts';

const T = TERMIOS;
const TAB_WIDTH = 8;
/** c_oflag: tabs are spaces (TABDLY = XTABS). */
const TABDLY = 0o14000;

/** Bytes written to the terminal on their way out, and the column where they leave the cursor (n_tty.c, do_output_char). */
export class OutputProcessor {
  column = 0;
  /** Column where the line that is being typed began. */
  lineColumn = 0;

  /** What one byte becomes. */
  process(byte: number, { output, input }: Settings): readonly number[] {
    if ((output & T.OPOST) === 0) return [byte];
    switch (byte) {
      case 0x0a:
        if ((output & T.ONLCR) !== 0) {
          this.lineColumn = this.column = 0;
          return [0x0d, 0x0a];
        }
        if ((output & T.ONLRET) !== 0) this.column = 0;
        this.lineColumn = this.column;
        return [byte];
      case 0x0d:
        if ((output & T.ONOCR) !== 0 && this.column === 0) return [];
        if ((output & T.OCRNL) === 0 || (output & T.ONLRET) !== 0) this.lineColumn = this.column = 0;
        return [(output & T.OCRNL) === 0 ? byte : 0x0a];
      case 0x09: {
        const spaces = TAB_WIDTH - (this.column % TAB_WIDTH);
        this.column += spaces;
        return (output & TABDLY) === TABDLY ? new Array<number>(spaces).fill(0x20) : [byte];
      }
      case 0x08:
        this.column = Math.max(0, this.column - 1);
        return [byte];
      default: {
        if (isControl(byte)) return [byte];
        if (!isContinuation(byte, input)) this.column += 1;
        const isLower = byte >= 0x61 && byte <= 0x7a;
        return [(output & T.OLCUC) !== 0 && isLower ? byte - 0x20 : byte];
      }
    }
  }

  /** A control character as `^X`. */
  caret(byte: number): readonly number[] {
    this.column += 2;
    return [0x5e, byte ^ 0x40];
  }

  /** Goes back over a tab that `width` columns of the line are before; `afterTab`: counted from another tab, not from the line's start. */
  eraseTab(width: number, afterTab: boolean): readonly number[] {
    const before = afterTab ? width : width + this.lineColumn;
    const count = TAB_WIDTH - (before % TAB_WIDTH);
    this.column = Math.max(0, this.column - count);
    return new Array<number>(count).fill(0x08);
  }
}
