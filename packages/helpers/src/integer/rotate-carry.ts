import { FLAG } from '@tally86/core';
import type { Helper, HelperTable } from '../context.ts';
import { readArithmeticFlags } from '../flags.ts';

/**
 * rcl, rcr(log2 size, value cell, count cell, result cell): rotates value and CF, which together have one bit more than the operand; the count is
 * masked already. The cell behind the result takes the arithmetic flags with CF and OF as they become (count 0: as they were).
 */
const rotateCarry = (right: boolean): Helper => ({ cpu }) => (log2, value, count, result) => {
  const { u64 } = cpu;
  const flags = readArithmeticFlags(cpu);
  const bits = 8 << log2;
  const wide = BigInt(bits + 1);
  const a = BigInt.asUintN(bits, u64[value]!);
  const n = Number(u64[count]!);
  if (n === 0) {
    u64[result] = a;
    u64[result + 1] = BigInt(flags);
    return;
  }
  const by = BigInt(n % (bits + 1));
  const all = a | (BigInt(flags & FLAG.CF) << BigInt(bits));
  const rotated = BigInt.asUintN(bits + 1, right ? (all >> by) | (all << (wide - by)) : (all << by) | (all >> (wide - by)));
  const r = BigInt.asUintN(bits, rotated);
  const carry = Number(rotated >> BigInt(bits));
  const top = Number(r >> BigInt(bits - 1));
  const overflow = right ? top ^ (Number(r >> BigInt(bits - 2)) & 1) : top ^ carry;
  u64[result] = r;
  u64[result + 1] = BigInt((flags & ~(FLAG.CF | FLAG.OF)) | carry | (overflow !== 0 ? FLAG.OF : 0));
};

export const carryRotates: HelperTable = { rcl: rotateCarry(false), rcr: rotateCarry(true) };
