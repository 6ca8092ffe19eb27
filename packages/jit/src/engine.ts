import { CELL, FLAG, PROT, type CodeListener, type ColdEngineFactory, type Engine, type EngineEnvironment, type EngineFactory, type HotCode, type Stop } from '@tally86/core';
import { createLifter } from '@tally86/decoder';
import { HELPERS, readArithmeticFlags, type HelperFunction } from '@tally86/helpers';
import { emitRegion } from './emit/region.ts';
import type { ExitPoint } from './emit/writer.ts';
import { JIT_CELL } from './layout.ts';
import { buildGraph, type Profile, type RegionGraph } from './region/graph.ts';
import { createDispatcher, type Link } from './runtime/dispatcher.ts';
import { BAIL, JitHelperContext } from './runtime/helper-context.ts';
import { RegionSet, type CodePiece, type Region } from './runtime/regions.ts';
import { encodeModule } from './wasm/module.ts';
import { TYPE } from './wasm/opcodes.ts';

export interface JitOptions {
  /** Executions of a block in the cold engine before it is translated. */
  readonly threshold?: number;
  /** Largest region, in blocks and instructions. */
  readonly maxBlocks?: number;
  readonly maxInstructions?: number;
}

const EXIT_PROFILE: Map<number, number> | null = (globalThis as { EXIT_PROFILE?: Map<number, number> }).EXIT_PROFILE ?? null;
const WASM_PAGE = 65_536;
/** Translated code comes back to the host after so many instructions, so that a better compiled version can take over. */
const SLICE = 1 << 20;
/** Executions until a block that could not be translated is asked about again. */
const NOT_AGAIN = 1 << 30;
const BUDGET: Stop = { kind: 'budget' };
/** Functions that region modules import, in order. */
const IMPORT = { invoke: 0, readFlags: 1, helper: 2 } as const;

/** An engine that translates hot code to WebAssembly and leaves the rest to `cold`. */
export function jit(cold: ColdEngineFactory, options: JitOptions = {}): EngineFactory {
  return { name: 'jit', create: (environment) => createJit(environment, cold, options) };
}

