import { CELL, REG, VECTOR, type CpuState } from '@tally86/core';
import type { Helper, HelperTable } from '../context.ts';
import { readRflags } from '../flags.ts';

const { rax, rbx, rcx, rdx, r11 } = REG;

/** edx:eax, zero-extended. */
function pair(cpu: CpuState, value: bigint): void {
  cpu.u64[rax] = value & 0xffff_ffffn;
  cpu.u64[rdx] = (value >> 32n) & 0xffff_ffffn;
}

/** cpuid(): eax and ecx choose the leaf of the CPU model. */
const cpuid: Helper = ({ cpu, model }) => () => {
  const leaf = cpu.u32[2 * rax]!.toString(16);
  const values = model.leaves[`${leaf}:${cpu.u32[2 * rcx]!.toString(16)}`] ?? model.leaves[leaf] ?? [0, 0, 0, 0];
  [rax, rbx, rcx, rdx].forEach((slot, i) => (cpu.u64[slot] = BigInt(values[i]! >>> 0)));
};

/** rdtsc() */
const rdtsc: Helper = (h) => () => pair(h.cpu, BigInt.asUintN(64, h.tsc()));

/** xgetbv(): ecx chooses. Only XCR0 is there: raises #GP for the others. */
const xgetbv: Helper = (h) => () => {
  if (h.cpu.i32[2 * rcx] !== 0) h.raise(VECTOR.GP);
  pair(h.cpu, BigInt(h.model.xcr0));
};

/** What `syscall` does to registers before the kernel has its turn (SDM vol. 2, SYSCALL). @param next the address behind it */
export function enterKernel(cpu: CpuState, next: number): void {
  const address = BigInt(next);
  cpu.u64[rcx] = address;
  cpu.u64[r11] = BigInt(readRflags(cpu));
  cpu.u64[CELL.rip] = address;
}

export const systemHelpers: HelperTable = { cpuid, rdtsc, xgetbv };
