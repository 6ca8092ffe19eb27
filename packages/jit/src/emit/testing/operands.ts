import { BYTE, CELL, VECTOR_STRIDE, type CpuState } from '@tally86/core';

/** A pseudo-random generator with a fixed start: the same operands in every run. */
export function generator(seed: number): (below: number) => number {
  let s = seed;
  return (below) => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return Math.floor((s / 2 ** 32) * below);
  };
}

const SPECIAL64 = [
  0x7ff0000000000000n, 0xfff0000000000000n, 0x7ff8000000000000n, 0xfff8000000000456n, 0x7ff0000000000123n, 1n, 0x8000000000000001n, 0x000fffffffffffffn,
  0x0010000000000000n, 0x8010000000000000n, 0x0010000000000001n, 0x7fefffffffffffffn, 0xffefffffffffffffn, 0x0020000000000000n, 0x3fefffffffffffffn,
  0x41dfffffffc00000n, 0x41e0000000000000n, 0xc1e0000000000000n, 0xc1e0000000200000n, 0x43e0000000000000n, 0xc3e0000000000000n, 0x43dfffffffffffffn,
  0x47efffffe0000000n, 0x47effffff0000000n, 0x3810000000000000n, 0x380fffffe0000000n, 0x380ffffff0000000n, 0x36a0000000000000n, 0x41dfffffffe00000n,
];
const SPECIAL32 = [
  0x7f800000, 0xff800000, 0x7fc00000, 0xffc00045, 0x7f800123, 1, 0x80000001, 0x007fffff, 0x00800000, 0x80800000, 0x00800001, 0x7f7fffff, 0xff7fffff, 0x01000000,
  0x4effffff, 0x4f000000, 0xcf000000, 0x5f000000, 0xdf000000, 0x3f7fffff, 0x4b7fffff, 0x4b800001,
];

/** Which numbers registers are filled with. plain: zero and normal numbers of everyday size; whole: integers; any: all bits, corners above all. */
export type Kind = 'plain' | 'whole' | 'any';

const bits64 = new BigUint64Array(1);
const asF64 = new Float64Array(bits64.buffer);
const bits32 = new Uint32Array(1);
const asF32 = new Float32Array(bits32.buffer);

export function double(random: (below: number) => number, kind: Kind): number {
  if (kind === 'any' && random(3) === 0) {
    bits64[0] = SPECIAL64[random(SPECIAL64.length)]!;
    return asF64[0]!;
  }
  const roll = random(kind === 'any' ? 8 : 6);
  if (roll === 0) return random(2) === 0 ? 0 : -0;
  if (kind === 'whole' || roll === 1) return random(2001) - 1000;
  if (roll === 2) return (random(2001) - 1000) / 8;
  if (roll < 6) return (random(2 ** 32) - 2 ** 31) * 2 ** -(8 + random(30)) + random(1000) * 1e-9;
  bits64[0] = (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32));
  if (roll === 6) bits64[0] = BigInt.asUintN(64, 0x3800000000000000n + (bits64[0] & 0x83ffffffffffffffn));
  return asF64[0]!;
}
export function single(random: (below: number) => number, kind: Kind): number {
  if (kind === 'any' && random(3) === 0) {
    bits32[0] = SPECIAL32[random(SPECIAL32.length)]!;
    return bits32[0];
  }
  if (kind === 'any' && random(4) === 0) return random(2 ** 32);
  asF32[0] = double(random, kind === 'any' ? 'plain' : kind);
  return bits32[0]!;
}

/** Fills the vector registers 0 to 3 and the cells 0 to 3; neighbouring registers are related now and then, so that differences are small or zero. */
export function fill(cpu: CpuState, random: (below: number) => number, wide: boolean, kind: Kind): void {
  for (let slot = 0; slot < 4; slot++) {
    const at = BYTE.vector + slot * VECTOR_STRIDE;
    if (wide) for (let i = 0; i < 2; i++) cpu.f64[at / 8 + i] = double(random, kind);
    else for (let i = 0; i < 4; i++) cpu.u32[at / 4 + i] = single(random, kind);
    if (slot > 0 && random(8) === 0) {
      for (let i = 0; i < 16; i++) cpu.u8[at + i] = cpu.u8[at - VECTOR_STRIDE + i]!;
      if (random(2) === 0) for (let i = wide ? 7 : 3; i < 16; i += wide ? 8 : 4) cpu.u8[at + i]! ^= 0x80;
      if (random(2) === 0 && kind === 'any') for (let i = 0; i < 16; i += wide ? 8 : 4) cpu.u8[at + i]! ^= 1;
    }
    const shift = BigInt(random(64));
    cpu.u64[slot] = kind === 'any' ? BigInt.asUintN(64, (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32))) >> shift : BigInt(random(100000));
    if (random(2) === 0) cpu.u64[slot] = BigInt.asUintN(64, -cpu.u64[slot]!);
    if (kind === 'any' && random(10) === 0) cpu.u64[slot] = [0x7fffffffffffffffn, 0x8000000000000000n, 0x7fffffffn, 0x20000000000000n, 0x20000000000001n, 0xffe0000000000000n][random(6)]!;
  }
}

/** [value, what it is] */
export const MXCSR_STATES = [0x1fa0, 0x1f80, 0x1fbf, 0x9fa0, 0x1fe0, 0x9fc0, 0x3fa0, 0x5fa0, 0x7fa0, 0x1f9f, 0x0fa0, 0x17a0, 0x1ba0, 0x1da0, 0x1ea0, 0x1f20, 0x1020, 0x0000, 0x1000] as const;
export const setMxcsr = (cpu: CpuState, value: number): void => {
  cpu.u64[CELL.mxcsr] = BigInt(value);
};
