import { CELL, FLAG, VECTOR } from '@tally86/core';
import type { Helper, HelperTable } from '../context.ts';

/** A descriptor of Linux's GDT that user mode may use (arch/x86/include/asm/segment.h). */
interface Descriptor {
  /** As lar shows it. */
  readonly access: number;
  /** As lsl shows it, in bytes. */
  readonly limit: number;
  readonly code: boolean;
  readonly writable: boolean;
}

/** By GDT index: 32-bit code, data, 64-bit code, and the node and number of the CPU (0) in a limit. */
const DESCRIPTORS: ReadonlyMap<number, Descriptor> = new Map([
  [4, { access: 0xcffb00, limit: 0xffff_ffff, code: true, writable: false }],
  [5, { access: 0xcff300, limit: 0xffff_ffff, code: false, writable: true }],
  [6, { access: 0xaffb00, limit: 0xffff_ffff, code: true, writable: false }],
  [15, { access: 0x40f500, limit: 0, code: false, writable: false }],
]);
const USER_SS = 0x2b;
const USER_CS = 0x33;

/** The descriptor that a selector names; undefined: null, an LDT's (there is none), or the kernel's. */
function descriptor(selector: number): Descriptor | undefined {
  return (selector & 4) !== 0 ? undefined : DESCRIPTORS.get(selector >> 3);
}

/** loadSegment(selector cell, register: 0 ds, 1 es, 2 fs, 3 gs, 4 ss): raises #GP. fs and gs lose their base, as on CPUs since Zen 2 and on Intel's. */
const loadSegment: Helper = (h) => (cell, register) => {
  const selector = h.cpu.u16[4 * cell]!;
  if (register === 4) {
    if (selector !== USER_SS) h.raise(VECTOR.GP, selector & ~3);
    return;
  }
  if (selector > 3 && descriptor(selector) === undefined) h.raise(VECTOR.GP, selector & ~3);
  h.cpu.u16[4 * CELL.selectors + register] = selector;
  if (register >= 2) h.cpu.u64[register === 2 ? CELL.fsBase : CELL.gsBase] = 0n;
};

/** checkCodeSelector(selector cell, 1 for a return): raises #GP unless it is the 64-bit code segment that runs; others (32-bit code) are not emulated. */
const checkCodeSelector: Helper = (h) => (cell, isReturn) => {
  const selector = h.cpu.u16[4 * cell]!;
  if ((isReturn === 1 ? selector : selector | 3) !== USER_CS) h.raise(VECTOR.GP, selector & ~3);
};

/** describeSegment(what: 0 lar, 1 lsl, 2 verr, 3 verw, selector cell, result cell): the cell behind takes ZF if the segment is there for user mode. */
const describeSegment: Helper = (h) => (what, cell, result) => {
  const found = descriptor(h.cpu.u16[4 * cell]!);
  const holds = found !== undefined && (what !== 3 || found.writable);
  h.cpu.u64[result] = BigInt(found === undefined ? 0 : what === 0 ? found.access : found.limit);
  h.cpu.u64[result + 1] = holds ? BigInt(FLAG.ZF) : 0n;
};

/** checkCanonical(cell): raises #GP. */
const checkCanonical: Helper = (h) => (cell) => {
  const top = h.cpu.i32[2 * cell + 1]! >> 15;
  if (top !== 0 && top !== -1) h.raise(VECTOR.GP);
};

export const segmentHelpers: HelperTable = { loadSegment, checkCodeSelector, describeSegment, checkCanonical };
