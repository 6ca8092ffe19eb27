import { BYTE, CELL, VECTOR_SLOT, VECTOR_STRIDE } from '@tally86/core';
import type { Helper, HelperTable } from '../context.ts';

/** Byte offset of byte `i` of a register of 256 bits whose lower half is `slot`. */
const byteAt = (slot: number, i: number): number => BYTE.vector + (i < 16 ? slot : slot + VECTOR_SLOT.high - 1) * VECTOR_STRIDE + i;
const NOTHING = new Uint8Array(0);

/** (d, cell of the address, mask, bytes of a lane | bytes of all << 8) */
const vmaskload: Helper = (h) => {
  const { u8 } = h.cpu;
  const whole = new Uint8Array(32);
  const sizes = [new Uint8Array(4), new Uint8Array(8)];
  return (d, cell, mask, shape) => {
    const size = shape & 15;
    const all = shape >> 8;
    const lane = sizes[(size >> 2) - 1];
    whole.fill(0);
    for (let i = 0; i < all; i += size) {
      if (u8[byteAt(mask, i + size - 1)] < 128) continue;
      h.read(cell, i, lane);
      whole.set(lane, i);
    }
    for (let i = 0; i < all; i++) u8[byteAt(d, i)] = whole[i];
  };
};

/** (a, cell of the address, mask, shape as above). All lanes of the mask are looked at before the first is written. */
const vmaskstore: Helper = (h) => {
  const { u8, u64 } = h.cpu;
  const sizes = [new Uint8Array(4), new Uint8Array(8)];
  return (a, cell, mask, shape) => {
    const size = shape & 15;
    const all = shape >> 8;
    const lane = sizes[(size >> 2) - 1];
    for (let i = 0; i < all; i += size) {
      if (u8[byteAt(mask, i + size - 1)] < 128) continue;
      h.write(cell, i, NOTHING);
      const left = 4096 - Number((u64[cell] + BigInt(i)) & 4095n);
      if (left < size) h.write(cell, i + left, NOTHING);
    }
    for (let i = 0; i < all; i += size) {
      if (u8[byteAt(mask, i + size - 1)] < 128) continue;
      for (let k = 0; k < size; k++) lane[k] = u8[byteAt(a, i + k)];
      h.write(cell, i, lane);
    }
  };
};

/** See the lifter: (d, mask, cell of the address, shape). A lane done is written, and its mask cleared: a fault in a later one leaves it so. */
const vgather: Helper = (h) => {
  const { u8, u64, i32, i64 } = h.cpu;
  const sizes = [new Uint8Array(4), new Uint8Array(8)];
  return (d, mask, cell, shape) => {
    const index = shape & 15;
    const shift = BigInt((shape >> 4) & 3);
    const size = (shape >> 6) & 1 ? 8 : 4;
    const indexSize = (shape >> 7) & 1 ? 8 : 4;
    const lanes = (shape >> 8) & 15;
    const narrow = (shape >> 12) & 1;
    const segment = shape >> 13;
    const lane = sizes[(size >> 2) - 1];
    const base = u64[cell];
    for (let i = 0; i < lanes; i++) {
      if (u8[byteAt(mask, i * size + size - 1)] >= 128) {
        const at = byteAt(index, i * indexSize);
        const offset = (indexSize === 8 ? i64[at >> 3] : BigInt(i32[at >> 2])) << shift;
        let address = BigInt.asUintN(narrow ? 32 : 64, base + offset);
        if (segment !== 0) address += u64[segment === 1 ? CELL.fsBase : CELL.gsBase];
        u64[cell] = BigInt.asUintN(64, address);
        h.read(cell, 0, lane);
        for (let k = 0; k < size; k++) u8[byteAt(d, i * size + k)] = lane[k];
      }
      for (let k = 0; k < size; k++) u8[byteAt(mask, i * size + k)] = 0;
    }
    u64[cell] = base;
  };
};

export const masked: HelperTable = { vmaskload, vmaskstore, vgather };
