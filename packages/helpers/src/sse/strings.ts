import { BYTE, FLAG, REG, VECTOR_STRIDE } from '@tally86/core';
import type { Helper, HelperTable } from '../context.ts';

/**
 * pcmpestri, pcmpestrm, pcmpistri, pcmpistrm (SDM vol. 1, 5.12; vol. 2, 4.1): (index cell, flags cell, a | b << 8, imm).
 * The mask forms write xmm0 and not the index cell. Flags come at their RFLAGS places.
 */
const compare = (explicit: boolean, wide: boolean, wantsMask: boolean): Helper => (h) => {
  const { i64, i32, u8 } = h.cpu;
  const x = new Int32Array(16);
  const y = new Int32Array(16);

  /** Fills elements; returns the number up to the end that a zero or the length register marks. */
  function load(into: Int32Array, slot: number, imm: number, count: number, register: number): number {
    const from = BYTE.vector + slot * VECTOR_STRIDE;
    let zero = count;
    for (let i = count - 1; i >= 0; i--) {
      let e = (imm & 1) === 0 ? u8[from + i] : u8[from + 2 * i] | (u8[from + 2 * i + 1] << 8);
      if (e === 0) zero = i;
      if ((imm & 2) !== 0) e = (imm & 1) === 0 ? (e << 24) >> 24 : (e << 16) >> 16;
      into[i] = e;
    }
    if (!explicit) return zero;
    const length = wide ? i64[register] : BigInt(i32[2 * register]);
    const size = length < 0n ? -length : length;
    return size > BigInt(count) ? count : Number(size);
  }

  /** Bit j of the result: what operation imm[3:2] finds at element j of y. */
  function aggregate(operation: number, count: number, xs: number, ys: number): number {
    let result = 0;
    for (let j = 0; j < count; j++) {
      let found = false;
      switch (operation) {
        case 0:
          for (let i = 0; i < xs && !found; i++) found = j < ys && x[i] === y[j];
          break;
        case 1:
          for (let i = 0; i + 1 < xs && !found; i += 2) found = j < ys && y[j] >= x[i] && y[j] <= x[i + 1];
          break;
        case 2:
          found = j < xs && j < ys ? x[j] === y[j] : j >= xs && j >= ys;
          break;
        default:
          found = true;
          for (let i = 0; i + j < count && i < xs && found; i++) found = i + j < ys && x[i] === y[i + j];
      }
      if (found) result |= 1 << j;
    }
    return result;
  }

  return (index, flags, slots, imm) => {
    const count = (imm & 1) === 0 ? 16 : 8;
    const all = (1 << count) - 1;
    const xs = load(x, slots & 255, imm, count, REG.rax);
    const ys = load(y, slots >> 8, imm, count, REG.rdx);
    let r = aggregate((imm >> 2) & 3, count, xs, ys);
    if ((imm & 0x10) !== 0) r ^= (imm & 0x20) !== 0 ? (1 << ys) - 1 : all;
    i32[2 * flags] = (r !== 0 ? FLAG.CF : 0) | (ys < count ? FLAG.ZF : 0) | (xs < count ? FLAG.SF : 0) | ((r & 1) !== 0 ? FLAG.OF : 0);
    i32[2 * flags + 1] = 0;
    if (!wantsMask) {
      i32[2 * index] = r === 0 ? count : (imm & 0x40) !== 0 ? 31 - Math.clz32(r) : 31 - Math.clz32(r & -r);
      i32[2 * index + 1] = 0;
      return;
    }
    const to = BYTE.vector;
    for (let i = 0; i < 16; i++) {
      if ((imm & 0x40) !== 0) u8[to + i] = (r >> ((imm & 1) === 0 ? i : i >> 1)) & 1 ? 255 : 0;
      else u8[to + i] = i < 2 ? r >> (8 * i) : 0;
    }
  };
};

export const strings: HelperTable = {
  pcmpestri: compare(true, false, false),
  pcmpestri64: compare(true, true, false),
  pcmpestrm: compare(true, false, true),
  pcmpestrm64: compare(true, true, true),
  pcmpistri: compare(false, false, false),
  pcmpistrm: compare(false, false, true),
};
