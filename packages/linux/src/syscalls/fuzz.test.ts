import { expect, it } from 'vitest';
import { fuzzSyscalls } from '../../test/fuzz.ts';

it('wild arguments to every system call give an answer, never an exception', () => {
  expect(fuzzSyscalls(1n, 6000).calls).toBe(6000);
});
