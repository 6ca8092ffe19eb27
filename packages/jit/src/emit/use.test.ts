import { HELPERS } from '@tally86/helpers';
import { expect, test } from 'vitest';
import { helperRoles, usesOf } from './use.ts';

/** Helpers of SSE without vector arguments, and those that move the whole state. */
const OTHERS = /^(aligned|fxsave|fxrstor|xsave|xsaveopt|xsavec|xrstor|ldmxcsr|mmx\.enter)$/;
const isSse = (name: string): boolean => /^(f32|f64|v?cvt|v?mask|vgather|aes|sha|pclmul|pcmp|fx|xsave|xrstor|ldmxcsr|mmx)/.test(name);

test('the arguments of every helper of SSE are known', () => {
  const unknown = Object.keys(HELPERS).filter((name) => isSse(name) && !OTHERS.test(name) && helperRoles(name) === null);
  expect(unknown).toEqual([]);
});

test.each([
  ['pcmpistri', [64, 65, 3 | (4 << 8), 0], 0x18, 0],
  ['pcmpestrm64', [64, 65, 3 | (33 << 8), 0], 0x08, 0x01],
  ['f64.comis', [64, 5, 6, 0], 0x60, 0],
  ['cvtsi2sd64', [2, 3], 0x04, 0x04],
  ['cvttsd2si32', [64, 7], 0x80, 0],
  ['maskmov', [64, 1, 2, 16], 0x06, 0],
])('%s', (name, args, read, written) => {
  const { read: r, written: w } = usesOf([{ op: 'helper', name, args, reads: [], writes: [], faults: true }]);
  expect([r.vectors, w.vectors]).toEqual([read, written]);
});
