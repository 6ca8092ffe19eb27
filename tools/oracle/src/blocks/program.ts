import { CELL, CPU_STATE_BASE, createCpuState, PROT, resetCpuState, VECTOR, VECTOR_SLOT, vectorOffset, type CpuState, type Engine, type EngineFactory, type Mappable, type Mmu, type PageBacking, type Stop } from '@tally86/core';
import { readFxsaveImage, readRflags, writeFxsaveImage, writeRflags } from '@tally86/helpers';
import { createMmu, lazy } from '@tally86/mmu';
import { initialArena, LAYOUT, type FuzzCase, type Patch } from '../fuzz/case.ts';
import { MODEL } from '../fuzz/model.ts';
import { Observer, type Observing } from './observer.ts';

const PAGE = 4096;
/** Code lies in four pages that may be written; the arena is the fuzzer's; the stack has a page of its own, as has a second view of the code. */
export const PLACES = {
  ...LAYOUT, codeSize: 4 * PAGE,
  stackBase: 0x3000_0000, stackSize: 2 * PAGE,
  aliasBase: 0x5000_0000,
  /** Addresses of blocks, for indirect jumps: in the arena's page that cannot be written. */
  tableBase: LAYOUT.arenaBase + LAYOUT.arenaWritable, tableEntries: 16,
} as const;
const { codeBase, codeSize, arenaBase, arenaWritable, arenaSize, stackBase, stackSize, aliasBase, tableBase, tableEntries } = PLACES;
export const STACK_TOP = stackBase + stackSize - 1024;

/** Bytes at one place that depend on where a block is: the distance to it (`rel`), its address (`abs`), each plus `plus`. */
export interface Fixup {
  readonly at: number;
  readonly kind: 'rel8' | 'rel32' | 'abs64';
  /** Index of a block, taken modulo the number of blocks. */
  readonly block: number;
  readonly plus: number;
  /** Bytes of the instruction behind the field, for `rel`. */
  readonly behind: number;
}
/** An instruction, or some that belong together. */
export interface Item {
  readonly bytes: readonly number[];
  readonly fixups?: readonly Fixup[];
}
/** What the kernel's side does at a stop that is no fault. */
export type Deed = 'nothing' | 'readOnly' | 'writable' | 'zeroed' | 'patched' | 'codeReadOnly' | 'codeWritable' | 'dropped' | 'segment' | 'rounding';
/** How the code is mapped: as memory of its own, as a private file, or as a file shared with a view that can be written. */
export type Backing = 'anonymous' | 'private' | 'shared';

/** A small program: blocks in the order of their addresses, and the state that it begins with. */
export interface Program {
  readonly blocks: readonly (readonly Item[])[];
  /** Where the first block begins, from codeBase. */
  readonly offset: number;
  readonly backing: Backing;
  readonly state: Pick<FuzzCase, 'gpr' | 'rflags' | 'fsBase' | 'gsBase' | 'fx' | 'ymmHigh'>;
  readonly patches: readonly Patch[];
  readonly deeds: readonly Deed[];
  /** Instructions between comparisons, in turn; all that a run completes is their sum. */
  readonly slices: readonly number[];
}

export interface Assembled {
  readonly code: Uint8Array;
  /** Address of each block, and of each of its items. */
  readonly blocks: readonly number[];
  readonly items: readonly (readonly number[])[];
}

export function assemble({ blocks, offset }: Program): Assembled {
  const starts: number[] = [];
  const items: number[][] = [];
  let at = codeBase + offset;
  for (const block of blocks) {
    starts.push(at);
    const places: number[] = [];
    for (const item of block) {
      places.push(at);
      at += item.bytes.length;
    }
    items.push(places);
  }
  const code = new Uint8Array(codeSize).fill(0xcc);
  const view = new DataView(code.buffer);
  blocks.forEach((block, b) => block.forEach((item, i) => {
    const address = items[b]![i]!;
    const from = address - codeBase;
    if (from + item.bytes.length > codeSize) return;
    code.set(item.bytes, from);
    for (const { at: field, kind, block: to, plus, behind } of item.fixups ?? []) {
      const target = starts[to % starts.length]! + plus;
      if (kind === 'abs64') view.setBigUint64(from + field, BigInt(target), true);
      else {
        const size = kind === 'rel8' ? 1 : 4;
        const distance = target - (address + field + size + behind);
        if (size === 1) view.setInt8(from + field, distance);
        else view.setInt32(from + field, distance, true);
      }
    }
  }));
  return { code, blocks: starts, items };
}

interface Area {
  readonly start: number;
  readonly end: number;
  prot: number;
  readonly source: Mappable | null;
  readonly shared: boolean;
}

function fileOf(contents: Uint8Array): Mappable {
  return {
    size: () => contents.length,
    readPage: (page, into) => into.set(contents.subarray(page * PAGE, page * PAGE + PAGE)),
    writePage: (page, from, length) => contents.set(from.subarray(0, length), page * PAGE),
  };
}

