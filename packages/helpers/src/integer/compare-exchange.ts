import { FLAG, REG, VECTOR } from '@tally86/core';
import type { Helper, HelperTable } from '../context.ts';
import { mergeArithmeticFlags } from '../flags.ts';

const { rax, rcx, rdx, rbx } = REG;

/** cmpxchgPair(address cell, bytes of a half: 4 or 8): memory is written whether it was equal or not. */
const cmpxchgPair: Helper = (h) => {
  const { cpu } = h;
  const { u64, u8 } = cpu;
  const memory = new Uint8Array(16);
  const desired = new Uint8Array(16);
  const views = new Map([4, 8].map((half) => [half, { memory: memory.subarray(0, 2 * half), desired: desired.subarray(0, 2 * half) }]));
  return (address, half) => {
    const view = views.get(half)!;
    h.read(address, 0, view.memory);
    let equal = true;
    for (let i = 0; i < half; i++) equal &&= memory[i] === u8[8 * rax + i] && memory[half + i] === u8[8 * rdx + i];
    for (let i = 0; i < half; i++) {
      desired[i] = equal ? u8[8 * rbx + i]! : memory[i]!;
      desired[half + i] = equal ? u8[8 * rcx + i]! : memory[half + i]!;
    }
    h.write(address, 0, view.desired);
    if (!equal) {
      u64[rax] = u64[rdx] = 0n;
      for (let i = 0; i < half; i++) {
        u8[8 * rax + i] = memory[i]!;
        u8[8 * rdx + i] = memory[half + i]!;
      }
    }
    mergeArithmeticFlags(cpu, FLAG.ZF, equal ? FLAG.ZF : 0);
  };
};

/** checkAligned16(address cell): raises #GP. */
const checkAligned16: Helper = (h) => (address) => {
  if ((h.cpu.i32[2 * address]! & 15) !== 0) h.raise(VECTOR.GP);
};

export const exchanges: HelperTable = { cmpxchgPair, checkAligned16 };
