import { type CpuState, REG } from '@tally86/core';
import { toAddress, toSize } from '../mm/create-user-memory.ts';
import type { SyscallArgs } from './types.ts';

const REGISTERS = [REG.rdi, REG.rsi, REG.rdx, REG.r10, REG.r8, REG.r9];
const TWO_32 = 0x1_0000_0000;
const LIMIT_HIGH = 0x20_0000;

/** Arguments that can be taken from the registers again and again. */
export interface ArgumentRegisters extends SyscallArgs {
  capture(cpu: CpuState): void;
  /** All six, as plugins see them. */
  list(): readonly bigint[];
}

export function createArguments(): ArgumentRegisters {
  const words = new Uint32Array(12);
  const signed = new Int32Array(words.buffer);
  const wide = new BigUint64Array(words.buffer);
  const wideSigned = new BigInt64Array(words.buffer);
  return {
    capture(cpu) {
      for (let i = 0; i < 6; i += 1) {
        const cell = REGISTERS[i] * 2;
        words[i * 2] = cpu.u32[cell];
        words[i * 2 + 1] = cpu.u32[cell + 1];
      }
    },
    list: () => [...wide],
    ptr: (i) => toAddress(words[i * 2], words[i * 2 + 1]),
    isNull: (i) => words[i * 2] === 0 && words[i * 2 + 1] === 0,
    i32: (i) => signed[i * 2],
    u32: (i) => words[i * 2],
    size: (i) => toSize(words[i * 2], words[i * 2 + 1]),
    long(i) {
      const high = signed[i * 2 + 1];
      if (high >= LIMIT_HIGH) return Number.MAX_SAFE_INTEGER;
      if (high < -LIMIT_HIGH) return -Number.MAX_SAFE_INTEGER;
      return high * TWO_32 + words[i * 2];
    },
    u64: (i) => wide[i],
    i64: (i) => wideSigned[i],
  };
}
