import { TERMIOS, VCC } from '@tally86/abi';
import { isContinuation, isControl, isWord } from './characters.ts';
import type { Settings } from './settings.ts';

const T = TERMIOS;
const TAB = 0x09;
const BACK_OVER: readonly number[] = [0x08, 0x20, 0x08];

/** The part of the line discipline that erasing changes. */
export interface EditedLine {
  readonly settings: Settings;
  readonly input: number[];
  readonly finished: number;
  /** Between the `\` and `/` of ECHOPRT. */
  erasing: boolean;
  local(flag: number): boolean;
  is(byte: number, ...indices: readonly number[]): boolean;
  echo(byte: number): void;
  echoRaw(...bytes: readonly number[]): void;
  echoBack(width: number, afterTab: boolean): void;
  finishErasing(): void;
}

/** VERASE, VWERASE or VKILL in the line that is being typed (n_tty.c, eraser). */
export function eraseInput(line: EditedLine, key: number): void {
  const { input, finished } = line;
  const kind = line.is(key, VCC.VERASE) ? 'character' : line.is(key, VCC.VKILL) ? 'line' : 'word';
  if (input.length === finished || (kind === 'line' && killsAtOnce(line))) return;
  let inWord = false;
  while (input.length > finished) {
    const at = startOfLast(line);
    if (at < 0) break;
    const byte = input[at];
    if (kind === 'word') {
      if (isWord(byte)) inWord = true;
      else if (inWord) break;
    }
    const erased = input.splice(at);
    if (line.local(T.ECHO)) showErased(line, erased, kind === 'character');
    if (kind === 'character') break;
  }
  if (input.length === finished && line.local(T.ECHO)) line.finishErasing();
}

/** VKILL without an echo that goes back over the line. */
function killsAtOnce(line: EditedLine): boolean {
  if (line.local(T.ECHO) && line.local(T.ECHOK) && line.local(T.ECHOKE) && line.local(T.ECHOE)) return false;
  line.input.length = line.finished;
  if (!line.local(T.ECHO)) return true;
  line.finishErasing();
  line.echo(line.settings.characters[VCC.VKILL]);
  if (line.local(T.ECHOK)) line.echoRaw(0x0a);
  return true;
}

/** Index of the last character's first byte; −1 if only a part of it is left. */
function startOfLast({ input, finished, settings }: EditedLine): number {
  let at = input.length - 1;
  while (at > finished && isContinuation(input[at], settings.input)) at -= 1;
  return isContinuation(input[at], settings.input) ? -1 : at;
}

function showErased(line: EditedLine, erased: readonly number[], single: boolean): void {
  const [byte, ...rest] = erased;
  if (line.local(T.ECHOPRT)) {
    if (!line.erasing) line.echoRaw(0x5c);
    line.erasing = true;
    line.echo(byte);
    line.echoRaw(...rest);
  } else if (single && !line.local(T.ECHOE)) line.echo(line.settings.characters[VCC.VERASE]);
  else if (byte === TAB) {
    const { width, afterTab } = widthBefore(line);
    line.echoBack(width, afterTab);
  } else {
    if (isControl(byte) && line.local(T.ECHOCTL)) line.echoRaw(...BACK_OVER);
    if (!isControl(byte) || line.local(T.ECHOCTL)) line.echoRaw(...BACK_OVER);
  }
}

/** Columns from the line's start, or its last tab, to the end of what is left. */
function widthBefore(line: EditedLine): { readonly width: number; readonly afterTab: boolean } {
  const { input, finished, settings } = line;
  let width = 0;
  for (let at = input.length - 1; at >= finished; at -= 1) {
    if (input[at] === TAB) return { width, afterTab: true };
    if (isControl(input[at])) width += line.local(T.ECHOCTL) ? 2 : 0;
    else if (!isContinuation(input[at], settings.input)) width += 1;
  }
  return { width, afterTab: false };
}
