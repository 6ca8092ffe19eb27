import { writeSync } from 'node:fs';
import { standardStream } from './standard-stream.ts';

/** Text as one line that cannot steer a terminal: file names and what files say may hold anything. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (char) => ESCAPES[char] ?? `\\x${char.codePointAt(0)!.toString(16).padStart(2, '0')}`);
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Text of ours on stderr, written without what Node loads to make a stream of it. */
export function tell(text: string): void {
  let rest = Buffer.from(text);
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(2, rest));
  } catch {
    // somebody made it non-blocking, or it is closed: the stream knows what to do
    standardStream('stderr').write(rest);
  }
}
/** A line of ours on stderr. */
export function warn(text: string): void {
  tell(`tally86: ${oneLine(text)}\n`);
}
