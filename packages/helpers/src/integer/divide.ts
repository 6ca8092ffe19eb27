import { REG, VECTOR } from '@tally86/core';
import type { Helper, HelperTable } from '../context.ts';

const { rax, rdx } = REG;
const M64 = 0xffff_ffff_ffff_ffffn;

/** div(log2 size, divisor cell): (r)dx:(r)ax by the divisor, quotient and remainder into (r)ax and (r)dx (bytes: ax into al and ah). Raises #DE. */
const div: Helper = (h) => {
  const { u64, i32, u32, u16, u8 } = h.cpu;
  return (log2, src) => {
    switch (log2) {
      case 0: {
        const by = u8[8 * src]!;
        const value = u16[4 * rax]!;
        if (by === 0) h.raise(VECTOR.DE);
        const quotient = Math.floor(value / by);
        if (quotient > 0xff) h.raise(VECTOR.DE);
        u16[4 * rax] = quotient | ((value % by) << 8);
        break;
      }
      case 1: {
        const by = u16[4 * src]!;
        const value = u16[4 * rdx]! * 0x10000 + u16[4 * rax]!;
        if (by === 0) h.raise(VECTOR.DE);
        const quotient = Math.floor(value / by);
        if (quotient > 0xffff) h.raise(VECTOR.DE);
        u16[4 * rax] = quotient;
        u16[4 * rdx] = value % by;
        break;
      }
      case 2: {
        const by = u32[2 * src]!;
        const high = u32[2 * rdx]!;
        const low = u32[2 * rax]!;
        // covers a divisor of 0
        if (high >= by) h.raise(VECTOR.DE);
        if (high < 0x20_0000) {
          const value = high * 0x1_0000_0000 + low;
          const remainder = value % by;
          i32[2 * rax] = (value - remainder) / by;
          i32[2 * rdx] = remainder;
          i32[2 * rax + 1] = i32[2 * rdx + 1] = 0;
          break;
        }
        const value = (BigInt(high) << 32n) | BigInt(low);
        const divisor = BigInt(by);
        u64[rax] = value / divisor;
        u64[rdx] = value % divisor;
        break;
      }
      default: {
        const by = u64[src]!;
        const high = u64[rdx]!;
        const low = u64[rax]!;
        if (high >= by) h.raise(VECTOR.DE);
        if (high === 0n) {
          u64[rax] = low / by;
          u64[rdx] = low % by;
          break;
        }
        const value = (high << 64n) | low;
        u64[rax] = value / by;
        u64[rdx] = value % by;
      }
    }
  };
};

/** idiv(log2 size, divisor cell): as div, signed, rounded towards zero. */
const idiv: Helper = (h) => {
  const { u64, i64, i32, u16, u8 } = h.cpu;
  return (log2, src) => {
    switch (log2) {
      case 0: {
        const by = (u8[8 * src]! << 24) >> 24;
        const value = (u16[4 * rax]! << 16) >> 16;
        if (by === 0) h.raise(VECTOR.DE);
        const quotient = Math.trunc(value / by);
        if (quotient > 0x7f || quotient < -0x80) h.raise(VECTOR.DE);
        u16[4 * rax] = (quotient & 0xff) | ((value % by) << 8);
        break;
      }
      case 1: {
        const by = (u16[4 * src]! << 16) >> 16;
        const value = (u16[4 * rdx]! << 16) | u16[4 * rax]!;
        if (by === 0) h.raise(VECTOR.DE);
        const quotient = Math.trunc(value / by);
        if (quotient > 0x7fff || quotient < -0x8000) h.raise(VECTOR.DE);
        u16[4 * rax] = quotient;
        u16[4 * rdx] = value % by;
        break;
      }
      case 2: {
        const by = i32[2 * src]!;
        const low = i32[2 * rax]!;
        if (by === 0) h.raise(VECTOR.DE);
        if (i32[2 * rdx]! === low >> 31) {
          if (by === -1 && low === -0x8000_0000) h.raise(VECTOR.DE);
          i32[2 * rdx] = low % by;
          i32[2 * rax] = (low / by) | 0;
          i32[2 * rax + 1] = i32[2 * rdx + 1] = 0;
          break;
        }
        const value = (BigInt(i32[2 * rdx]!) << 32n) | BigInt(low >>> 0);
        const quotient = value / BigInt(by);
        if (quotient !== BigInt.asIntN(32, quotient)) h.raise(VECTOR.DE);
        u64[rax] = quotient & 0xffff_ffffn;
        u64[rdx] = (value % BigInt(by)) & 0xffff_ffffn;
        break;
      }
      default: {
        const by = i64[src]!;
        if (by === 0n) h.raise(VECTOR.DE);
        const value = (i64[rdx]! << 64n) | u64[rax]!;
        const quotient = value / by;
        if (quotient !== BigInt.asIntN(64, quotient)) h.raise(VECTOR.DE);
        u64[rax] = quotient & M64;
        u64[rdx] = (value % by) & M64;
      }
    }
  };
};

export const divisions: HelperTable = { div, idiv };