/** What is compared after each slice. */
export interface Snapshot {
  readonly stop: string;
  readonly counts: readonly bigint[];
  readonly rip: bigint;
  readonly gpr: readonly bigint[];
  readonly rflags: number;
  readonly fx: Uint8Array;
  readonly ymmHigh: Uint8Array;
  readonly selectors: bigint;
  readonly memory: Uint8Array;
}

const COUNTS = [CELL.retired, CELL.repIterations, CELL.repCompleted, CELL.repEmpty, CELL.repExhausted];
const RW = PROT.READ | PROT.WRITE;
const RWX = RW | PROT.EXEC;

/** A CPU with memory, on which programs run under an engine, stop by stop. */
export class Machine {
  readonly mmu: Mmu;
  readonly cpu: CpuState;
  #engine: Engine;
  readonly #factory: EngineFactory;
  #areas: Area[] = [];
  #program: Program | null = null;
  #assembled: Assembled | null = null;
  #stops = 0;
  readonly #observer: Observer | null;

  constructor(factory: EngineFactory, tlbEntries: number, observing?: Observing) {
    this.#factory = factory;
    this.#observer = observing === undefined ? null : new Observer(observing);
    this.mmu = createMmu({ budgetBytes: 4 << 20, pageTable: lazy, tlbEntries, moreEngines: 0 });
    this.mmu.pager = {
      backing: (address): PageBacking | null => {
        const area = this.#areas.find((a) => a.start <= address && address < a.end);
        return area === undefined ? null : { prot: area.prot, shared: area.shared, source: area.source, pageIndex: Math.floor((address - area.start) / PAGE) };
      },
    };
    this.cpu = createCpuState(this.mmu.buffer, CPU_STATE_BASE);
    this.#engine = this.#create();
  }
  #create(): Engine {
    return this.#factory.create({ cpu: this.cpu, mmu: this.mmu, model: MODEL, readTsc: (retired) => BigInt(retired), hooks: this.#observer?.hooks ?? null });
  }
  get stats(): Readonly<Record<string, number>> {
    return this.#engine.stats();
  }
  /** A new engine: what the old one translated is gone. */
  renew(): void {
    this.#engine = this.#create();
  }
  #map(start: number, size: number, prot: number, source: Mappable | null = null, shared = false): void {
    this.#areas.push({ start, end: start + size, prot, source, shared });
    this.mmu.map(start, start + size, prot);
  }
  #protect(start: number, size: number, prot: number): void {
    for (const area of this.#areas) if (area.start === start) area.prot = prot;
    this.mmu.protect(start, start + size, prot);
  }

  load(program: Program): void {
    for (const { start, end } of this.#areas) this.mmu.unmap(start, end);
    this.#areas = [];
    this.#program = program;
    this.#stops = 0;
    this.#observer?.reset();
    const assembled = (this.#assembled = assemble(program));
    if (program.backing === 'anonymous') {
      this.#map(codeBase, codeSize, RWX);
      this.mmu.poke(codeBase, assembled.code);
    } else {
      const file = fileOf(assembled.code.slice());
      this.#map(codeBase, codeSize, RWX, file, program.backing === 'shared');
      if (program.backing === 'shared') this.#map(aliasBase, codeSize, RW, file, true);
    }
    // each page of the arena can be protected by itself
    for (let at = 0; at < arenaWritable; at += PAGE) this.#map(arenaBase + at, PAGE, RW);
    this.#map(arenaBase + arenaWritable, arenaSize - arenaWritable, PROT.READ);
    this.#map(stackBase, stackSize, RW);
    const arena = initialArena({ patches: program.patches } as FuzzCase);
    const table = new DataView(arena.buffer);
    for (let i = 0; i < tableEntries; i++) table.setBigUint64(tableBase - arenaBase + 8 * i, BigInt(assembled.blocks[(i * 7) % assembled.blocks.length]!), true);
    this.mmu.poke(arenaBase, arena);
    const stack = new DataView(new ArrayBuffer(stackSize));
    for (let at = 0; at < stackSize; at += 8) stack.setBigUint64(at, BigInt(assembled.blocks[(at / 8) % assembled.blocks.length]!), true);
    this.mmu.poke(stackBase, new Uint8Array(stack.buffer));
    const { cpu } = this;
    const { state } = program;
    resetCpuState(cpu);
    for (let i = 0; i < 16; i++) cpu.u64[i] = state.gpr[i]!;
    cpu.u64[4] = BigInt(STACK_TOP);
    cpu.u64[CELL.rip] = BigInt(assembled.blocks[0]!);
    cpu.u64[CELL.fsBase] = state.fsBase;
    cpu.u64[CELL.gsBase] = state.gsBase;
    writeRflags(cpu, state.rflags);
    writeFxsaveImage(cpu, state.fx);
    for (let i = 0; i < 16; i++) cpu.u8.set(state.ymmHigh.subarray(16 * i, 16 * i + 16), vectorOffset(VECTOR_SLOT.high + i));
    this.mmu.flushTlb();
  }

  /** Completes instructions until there are `total`, in runs of what `next` says; or until a stop. */
  advance(total: number, next: (left: number) => number): Stop {
    for (let i = 0; i < 200_000; i++) {
      const retired = Number(this.cpu.u64[CELL.retired]);
      const left = total - retired;
      const budget = Math.min(left, next(left));
      const stop = this.#engine.run(budget);
      const done = Number(this.cpu.u64[CELL.retired]) - retired;
      if (done > budget) throw new Error(`run(${budget}) completed ${done} instructions`);
      if (stop.kind !== 'budget' || done === left) return stop;
    }
    throw new Error('runs without an end');
  }

  /** What a kernel would do at a stop, so that execution goes on. The same on every engine. */
  resume(stop: Stop): void {
    const { cpu, mmu } = this;
    const program = this.#program!;
    const { blocks } = this.#assembled!;
    const n = this.#stops++;
    if (stop.kind === 'budget') return;
    if (stop.kind === 'fault' && stop.fault.vector === VECTOR.DB) {
      // a trap: goes on, mostly without the flag
      if (n % 4 !== 3) writeRflags(cpu, readRflags(cpu) & ~0x100);
      return;
    }
    if (stop.kind === 'syscall') {
      this.#do(program.deeds[n % program.deeds.length]!, n, mmu);
      return;
    }
    // everything else: on at some block, with pointers that are good again
    cpu.u64[CELL.rip] = BigInt(blocks[(n * 5 + 1) % blocks.length]!);
    cpu.u64[4] = BigInt(STACK_TOP);
    for (const pointer of POINTERS) cpu.u64[pointer] = program.state.gpr[pointer]!;
    writeRflags(cpu, readRflags(cpu) & ~0x40500);
    if (stop.kind === 'fault' && (stop.fault.vector === VECTOR.MF || stop.fault.vector === VECTOR.XM)) {
      const fx = new Uint8Array(512);
      readFxsaveImage(cpu, fx);
      fx.set([0x7f, 3, 0, 0], 0);
      fx.set([0x80, 0x1f], 24);
      writeFxsaveImage(cpu, fx);
    }
  }
  #do(deed: Deed, n: number, mmu: Mmu): void {
    const page = arenaBase + PAGE * (n % 4);
    switch (deed) {
      case 'nothing': break;
      case 'readOnly': this.#protect(page, PAGE, PROT.READ); break;
      case 'writable': for (let at = 0; at < arenaWritable; at += PAGE) this.#protect(arenaBase + at, PAGE, RW); break;
      case 'zeroed': mmu.discard(page, page + PAGE); break;
      // some byte of the code turns into another one
      case 'patched': {
        const { blocks } = this.#assembled!;
        const address = blocks[n % blocks.length]! + 1;
        mmu.copyOut(address, Uint8Array.of(n));
        break;
      }
      case 'codeReadOnly': this.#protect(codeBase, codeSize, PROT.READ | PROT.EXEC); break;
      case 'codeWritable': this.#protect(codeBase, codeSize, RWX); break;
      case 'dropped': this.#engine.invalidate(codeBase, codeBase + PAGE * (1 + n % 4)); break;
      case 'segment': this.cpu.u64[n % 2 === 0 ? CELL.fsBase : CELL.gsBase] = BigInt(arenaBase + 8 * n); break;
      case 'rounding': this.cpu.u64[CELL.mxcsr] = BigInt(0x1f80 | (n % 4) << 13 | (n % 3 === 0 ? 0x8040 : 0)); break;
    }
  }

  snapshot(stop: Stop): Snapshot {
    const { cpu, mmu } = this;
    const memory = new Uint8Array(codeSize + arenaSize + stackSize);
    mmu.peek(codeBase, memory.subarray(0, codeSize));
    mmu.peek(arenaBase, memory.subarray(codeSize, codeSize + arenaSize));
    mmu.peek(stackBase, memory.subarray(codeSize + arenaSize));
    const fx = new Uint8Array(512);
    readFxsaveImage(cpu, fx);
    const ymmHigh = new Uint8Array(256);
    for (let i = 0; i < 16; i++) ymmHigh.set(cpu.u8.subarray(vectorOffset(VECTOR_SLOT.high + i), vectorOffset(VECTOR_SLOT.high + i) + 16), 16 * i);
    return {
      stop: JSON.stringify(stop, (_, value: unknown) => (typeof value === 'bigint' ? `0x${value.toString(16)}` : value instanceof Uint8Array ? [...value] : value)),
      counts: [...COUNTS.map((cell) => cpu.u64[cell]!), ...this.#observer?.values() ?? []], rip: cpu.u64[CELL.rip]!, gpr: [...cpu.u64.subarray(0, 16)], rflags: readRflags(cpu), fx, ymmHigh,
      selectors: cpu.u64[CELL.selectors]!, memory,
    };
  }
}

/** Registers that keep pointing into the arena, mostly: rbp, r12, r13. r14 walks through the table of jumps, r15 counts. */
export const POINTERS = [5, 12, 13] as const;
