import { FLAG } from '@tally86/core';
import type { Helper, HelperTable } from '../context.ts';

/** pdep of 32 bits: the low bits of a, one by one, to the bits of the mask; those that are left come out shifted down. */
function deposit(a: number, mask: number): number {
  let result = 0;
  for (let left = mask; left !== 0; left &= left - 1) {
    if ((a & 1) !== 0) result |= left & -left;
    a >>>= 1;
  }
  return result;
}
function extract(a: number, mask: number): number {
  let result = 0;
  let to = 0;
  for (let left = mask; left !== 0; left &= left - 1) {
    if ((a & left & -left) !== 0) result |= 1 << to;
    to++;
  }
  return result;
}
function count(x: number): number {
  let n = 0;
  for (; x !== 0; x &= x - 1) n++;
  return n;
}
/** hi:lo shifted by n from 0 to 32, the low word. */
const shiftDown = (hi: number, lo: number, n: number): number => (n === 0 ? lo : n === 32 ? hi : (lo >>> n) | (hi << (32 - n)));

/** (destination cell, source cell, mask cell, bytes); the result of 32 bits is zero-extended. */
const pdep: Helper = ({ cpu: { i32 } }) => (d, a, mask, size) => {
  const [lo, hi] = [i32[2 * a], size === 8 ? i32[2 * a + 1] : 0];
  const [low, high] = [i32[2 * mask], size === 8 ? i32[2 * mask + 1] : 0];
  i32[2 * d] = deposit(lo, low);
  i32[2 * d + 1] = deposit(shiftDown(hi, lo, count(low)), high);
};
const pext: Helper = ({ cpu: { i32 } }) => (d, a, mask, size) => {
  const [low, high] = [i32[2 * mask], size === 8 ? i32[2 * mask + 1] : 0];
  const upper = extract(size === 8 ? i32[2 * a + 1] : 0, high);
  const n = count(low);
  i32[2 * d] = extract(i32[2 * a], low) | (n === 32 ? 0 : upper << n);
  i32[2 * d + 1] = n === 0 ? 0 : n === 32 ? upper : upper >>> (32 - n);
};

/** (cell, flags cell): a number of the machine's generator and CF, or 0 and no flag. */
const rdrand: Helper = (h) => (cell, flags) => {
  const value = h.random();
  h.cpu.u64[cell] = value ?? 0n;
  h.cpu.u64[flags] = value === null ? 0n : BigInt(FLAG.CF);
};

export const bitHelpers: HelperTable = { pdep, pext, rdrand };
