import { describe, expect, it } from 'vitest';
import { createProgress } from './progress.ts';

describe('progress', () => {
  const run = (isTTY: boolean, times: readonly (readonly [number, number])[]): string => {
    let text = '';
    let time = 0;
    const progress = createProgress({ total: 1000, unit: 'cases', every: 100, out: { isTTY, write: (more) => { text += more; } }, now: () => time });
    for (const [at, done] of times) {
      time = at;
      progress.at(done, 1);
    }
    progress.end();
    return text;
  };
  it.each<readonly [string, boolean, readonly (readonly [number, number])[], string]>([
    ['a terminal: one line, written over', true, [[50, 1], [100, 10], [150, 11], [2000, 20]], '\r10 of 1000 cases, 1 differ, 0 s\r20 of 1000 cases, 1 differ, 2 s\n'],
    ['a terminal, nothing yet', true, [[1, 1]], ''],
    ['a pipe: by things', false, [[1, 99], [2, 100], [3, 101], [4, 350], [5, 399], [6, 400]], '100 of 1000 cases, 1 differ, 0 s\n350 of 1000 cases, 1 differ, 0 s\n400 of 1000 cases, 1 differ, 0 s\n'],
    ['a pipe: by minutes', false, [[59_999, 1], [60_000, 2], [61_000, 3], [120_000, 4]], '2 of 1000 cases, 1 differ, 60 s\n4 of 1000 cases, 1 differ, 120 s\n'],
  ])('%s', (_name, isTTY, times, expected) => expect(run(isTTY, times)).toBe(expected));
});
