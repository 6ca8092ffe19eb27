/** Seconds of user and system time in the second line of a shell's `times`, that of its children. Throws `Error` if there is none. */
export function parseTimes(text: string): number {
  const children = text.split('\n').filter((line) => /^\d+m[\d.]+s \d+m[\d.]+s$/.test(line))[1];
  if (children === undefined) throw new Error(`the shell's times are missing: ${JSON.stringify(text)}`);
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}

/** Bytes of `VmHWM` in /proc/PID/status, the most that was resident; 0 if the process has none left. */
export function parsePeak(status: string): number {
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

/** A whole number from `least` on. Throws `RangeError` in words. */
export function parseWhole(text: string, least: number): number {
  const n = Number(text);
  if (!Number.isInteger(n) || n < least) throw new RangeError(`it is a whole number, ${least} or more`);
  return n;
}