/** @throws where the host forbids WebAssembly. */
export function createJit(environment: EngineEnvironment, coldFactory: ColdEngineFactory, options: JitOptions = {}): Engine {
  const { cpu, mmu, model } = environment;
  const { u64, i32 } = cpu;
  const limits = { blocks: options.maxBlocks ?? 200, instructions: options.maxInstructions ?? 2000 };
  const cold = coldFactory.create(environment);
  const dispatcher = createDispatcher();
  const context = new JitHelperContext(cpu, mmu, model);
  const lifter = createLifter({ features: model.features, fetch });
  const bytes = new Uint8Array(mmu.buffer);

  const regions = new RegionSet();
  const entries = new Map<number, { readonly region: Region; readonly slot: number }>();
  const slots = new Map<number, number>();
  const slotAddress: number[] = [];
  const exits: (ExitPoint | undefined)[] = [];
  const helperNumbers = new Map<string, number>();
  const helpers: HelperFunction[] = [];
  const counters = { regions: 0, regionInstructions: 0, wasmBytes: 0, invalidatedRegions: 0, enters: 0, interpretExits: 0, budgetExits: 0, coldLinks: 0, bails: 0, refused: 0 };
  const threshold = options.threshold ?? 500;
  const arrivals = new Map<number, number>();
  let handedOver = false;

  function fetch(address: number, into: Uint8Array): number {
    if (address >= 0x8000_0000_0000) return 0;
    const host = mmu.translate(address, PROT.EXEC);
    if (host < 0) return 0;
    into.set(bytes.subarray(host, host + into.length));
    return into.length;
  }

  function slotOf(address: number): number {
    let slot = slots.get(address);
    if (slot === undefined) {
      slot = slotAddress.length;
      slots.set(address, slot);
      slotAddress.push(address);
      dispatcher.setSlot(slot, 0, 0);
    }
    return slot;
  }
  function helperNumber(name: string): number {
    let n = helperNumbers.get(name);
    if (n === undefined) {
      n = helpers.length;
      helperNumbers.set(name, n);
      helpers.push(HELPERS[name]!(context));
    }
    return n;
  }

  const profile: Profile = {
    seen: (address) => cold.seen(address),
    isEntry: (address) => entries.has(address),
    targets: (address) => cold.targets(address),
  };
  const imports = {
    env: {
      memory: mmu.memory as unknown as WebAssembly.Memory,
      invoke: dispatcher.invoke,
      readFlags: () => readArithmeticFlags(cpu),
      helper: (n: number, a: number, b: number, c: number, d: number) => helpers[n]!(a, b, c, d),
    },
  } as unknown as WebAssembly.Imports;
  const pages = mmu.buffer.byteLength / WASM_PAGE;

  function piecesOf(graph: RegionGraph): CodePiece[] {
    const pieces: CodePiece[] = [];
    for (const block of graph.blocks) {
      const last = block.instructions[block.instructions.length - 1]!;
      const end = last.address + last.length;
      for (let at = block.address; at < end; ) {
        const to = Math.min(end, at - (at % 4096) + 4096);
        const host = mmu.translate(at, PROT.EXEC);
        pieces.push({ frame: host >>> 12, from: host & 4095, to: (host & 4095) + (to - at), page: Math.floor(at / 4096) });
        at = to;
      }
    }
    return pieces;
  }

  /** Translates the region that starts at an address; false if there is nothing to gain. */
  function translate(address: number): boolean {
    const graph = buildGraph(lifter, address, profile, limits);
    if (graph === null) return false;
    const firstExit = exits.length;
    const { body, entries: addresses } = emitRegion(graph, {
      tlb: mmu.tlb,
      numbers: { slot: slotOf, exit: (point) => exits.push(point) - 1 },
      imports: { ...IMPORT, helperNumber },
      type: 0,
      alone: () => false,
    });
    const module = encodeModule({
      types: [
        { params: [TYPE.i32], results: [TYPE.i64] },
        { params: [TYPE.i64, TYPE.i64], results: [TYPE.i64] },
        { params: [], results: [TYPE.i32] },
        { params: [TYPE.i32, TYPE.i32, TYPE.i32, TYPE.i32, TYPE.i32], results: [] },
      ],
      imports: [
        { module: 'env', name: 'memory', kind: 'memory', pages, maximum: pages },
        { module: 'env', name: 'invoke', kind: 'function', type: 1 },
        { module: 'env', name: 'readFlags', kind: 'function', type: 2 },
        { module: 'env', name: 'helper', kind: 'function', type: 3 },
      ],
      functions: [body],
      exports: [{ name: 'r', index: 3 }],
    });
    (globalThis as { WASM_DUMP?: (address: number, bytes: Uint8Array) => void }).WASM_DUMP?.(address, module);
    const instance = new WebAssembly.Instance(new WebAssembly.Module(module), imports);
    const functionIndex = dispatcher.addFunction(instance.exports.r);
    const region: Region = {
      address, entries: addresses, functionIndex, pieces: piecesOf(graph), firstExit, endExit: exits.length,
      instructions: graph.instructionCount, size: module.length, valid: true,
    };
    regions.add(region);
    for (const { frame } of region.pieces) mmu.markCode(frame);
    addresses.forEach((a, entry) => {
      if (entries.has(a)) return;
      const slot = slotOf(a);
      entries.set(a, { region, slot });
      dispatcher.setSlot(slot, functionIndex, entry);
      dispatcher.remember(a, functionIndex, entry);
    });
    counters.regions++;
    counters.regionInstructions += graph.instructionCount;
    counters.wasmBytes += module.length;
    return true;
  }

  function drop(region: Region): void {
    if (!region.valid) return;
    region.valid = false;
    counters.invalidatedRegions++;
    context.invalidations++;
    regions.remove(region);
    for (const a of region.entries) {
      const entry = entries.get(a);
      if (entry?.region !== region) continue;
      entries.delete(a);
      dispatcher.setSlot(entry.slot, 0, 0);
      dispatcher.forget(a);
    }
    dispatcher.freeFunction(region.functionIndex);
    for (let i = region.firstExit; i < region.endExit; i++) exits[i] = undefined;
  }

  const hotCode: HotCode = {
    threshold,
    enter(address) {
      if (!entries.has(address) && !translate(address)) {
        counters.refused++;
        return NOT_AGAIN;
      }
      handedOver = true;
      return -1;
    },
    written: (frame, from, to) => regions.inFrame(frame, from, to).forEach(drop),
    holds: (frame) => regions.holds(frame),
  };
  cold.hotCode = hotCode;
  const coldListener = mmu.codeListener;
  const listener: CodeListener = {
    frameWritten(frame, offset, length) {
      regions.inFrame(frame, offset, offset + length).forEach(drop);
      coldListener?.frameWritten(frame, offset, length);
    },
    unmapped(start, end) {
      regions.inRange(start, end).forEach(drop);
      coldListener?.unmapped(start, end);
    },
  };
  mmu.codeListener = listener;

  function setRip(address: number): void {
    i32[2 * CELL.rip] = address % 4294967296 | 0;
    i32[2 * CELL.rip + 1] = Math.floor(address / 4294967296);
  }
  const rip = (): number => i32[2 * CELL.rip + 1]! * 4294967296 + (i32[2 * CELL.rip]! >>> 0);

  /** Runs translated code from a slot for at most `budget` instructions. Returns those completed; `again`: the state allows to go on in translated code. */
  let again = false;
  function runTranslated(slot: number, budget: number): number {
    counters.enters++;
    const REMAINING = 2 * JIT_CELL.remaining;
    i32[REMAINING] = budget;
    let link: Link;
    try {
      link = dispatcher.enter(slot);
    } catch (error) {
      if (error !== BAIL) throw error;
      counters.bails++;
      link = { kind: 'exit', exit: i32[2 * JIT_CELL.bail]! };
    }
    const done = budget - i32[REMAINING]!;
    switch (link.kind) {
      case 'address':
        setRip(link.address);
        counters.coldLinks++;
        again = true;
        return done;
      case 'slot':
        setRip(slotAddress[link.slot]!);
        counters.coldLinks++;
        again = true;
        return done;
      case 'exit': {
        const point = exits[link.exit]!;
        setRip(point.rip);
        again = point.kind !== 'interpret';
        if (point.kind === 'budget') counters.budgetExits++;
        else if (point.kind === 'interpret') {
          counters.interpretExits++;
          if (EXIT_PROFILE !== null) (globalThis as any).ONEXIT?.(point.rip, cpu), EXIT_PROFILE.set(point.rip, (EXIT_PROFILE.get(point.rip) ?? 0) + 1);
        }
        return done + point.charge;
      }
    }
  }

  /** Counts arrivals from translated code and from the kernel at an address without translation; true if it has one now. */
  function warm(address: number): boolean {
    const n = (arrivals.get(address) ?? 0) + 1;
    arrivals.set(address, n);
    if (n !== threshold >> 2) return false;
    return translate(address);
  }

  function run(budget: number): Stop {
    let left = budget;
    for (;;) {
      if ((i32[2 * CELL.rflags]! & FLAG.TF) !== 0) return cold.run(left);
      let entry = entries.get(rip());
      if (entry === undefined && warm(rip())) entry = entries.get(rip());
      if (entry !== undefined && left > 0) {
        const done = runTranslated(entry.slot, Math.min(left, SLICE));
        left -= done;
        u64[CELL.retired] += BigInt(done);
        // an entry that could do nothing would be asked again and again
        if (again && done > 0) continue;
      }
      if (left === 0) return BUDGET;
      const before = u64[CELL.retired]!;
      handedOver = false;
      const stop = cold.run(left);
      left -= Number(u64[CELL.retired]! - before);
      if (stop.kind !== 'budget' || left === 0 || !handedOver) return stop;
    }
  }

  return {
    name: 'jit',
    run,
    invalidate(start, end) {
      regions.inRange(start, end).forEach(drop);
      cold.invalidate(start, end);
    },
    stats: () => ({ ...counters, liveRegions: regions.size, ...cold.stats() }),
  };
}
