import { CELL, type EngineArea } from '@tally86/core';
import { cellAt } from '../layout.ts';
import { liveArea } from '../runtime/direct-calls.ts';
import { JUMP_CACHE_BYTES } from '../runtime/jump-cache.ts';

/**
 * A micro-operation is 16 bytes: its number (u16), up to three operands as addresses of cells (u16), and 8 bytes that hold a constant, an address or
 * the places where execution goes on.
 */
export const RECORD = 16;
/** Byte offsets in a record. */
export const AT = {
  d: 2, a: 4, b: 6, imm: 8, c: 8, x: 10,
  /** Memory: displacement (i32), cell of the segment base, index of the instruction in its block, and the shift of the index register. */
  disp: 8, seg: 12, instruction: 14, shift: 15,
  /** Branches: places in this memory. */
  taken: 8, fall: 12,
  /** Entry of a block: instructions, executions until the host is asked, number of the block. */
  count: 2, heat: 8, block: 12,
  /** The same if a region starts there: its slot, in place of operands. */
  slot: 4,
  /** A link that is not made yet: address of the guest (its bits 32 to 46, then the low ones), and the field that leads here (0: several may). A system call: the address behind it. */
  high: 2, low: 8, site: 12,
  /** An indirect jump: what is added to rsp, and what tells it from others in the jump cache (0: nothing does). */
  sp: 2, salt: 8,
  /** A counter of a plugin: what is added (i32), and the address of its cell (u32). */
  amount: 8, cell: 12,
} as const;

/** Cells that mean something within a run only. */
export const MICRO_CELL = {
  /** Always 0: stands for registers that an address does not have. */
  zero: 57,
  /** Where execution stopped (i32). */
  place: 58,
  /** The address that was jumped to. */
  address: 59,
  /** The address that could not be accessed. */
  missed: 53,
  /** Where the jump cache lies. */
  jumps: 52,
  /** Constants of operations without a form for them. */
  constants: 60,
} as const;
export const ZERO_AT = cellAt(MICRO_CELL.zero);
export const FLAGS_AT = { kind: cellAt(CELL.ccKind), a: cellAt(CELL.ccA), b: cellAt(CELL.ccB), c: cellAt(CELL.ccC) } as const;

/** Why micro-operations stopped; −1 − n: in front of a region, which slot n leads to. */
export const REASON = { budget: 0, heat: 1, link: 2, read: 3, write: 4, exact: 5, indirect: 6, syscall: 7 } as const;

/**
 * Where things lie in the engine area: the jump cache (address, place, salt), two records for an entry in spite of a region, then the records of blocks;
 * behind `end` the words of regions that are live and the cells of counters.
 */
export function areaLayout(area: EngineArea): { readonly jumps: number; readonly aside: number; readonly code: number; readonly end: number } {
  const aside = area.base + JUMP_CACHE_BYTES;
  return { jumps: area.base, aside, code: aside + 2 * RECORD, end: liveArea(area).base };
}
