import { BYTE, CELL, CPU_STATE_ARCH_CELLS, type CpuState, FLAG, FLAG_KIND, VECTOR_SLOT, VECTOR_STRIDE } from '@tally86/core';

const CELLS_BYTES = CPU_STATE_ARCH_CELLS * 8;
/** xmm registers and their upper halves. */
const VECTOR_BYTES = VECTOR_SLOT.temp * VECTOR_STRIDE;
const X87_BYTES = 8 * 16;
/** Bytes a sleeping task's registers take. */
export const SAVED_STATE_SIZE = CELLS_BYTES + VECTOR_BYTES + X87_BYTES;

/** Copies the architectural state out of the running area. */
export function saveState(cpu: CpuState, into: Uint8Array): void {
  into.set(cpu.u8.subarray(0, CELLS_BYTES));
  into.set(cpu.u8.subarray(BYTE.vector, BYTE.vector + VECTOR_BYTES), CELLS_BYTES);
  into.set(cpu.u8.subarray(BYTE.x87, BYTE.x87 + X87_BYTES), CELLS_BYTES + VECTOR_BYTES);
}

/** Copies it back. */
export function loadState(cpu: CpuState, from: Uint8Array): void {
  cpu.u8.set(from.subarray(0, CELLS_BYTES));
  cpu.u8.set(from.subarray(CELLS_BYTES, CELLS_BYTES + VECTOR_BYTES), BYTE.vector);
  cpu.u8.set(from.subarray(CELLS_BYTES + VECTOR_BYTES), BYTE.x87);
}

/** x87, SSE and MXCSR at reset (fpu__clear_user_states): what signal handlers and new programs start with. */
export function resetFpu(cpu: CpuState): void {
  cpu.u8.fill(0, BYTE.vector, BYTE.vector + VECTOR_BYTES);
  cpu.u8.fill(0, BYTE.x87, BYTE.x87 + X87_BYTES);
  for (const cell of [CELL.fsw, CELL.ftop, CELL.ftw, CELL.fop, CELL.fip, CELL.fdp]) cpu.u64[cell] = 0n;
  cpu.u64[CELL.fcw] = 0x37fn;
  cpu.u64[CELL.mxcsr] = 0x1f80n;
}

/** Registers of a new program (start_thread): all 0, the counters of the task stay. */
export function resetRegisters(cpu: CpuState): void {
  for (let cell = 0; cell < CELL.retired; cell += 1) cpu.u64[cell] = 0n;
  cpu.u64[CELL.ccKind] = BigInt(FLAG_KIND.explicit);
  cpu.u64[CELL.rflags] = BigInt(FLAG.IF | 2);
  resetFpu(cpu);
}

const TWO_32 = 0x1_0000_0000;
/** A cell as an unsigned number, exact below 2^53. */
export const cellNumber = (cpu: CpuState, cell: number): number => cpu.u32[cell * 2 + 1] * TWO_32 + cpu.u32[cell * 2];
/** Sets a cell to an integer of at most 53 bits, sign-extended. */
export function setCell(cpu: CpuState, cell: number, value: number): void {
  cpu.u32[cell * 2] = value;
  cpu.u32[cell * 2 + 1] = Math.floor(value / TWO_32);
}

/** The five counters of a saved state. */
export function savedCounters(saved: Uint8Array): number[] {
  const view = new DataView(saved.buffer, saved.byteOffset);
  return [CELL.retired, CELL.repIterations, CELL.repCompleted, CELL.repEmpty, CELL.repExhausted].map((cell) => Number(view.getBigUint64(cell * 8, true)));
}
