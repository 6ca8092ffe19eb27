/** What an engine may spend its time on. `elsewhere`: outside of it, in the kernel. */
export const PHASES = ['lift', 'emit', 'compile', 'cold', 'translated', 'elsewhere'] as const;
export type Phase = (typeof PHASES)[number];

/** Divides time among phases: each moment belongs to the innermost one. */
export interface Stopwatch {
  /** Goes on in another phase; returns the one before. */
  turn(to: Phase): Phase;
  /** Milliseconds by phase until now, as `liftMs`. */
  read(): Record<string, number>;
}

/** Without a clock (in milliseconds) nothing is measured and nothing read. */
export function createStopwatch(clock: (() => number) | undefined): Stopwatch {
  let phase: Phase = 'elsewhere';
  if (clock === undefined) return { turn: () => phase, read: () => ({}) };
  const spent: Record<Phase, number> = { lift: 0, emit: 0, compile: 0, cold: 0, translated: 0, elsewhere: 0 };
  let since = clock();
  const turn = (to: Phase): Phase => {
    const now = clock();
    const before = phase;
    spent[before] += now - since;
    since = now;
    phase = to;
    return before;
  };
  return {
    turn,
    read() {
      turn(phase);
      return Object.fromEntries(PHASES.map((p) => [`${p}Ms`, Math.round(spent[p] * 1000) / 1000]));
    },
  };
}
