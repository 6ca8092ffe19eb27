import { CPU_STATE_BASE, CPU_STATE_SIZE, EmulatorError, type EngineArea, type LinearMemory } from '@tally86/core';

const WASM_PAGE = 65_536;
/** What 32-bit offsets reach. */
const MAX_BYTES = 0x1_0000_0000;
const MIN_BUDGET = 65_536;
const TLB_ENTRY = 16;
/** A tag without page matches none of three pages that follow each other. */
const MIN_ENTRIES = 4;
const MAX_ENGINE = 0x1000_0000;
/** Area of each engine but the first: a compiler's code fills more than the smaller one, which is for budgets that leave no room. */
const MORE_ENGINE = { roomy: 0x200_0000, tight: 0x80_0000 };
/** So many there are even if frames have to make room for them. */
const FEW_ENGINES = 3;
const MOST_ENGINES = 255;
/** Page frames that 32-bit offsets reach: tables are as large as that, as what is not touched of them costs nothing. */
const MOST_FRAMES = MAX_BYTES / 4096;

/** Where things lie in the machine's memory, in bytes: an unused page, the CPU state, the two TLB tables, the tables of frames, the engines' areas, then the frames. */
export interface Layout {
  readonly tlbRead: number;
  readonly tlbWrite: number;
  /** Tables by frame number: its references and its slot in the store table, 4 bytes each, and its engines with code of it, a byte. */
  readonly references: number;
  readonly storeSlots: number;
  readonly code: number;
  readonly engine: number;
  /** Areas of more engines, how many, and the size of each. */
  readonly more: number;
  readonly moreCount: number;
  readonly moreBytes: number;
  readonly frames: number;
  /** The whole, a multiple of 64 KiB. */
  readonly total: number;
}

/**
 * TLB entries for a budget: two for each page it pays for, so that a large guest has hardly two pages that are used together in one place. Nothing is
 * committed for those that stay empty.
 */
export function entriesFor(budgetBytes: number): number {
  return 2 ** Math.min(20, Math.max(16, 1 + Math.ceil(Math.log2(budgetBytes / 4096))));
}

/** @throws EmulatorError E_OPTION for sizes that cannot be used. */
export function layoutFor(budgetBytes: number, tlbEntries: number, engineBytes: number, moreEngines: number): Layout {
  if (!Number.isSafeInteger(budgetBytes) || budgetBytes < MIN_BUDGET) {
    throw new EmulatorError('E_OPTION', `the memory budget must be a whole number of bytes, at least ${MIN_BUDGET}`, { details: { budgetBytes } });
  }
  if (budgetBytes > MAX_BYTES) {
    throw new EmulatorError('E_OPTION', 'the memory budget cannot exceed 4 GiB: a machine lives in one 32-bit WebAssembly memory', { details: { budgetBytes, maximum: MAX_BYTES } });
  }
  if (!Number.isInteger(tlbEntries) || tlbEntries < MIN_ENTRIES || tlbEntries > 1 << 20 || (tlbEntries & (tlbEntries - 1)) !== 0) {
    throw new EmulatorError('E_OPTION', 'the TLB must have a power of two of entries, 4 to 1048576', { details: { tlbEntries } });
  }
  const tlbRead = CPU_STATE_BASE + CPU_STATE_SIZE;
  const tlbWrite = tlbRead + tlbEntries * TLB_ENTRY;
  if (!Number.isInteger(engineBytes) || engineBytes < 0 || engineBytes > MAX_ENGINE) {
    throw new EmulatorError('E_OPTION', `the area for engines takes 0 to ${MAX_ENGINE} bytes`, { details: { engineBytes } });
  }
  if (!Number.isInteger(moreEngines) || moreEngines < 0 || moreEngines > MOST_ENGINES) {
    throw new EmulatorError('E_OPTION', `there can be 0 to ${MOST_ENGINES} more engines`, { details: { moreEngines } });
  }
  const references = tlbWrite + tlbEntries * TLB_ENTRY;
  const storeSlots = references + 4 * MOST_FRAMES;
  const code = storeSlots + 4 * MOST_FRAMES;
  const engine = roundUp(code + MOST_FRAMES, WASM_PAGE);
  const more = roundUp(engine + engineBytes, WASM_PAGE);
  const left = MAX_BYTES - more - roundUp(budgetBytes, WASM_PAGE);
  const moreBytes = moreEngines * MORE_ENGINE.roomy <= left ? MORE_ENGINE.roomy : MORE_ENGINE.tight;
  const moreCount = Math.min(moreEngines, Math.max(FEW_ENGINES, Math.floor(left / moreBytes)));
  const frames = more + moreCount * moreBytes;
  // a budget close to 4 GiB loses what lies before the frames
  return { tlbRead, tlbWrite, references, storeSlots, code, engine, more, moreCount, moreBytes, frames, total: Math.min(frames + roundUp(budgetBytes, WASM_PAGE), MAX_BYTES) };
}

/** The areas of engines, the first one's first. */
export function areasOf({ engine, more, moreCount, moreBytes }: Layout, engineBytes: number): EngineArea[] {
  return [{ base: engine, size: engineBytes }, ...Array.from({ length: moreCount }, (_, i) => ({ base: more + i * moreBytes, size: moreBytes }))];
}

/** Gives the memory of a machine, in place of `make`: all zeros, and of the size in pages of 64 KiB. */
export type MemorySource = (pages: number, make: () => LinearMemory) => LinearMemory;

let source: MemorySource = (_pages, make) => make();

/** For who has a memory already, and for who wants to know how large they are. Asked once for each machine. */
export function takeMemoryFrom(from: MemorySource): void {
  source = from;
}

/** @throws EmulatorError E_HOST_MEMORY if the host refuses. */
export function allocateMemory(total: number): LinearMemory {
  const pages = total / WASM_PAGE;
  try {
    // At its full size from the start: the buffer is never detached. The host commits pages only when they are touched.
    return source(pages, () => new WebAssembly.Memory({ initial: pages, maximum: pages }));
  } catch (cause) {
    throw new EmulatorError('E_HOST_MEMORY', `the host could not reserve ${total} bytes for the machine's memory`, { cause, details: { bytes: total } });
  }
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
