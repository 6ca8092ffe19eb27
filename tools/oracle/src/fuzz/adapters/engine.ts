import { CELL, createCpuState, PROT, resetCpuState, VECTOR_SLOT, vectorOffset, type CpuModel, type CpuState, type Engine, type EngineFactory, type PageBacking, type Stop, type TranslationHooks } from '@tally86/core';
import { readFxsaveImage, readRflags, writeFxsaveImage, writeRflags } from '@tally86/helpers';
import { createMmu, lazy } from '@tally86/mmu';
import { initialArena, LAYOUT, type CaseFault, type CaseResult, type Execute, type FuzzCase } from '../case.ts';

const { codeBase, codeSize, arenaBase, arenaWritable, arenaSize } = LAYOUT;

function backingOf(address: number): PageBacking | null {
  const anonymous = (prot: number): PageBacking => ({ prot, shared: false, source: null, pageIndex: 0 });
  if (address >= codeBase && address < codeBase + codeSize) return anonymous(PROT.READ | PROT.WRITE | PROT.EXEC);
  if (address >= arenaBase && address < arenaBase + arenaWritable) return anonymous(PROT.READ | PROT.WRITE);
  if (address >= arenaBase + arenaWritable && address < arenaBase + arenaSize) return anonymous(PROT.READ);
  return null;
}

/** #PF as Linux tells it: a kernel address counts as protected (arch/x86/mm/fault.c, sanitize_error_code). */
function faultOf(stop: Stop): CaseFault | null {
  switch (stop.kind) {
    case 'fault': return { vector: stop.fault.vector, errorCode: stop.fault.errorCode, address: stop.fault.address };
    case 'undefined': return { vector: 6, errorCode: 0, address: 0n };
    case 'breakpoint': return { vector: 3, errorCode: 0, address: 0n };
    case 'halt': return { vector: 13, errorCode: 0, address: 0n };
    default: return null;
  }
}

/** Runs the engine from the state that a case begins with to the one that is compared. */
export type Advance = (engine: Engine, cpu: CpuState, test: FuzzCase) => Stop;

export const oneInstruction: Advance = (engine, cpu) => {
  let stop = engine.run(1);
  // a long rep may end a run early
  for (let i = 0; stop.kind === 'budget' && cpu.u64[CELL.retired] === 0n && i < 100_000; i++) stop = engine.run(1);
  return stop;
};

/** What may lie behind an instruction; and all over the rest of the code's pages. */
export const FILLING = {
  /** int3 */
  stop: [0xcc],
  /** A jump to itself: an engine that translates more than one instruction at once goes on, and nothing changes. */
  stay: [0xeb, 0xfe],
} as const;

/**
 * One instruction and a jump to itself behind it (see FILLING), so that an engine for hot code has a block to translate. Branches come alone: they
 * are blocks by themselves.
 */
export const oneTranslated: Advance = (engine, cpu, test) => {
  const length = test.family === 'branch' ? 1 : 2;
  let stop = engine.run(length);
  for (let i = 0; stop.kind === 'budget' && cpu.u64[CELL.retired]! < length && i < 100_000; i++) stop = engine.run(length - Number(cpu.u64[CELL.retired]));
  // what happens behind the instruction is not its own
  return stop.kind === 'fault' && cpu.u64[CELL.retired] === 1n ? { kind: 'budget' } : stop;
};

/** An engine as a subject. */
export interface EngineExecute extends Execute {
  readonly prepare: (tests: readonly FuzzCase[]) => void;
  stats(): Readonly<Record<string, number>>;
}

/** How often a place is asked for until an engine that translates in batches does not wait for others any more. */
const ASKS = 4;

/** Any engine of the seam as the subject of the fuzzer, on a machine of its own: one instruction for each case, or what `advance` does. */
export function createEngineExecute(factory: EngineFactory, model: CpuModel, advance: Advance = oneInstruction, hooks: TranslationHooks | null = null,
  filling: readonly number[] = FILLING.stop): EngineExecute {
  const mmu = createMmu({ budgetBytes: 16 << 20, pageTable: lazy, moreEngines: 0 });
  mmu.pager = { backing: backingOf };
  mmu.map(codeBase, codeBase + codeSize, PROT.READ | PROT.WRITE | PROT.EXEC);
  mmu.map(arenaBase, arenaBase + arenaWritable, PROT.READ | PROT.WRITE);
  mmu.map(arenaBase + arenaWritable, arenaBase + arenaSize, PROT.READ);
  const cpu = createCpuState(mmu.buffer);
  resetCpuState(cpu);
  const engine = factory.create({ cpu, mmu, model, readTsc: () => 0n, hooks });
  const arena = new Uint8Array(arenaSize);
  const after = new Uint8Array(arenaWritable);
  const gpr = new BigUint64Array(16);
  const fx = new Uint8Array(512);
  const ymmHigh = new Uint8Array(256);

  /** The cases whose code is in its pages, and translated if the engine translates. */
  let loaded: ReadonlySet<FuzzCase> = new Set();

  function loadCode(tests: readonly FuzzCase[]): void {
    engine.invalidate(codeBase, codeBase + codeSize);
    const code = new Uint8Array(codeSize);
    const fill = (from: number, length: number): void => {
      for (let i = 0; i < length; i++) code[(from + i) % codeSize] = filling[i % filling.length]!;
    };
    tests.forEach(({ codeOffset, code: bytes }, i) => fill(codeOffset + bytes.length, i === 0 ? codeSize : filling.length));
    for (const test of tests) code.set(test.code.subarray(0, codeSize - test.codeOffset), test.codeOffset);
    mmu.poke(codeBase, code);
  }

  function prepare(tests: readonly FuzzCase[]): void {
    loaded = new Set();
    loadCode(tests);
    resetCpuState(cpu);
    for (let i = 0; i < ASKS; i++) for (const { codeOffset } of tests) {
      cpu.u64[CELL.rip] = BigInt(codeBase + codeOffset);
      engine.run(0);
    }
    loaded = new Set(tests);
  }

  function load(test: FuzzCase): void {
    if (!loaded.has(test)) prepare([test]);
    mmu.poke(arenaBase, initialArena(test, arena));
    resetCpuState(cpu);
    for (let i = 0; i < 16; i++) cpu.u64[i] = test.gpr[i]!;
    cpu.u64[CELL.rip] = BigInt(codeBase + test.codeOffset);
    cpu.u64[CELL.fsBase] = test.fsBase;
    cpu.u64[CELL.gsBase] = test.gsBase;
    writeRflags(cpu, test.rflags);
    writeFxsaveImage(cpu, test.fx);
    for (let i = 0; i < 16; i++) cpu.u8.set(test.ymmHigh.subarray(16 * i, 16 * i + 16), vectorOffset(VECTOR_SLOT.high + i));
  }

  return Object.assign((test: FuzzCase): CaseResult => {
    load(test);
    const stop = advance(engine, cpu, test);
    for (let i = 0; i < 16; i++) gpr[i] = cpu.u64[i]!;
    readFxsaveImage(cpu, fx);
    for (let i = 0; i < 16; i++) ymmHigh.set(cpu.u8.subarray(vectorOffset(VECTOR_SLOT.high + i), vectorOffset(VECTOR_SLOT.high + i) + 16), 16 * i);
    mmu.peek(arenaBase, after);
    return { fault: faultOf(stop), rip: cpu.u64[CELL.rip]!, gpr, rflags: readRflags(cpu), fx, ymmHigh, arena: after };
  }, { prepare, stats: () => engine.stats() });
}
