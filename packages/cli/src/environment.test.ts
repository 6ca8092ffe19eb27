import { describe, expect, it } from 'vitest';
import { guestEnvironment } from './environment.ts';

describe('guestEnvironment', () => {
  const base = { A: '1', B: '2', GONE: undefined };
  const rows: [string, string[], string[], Record<string, string>][] = [
    ['the base alone', [], [], { A: '1', B: '2' }],
    ['-E adds and replaces', ['C=3', 'A=x=y'], [], { A: 'x=y', B: '2', C: '3' }],
    ['-U removes', [], ['A', 'NONE'], { B: '2' }],
    ['-U goes after -E', ['C=3'], ['C'], { A: '1', B: '2' }],
  ];
  for (const [name, set, unset, expected] of rows) it(name, () => expect(guestEnvironment(base, set, unset)).toEqual(expected));
});
