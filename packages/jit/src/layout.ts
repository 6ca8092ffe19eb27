import { BYTE, CELL, CPU_STATE_BASE, REG, VECTOR_SLOT, VECTOR_STRIDE } from '@tally86/core';

/** Cells of the CPU state that translated code and its engine share; they mean nothing between two runs. */
export const JIT_CELL = {
  /** Instructions left of the slice, as i32. */
  remaining: 54,
  /** What the dispatcher returned, as i64: see LINK. */
  result: 55,
  /** The exit in front of the instruction whose helper runs, should it raise. */
  bail: 56,
} as const;

/** Byte offset of a cell in the machine's memory. */
export const cellAt = (cell: number): number => CPU_STATE_BASE + 8 * cell;

/**
 * What a region returns, as i64: an address of user space where to go on; or with bit 62 the number of a slot (an address that was given a number, so
 * that no table has to be searched); or with bit 63 the number of an exit: the host takes over at a known instruction. With both: micro-operations
 * stopped, for the reason in the low bits.
 */
export const LINK = { slotHigh: 0x4000_0000, exitHigh: -0x8000_0000, microHigh: -0x4000_0000 } as const;

const CELL_NAMES = new Map<number, string>([...Object.entries(CELL), ...Object.entries(REG), ...Object.entries(JIT_CELL)].map(([name, cell]) => [cellAt(cell), name]));

/** The name of a vector slot, for people: `xmm3`, `ymm3h` for an upper half, temporaries by number. */
export function vectorName(slot: number): string {
  if (slot < VECTOR_SLOT.high) return `xmm${slot}`;
  return slot < VECTOR_SLOT.temp ? `ymm${slot - VECTOR_SLOT.high}h` : `v${slot - VECTOR_SLOT.temp}`;
}

/** What of the CPU state lies at an offset of the machine's memory, for people. */
export function cellName(offset: number): string | undefined {
  const vector = (offset - CPU_STATE_BASE - BYTE.vector) / VECTOR_STRIDE;
  if (Number.isInteger(vector) && vector >= 0 && vector < VECTOR_SLOT.temp) return vectorName(vector);
  return CELL_NAMES.get(offset);
}
