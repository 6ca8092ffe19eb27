import { expect, it } from 'vitest';
import { reserveMemory, takeReserved } from './reserved-memory.ts';

it('a memory is given once, and to who wants its size', () => {
  expect(takeReserved(3)).toBeUndefined();
  reserveMemory(3);
  expect(takeReserved(3)!.buffer.byteLength).toBe(3 * 65_536);
  expect(takeReserved(3)).toBeUndefined();
  reserveMemory(3);
  expect(takeReserved(4)).toBeUndefined();
  expect(takeReserved(3)).toBeUndefined();
  reserveMemory(100_000);
  expect(takeReserved(100_000)).toBeUndefined();
});
