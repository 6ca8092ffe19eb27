/** Text as one line that cannot steer a terminal: file names and what files say may hold anything. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (char) => ESCAPES[char] ?? `\\x${char.codePointAt(0)!.toString(16).padStart(2, '0')}`);
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A line of ours on stderr. */
export function warn(text: string): void {
  process.stderr.write(`tally86: ${oneLine(text)}\n`);
}
