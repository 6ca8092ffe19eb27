import { EmulatorError, type LinearMemory, type MemoryStats, type MmuFault, type PageTable, type PageTableStrategy, PROT } from '@tally86/core';
import { createBudget } from './budget.ts';
import { createCodePorts, type CodePorts } from './code-ports.ts';
import { createFrames, type Frames } from './frames.ts';
import { allocateMemory, areasOf, entriesFor, layoutFor } from './layout.ts';
import { createPageCache, type PageCacheInternal } from './page-cache.ts';
import { createTlb, type Tlb } from './tlb.ts';

export interface MmuOptions {
  /** Bytes that page frames and page tables may take together: 64 KiB to 4 GiB. Beyond it the guest gets ENOMEM or a `budget` fault. */
  readonly budgetBytes: number;
  readonly pageTable: PageTableStrategy;
  /** Entries of each of the two TLB tables; a power of two, 4 or more: 4 makes nearly every access miss, for tests. Default: as many as the budget has pages, 2^16 to 2^19. */
  readonly tlbEntries?: number;
  /** Address space for what the first engine keeps in the machine's memory, at most 256 MiB; costs nothing until it is used, and is not part of the budget. Default 32 MiB. */
  readonly engineBytes?: number;
  /** How many engines more there can be, with 8 MiB for each, as far as 4 GiB hold them: one for each program that runs at the same time. Default 23. */
  readonly moreEngines?: number;
}

/** What the machine asks of one of its address spaces. */
export interface Space {
  translate(address: number, access: number): number;
  peek(address: number, into: Uint8Array): number;
  /** A file shrank, the page's PTE goes away. */
  dropPage(page: number): void;
  /** Stores to the page must be noticed again. */
  protectClean(page: number): void;
}

/** What all address spaces of a machine share. */
export interface MachineMemory {
  readonly memory: LinearMemory;
  readonly buffer: ArrayBuffer;
  readonly frames: Frames;
  readonly tlb: Tlb;
  readonly cache: PageCacheInternal;
  readonly ports: CodePorts;
  readonly fault: MmuFault;
  /** The frame of zeros behind every anonymous page that was read and never written; 0: there is none yet. */
  readonly zeroFrame: number;
  /** Makes it; 0: out of budget. */
  needZeroFrame(): number;
  /** Whose pages the TLB shows. */
  active: Space | null;
  /** Gives an address space its number, times the pages of user space. */
  enter(space: Space): number;
  /** The address space is gone, and its page table. */
  leave(base: number, table: PageTable): void;
  createPageTable(): PageTable;
  stats(): MemoryStats;
}

/** A key is the number of an address space times this, plus a page number. */
const KEY_SPAN = 2 ** 35;
const MOST_SPACES = 2 ** 18;

/** @throws EmulatorError E_OPTION for sizes that cannot be used, E_HOST_MEMORY if the host refuses the memory. */
export function createMachineMemory(options: MmuOptions): MachineMemory {
  const { budgetBytes, pageTable: strategy, tlbEntries = entriesFor(budgetBytes), engineBytes = 0x200_0000, moreEngines = 23 } = options;
  const layout = layoutFor(budgetBytes, tlbEntries, engineBytes, moreEngines);
  const memory = allocateMemory(layout.total);
  const { buffer } = memory;
  const budget = createBudget(budgetBytes);
  const frames = createFrames(buffer, layout, budget);
  const tlb = createTlb(buffer, layout, tlbEntries);
  const fault: MmuFault = { address: 0, access: PROT.NONE, reason: 'unmapped', present: false };
  const spaces: (Space | undefined)[] = [];
  const tables = new Set<PageTable>();
  let tableBytes = 0;
  let tablePeak = 0;
  let zeroFrame = 0;
  let active: Space | null = null;

  const ports = createCodePorts({
    memory, buffer, tlb, fault, frames,
    areas: areasOf(layout, engineBytes),
    translate: (address, access) => active!.translate(address, access),
    peek: (address, into) => active!.peek(address, into),
  });
  const spaceOf = (key: number): Space => spaces[Math.floor(key / KEY_SPAN)]!;
  const cache = createPageCache(frames, {
    aboutToWrite(frame, offset, length) {
      if (frames.code[frame] !== 0) ports.written(frame, offset, length);
    },
    drop: (key) => spaceOf(key).dropPage(key % KEY_SPAN),
    protectClean: (key) => spaceOf(key).protectClean(key % KEY_SPAN),
    dropWrites: (frame) => tlb.dropWrites(frame),
  });

  function allow(bytes: number): boolean {
    if (bytes > 0 && !budget.take(bytes)) return false;
    if (bytes < 0) budget.give(-bytes);
    tableBytes += bytes;
    if (tableBytes > tablePeak) tablePeak = tableBytes;
    return true;
  }

  return {
    memory, buffer, frames, tlb, cache, ports, fault,
    get zeroFrame() {
      return zeroFrame;
    },
    needZeroFrame() {
      if (zeroFrame === 0) zeroFrame = frames.allocate(0, 0, true);
      return zeroFrame;
    },
    get active() {
      return active;
    },
    set active(space) {
      active = space;
    },
    enter(space) {
      let number = spaces.indexOf(undefined);
      if (number < 0) number = spaces.length;
      if (number === MOST_SPACES) throw new EmulatorError('E_STATE', `a machine has at most ${MOST_SPACES} address spaces`);
      spaces[number] = space;
      active ??= space;
      return number * KEY_SPAN;
    },
    leave(base, table) {
      const number = base / KEY_SPAN;
      if (active === spaces[number]) {
        tlb.flush();
        active = null;
      }
      spaces[number] = undefined;
      tables.delete(table);
      allow(-table.stats().bytes);
    },
    createPageTable() {
      const table = strategy.create(allow);
      tables.add(table);
      return table;
    },
    stats() {
      let nodes = 0;
      for (const table of tables) nodes += table.stats().nodes;
      return {
        pageTableBytes: tableBytes,
        pageTablePeakBytes: tablePeak,
        pageTableNodes: nodes,
        frames: frames.used,
        framesPeak: frames.peak,
        cacheFrames: cache.frames,
        peakBytes: budget.peak,
        budgetBytes,
        tlbFills: tlb.fills,
        tlbEvictions: tlb.evictions,
        tlbFlushes: tlb.flushes,
      };
    },
  };
}
