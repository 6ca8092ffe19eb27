/** Where a long run writes how far it is. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}
export interface Progress {
  /** Shows where it is, if it is time to. */
  at(done: number, differ: number): void;
  /** Leaves the terminal's line. */
  end(): void;
}
const MINUTE = 60_000;

/**
 * One line that is written over on a terminal; elsewhere a line each `every` things or each minute, whichever comes first, so that short runs say nothing.
 * `total`: Infinity if nobody knows. `done` is told in the caller's own unit.
 */
export function createProgress({ total, unit, every, out = process.stderr, now = Date.now }: {
  readonly total: number;
  readonly unit: string;
  readonly every: number;
  readonly out?: ProgressOutput;
  readonly now?: () => number;
}): Progress {
  const isTerminal = out.isTTY === true;
  const started = now();
  let shown = started;
  let next = every;
  let isLineOpen = false;
  return {
    at(done, differ) {
      const time = now();
      if (isTerminal ? time - shown < 100 : time - shown < MINUTE && done < next) return;
      shown = time;
      while (next <= done) next += every;
      const line = `${done}${total === Infinity ? '' : ` of ${total}`} ${unit}, ${differ} differ, ${Math.round((time - started) / 1000)} s`;
      out.write(isTerminal ? `\r${line}` : `${line}\n`);
      isLineOpen = isTerminal;
    },
    end() {
      if (isLineOpen) out.write('\n');
      isLineOpen = false;
    },
  };
}
