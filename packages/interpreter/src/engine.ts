import { CELL, FLAG, PROT, REG, VECTOR, type BlockInstrumentation, type CodeListener, type ColdEngine, type ColdEngineFactory, type EngineEnvironment, type HotCode, type Stop } from '@tally86/core';
import { createLifter, type IrBlock } from '@tally86/decoder';
import type { Block, CodePiece } from './block.ts';
import { CodeCache } from './code-cache.ts';
import { createEmitter } from './emit/emitter.ts';
import { KERNEL_FETCH, Machine, OWN_CODE, RAISED } from './machine.ts';

/** Longest block, in instructions: chains of closures nest one host frame for each operation. */
const MAX_BLOCK = 48;
/** Runs are cut into slices so that counters stay small integers. */
const SLICE = 1 << 30;
const JUMP_CACHE = 4096;
/** Operations that translated blocks may have together, at 100 to 200 bytes of the host's memory each; then all are dropped and made anew as they are needed. */
const MAX_TRANSLATED = 2_000_000;
const BUDGET: Stop = { kind: 'budget' };

/** An instruction that stopped half-way for reasons of ours, nothing of it done yet, and now runs alone. */
interface Repeated {
  /** What plugins still want of it: they were called when it began. */
  readonly wanted: BlockInstrumentation | undefined;
  /** Accesses that they were told of. */
  readonly told: number;
}
const restOf = (wanted: BlockInstrumentation | undefined, index: number): BlockInstrumentation | undefined =>
  wanted && { ...wanted, callbacks: [], counters: (wanted.counters ?? []).filter((c) => c.index === index).map((c) => ({ ...c, index: 0 })) };

/** The reference engine: executes IR in TypeScript. */
export const interpreter: ColdEngineFactory = { name: 'interpreter', create: (environment) => createInterpreter(environment) };

export interface InterpreterOptions {
  /** Operations that translated blocks may have together before all are dropped. Default 2,000,000: some 300 MB of the host's memory. */
  readonly maxTranslated?: number;
}

export function createInterpreter(environment: EngineEnvironment, { maxTranslated = MAX_TRANSLATED }: InterpreterOptions = {}): ColdEngine {
  const { cpu, mmu, model, hooks } = environment;
  const { u64, i32 } = cpu;
  const m = new Machine(environment);
  const cache = new CodeCache();
  const jumps: (Block | undefined)[] = Array.from({ length: JUMP_CACHE }, () => undefined);
  const lifter = createLifter({ features: model.features, fetch });
  const emitter = createEmitter(m, blockAt, lookup, targetsOf);
  let hotCode: HotCode | null = null;
  let threshold = Infinity;
  const indirect = new Map<number, Set<number>>();
  const counters = { translations: 0, flushes: 0, translatedInstructions: 0, steps: 0, faults: 0, ownCodeStores: 0, jumpCacheMisses: 0 };

  /** Where the indirect jump at `address` went so far; null while nobody wants to know. */
  function targetsOf(address: number): Set<number> | null {
    if (hotCode === null) return null;
    let set = indirect.get(address);
    if (set === undefined) indirect.set(address, (set = new Set()));
    return set;
  }

  /** Instruction bytes of one page: pages that are not executed are not touched. */
  function fetch(address: number, into: Uint8Array): number {
    if (address >= 0x8000_0000_0000) return 0;
    const host = mmu.translate(address, PROT.EXEC);
    if (host < 0) return 0;
    into.set(m.mem8.subarray(host, host + into.length));
    return into.length;
  }

  function piecesOf(ir: IrBlock): CodePiece[] {
    const pieces: CodePiece[] = [];
    for (let at = ir.address; at < ir.end; ) {
      const to = Math.min(ir.end, at - (at % 4096) + 4096);
      const host = mmu.translate(at, PROT.EXEC);
      if (host >= 0) pieces.push({ frame: host >>> 12, from: host & 4095, to: (host & 4095) + (to - at) });
      at = to;
    }
    return pieces;
  }

  /** `repeated`: the block is an instruction that begins once more, for reasons of ours. */
  function translate(address: number, max: number, repeated: Repeated | null = null): Block {
    const ir = lifter.lift(address, max);
    counters.translations++;
    counters.translatedInstructions += ir.instructions.length;
    let wanted: BlockInstrumentation | undefined;
    if (repeated !== null) ({ wanted } = repeated);
    else if (hooks !== null) wanted = hooks.translate({ address, instructions: ir.instructions });
    return {
      address, end: ir.end,
      lo: (address % 4294967296) | 0, hi: Math.floor(address / 4294967296),
      count: ir.instructions.length, instructions: ir.instructions, cost: ir.instructions.length + ir.ops.length, pieces: piecesOf(ir), wanted,
      run: emitter.emit(ir, wanted, repeated?.told), heat: threshold, valid: true,
    };
  }

  function blockAt(address: number): Block {
    let block = cache.get(address);
    if (block === undefined) {
      block = translate(address, MAX_BLOCK);
      // a failed fetch is tried anew each time; an invalid block is never linked to
      if (block.pieces.length === 0) {
        block.valid = false;
        return block;
      }
      if (cache.cost + block.cost > maxTranslated) flush();
      cache.add(block);
      for (const piece of block.pieces) mmu.markCode(piece.frame);
    }
    return block;
  }

  /** The block at an address computed by the guest; raises #GP where it is not canonical, #PF in the kernel's half. */
  function lookup(lo: number, hi: number): Block {
    const index = (lo ^ (lo >>> 12)) & (JUMP_CACHE - 1);
    const hit = jumps[index];
    if (hit !== undefined && hit.lo === lo && hit.hi === hi && hit.valid) return hit;
    counters.jumpCacheMisses++;
    if (hi >>> 15 !== 0) {
      if (hi >> 15 !== -1) m.raise(VECTOR.GP);
      // canonical: the jump itself is done, the fetch fails
      u64[CELL.rip] = (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
      throw KERNEL_FETCH;
    }
    const block = blockAt(hi * 4294967296 + (lo >>> 0));
    jumps[index] = block;
    return block;
  }

  /** The block at rip, for the start of a run. */
  function blockAtRip(): Block {
    const lo = i32[2 * CELL.rip]!;
    const hi = i32[2 * CELL.rip + 1]!;
    m.block = null;
    m.ownCodeGone = false;
    return lookup(lo, hi);
  }

  /** Puts rip and the count back to the start of instruction m.instruction. */
  function rewind(): void {
    const block = m.block;
    if (block === null) return;
    m.remaining += block.count - m.instruction;
    m.setRip(block.instructions[m.instruction]!.address);
  }

  function invalidateBlocks(blocks: readonly Block[]): void {
    for (const block of blocks) {
      cache.drop(block);
      for (const { frame } of block.pieces) if (cache.isFrameEmpty(frame) && hotCode?.holds(frame) !== true) mmu.clearCode(frame);
    }
  }

  /** Gives up every translation: a guest that executes ever new addresses must not fill the host's memory. */
  function flush(): void {
    counters.flushes++;
    invalidateBlocks(cache.all());
    // nothing may hold on to a dropped block, which holds its successors
    jumps.fill(undefined);
  }

  m.codeWrites = {
    aboutToWrite(hostOffset, size) {
      const frame = hostOffset >>> 12;
      const from = hostOffset & 4095;
      const running = m.block;
      const own = running !== null && running.pieces.some((p) => p.frame === frame && p.from < from + size && from < p.to);
      // if the running block repeats this instruction alone, the rest is dropped then
      if (own && !m.alone) return true;
      mmu.storing(frame, from, size);
      hotCode?.written(frame, from, from + size);
      invalidateBlocks(cache.inFrame(frame, from, from + size));
      if (cache.isFrameEmpty(frame) && hotCode?.holds(frame) !== true) mmu.clearCode(frame);
      return own;
    },
  };

  const listener: CodeListener = {
    frameWritten: (frame, offset, length) => invalidateBlocks(cache.inFrame(frame, offset, offset + length)),
    unmapped(start, end) {
      const running = m.block;
      if (running !== null && running.address < end && start < running.end) m.ownCodeGone = true;
      invalidateBlocks(cache.inRange(start, end));
    },
  };
  mmu.codeListener = listener;

  /** Runs one instruction that may overwrite itself, or that the trap flag follows. Returns what comes next, or null. */
  function step(repeated: Repeated | null = null): Block | null {
    counters.steps++;
    const block = translate(Number(u64[CELL.rip]!), 1, repeated);
    m.block = block;
    m.remaining -= block.count;
    m.alone = true;
    try {
      return block.run();
    } finally {
      m.alone = false;
    }
  }

  /** Runs until a stop or until the slice is used up; returns null if it is. */
  function slice(): Stop | null {
    let block: Block | null = null;
    let repeated: Repeated | null = null;
    // the caller had its say about the first block
    let asked = true;
    for (;;) {
      try {
        if (repeated !== null) {
          const it: Repeated = repeated;
          repeated = null;
          block = step(it);
          if (block !== null) m.setRip(block.address);
        }
        if (m.stop === null && (i32[2 * CELL.rflags]! & FLAG.TF) !== 0) {
          // single-stepping by the guest itself: one instruction, then #DB
          if (block !== null) m.setRip(block.address);
          if (m.remaining === 0) return null;
          block = step();
          if (block !== null) m.setRip(block.address);
          block = null;
          m.yielded = false; // between two iterations: the trap follows each
          if (m.stop === null) m.stop = { kind: 'fault', fault: { vector: VECTOR.DB, errorCode: 0, address: 0n, reason: 'unmapped' } };
        }
        for (;;) {
          if (block === null) {
            if (m.stop !== null) return m.stop;
            if (m.yielded) return null;
            if ((i32[2 * CELL.rflags]! & FLAG.TF) !== 0) break;
            block = blockAtRip();
          }
          if (--block.heat <= 0 && hotCode !== null && !asked) {
            const heat = hotCode.enter(block.address);
            if (heat < 0) {
              block.heat = 1;
              m.setRip(block.address);
              m.yielded = true;
              return null;
            }
            block.heat = heat;
          }
          asked = false;
          if (block.count > m.remaining) {
            m.setRip(block.address);
            if (m.remaining === 0) return null;
            block = translate(block.address, m.remaining);
          }
          m.block = block;
          m.remaining -= block.count;
          block = block.run();
        }
      } catch (error) {
        if (error === RAISED) {
          counters.faults++;
          rewind();
          if (m.nonCanonical) {
            m.nonCanonical = false;
            const rsp = i32[2 * REG.rsp + 1]!;
            if (lifter.addressesStack(Number(u64[CELL.rip]!), rsp >> 15 === rsp >> 31)) m.stop = { kind: 'fault', fault: { vector: VECTOR.SS, errorCode: 0, address: 0n, reason: 'unmapped' } };
          }
          return m.stop;
        }
        if (error === KERNEL_FETCH) {
          // the jump was the last instruction of the budget: the fetch belongs to the next run
          if (m.remaining === 0 && m.block !== null) return null;
          counters.faults++;
          const address = u64[CELL.rip]!;
          m.stop = { kind: 'fault', fault: { vector: VECTOR.PF, errorCode: 0x15, address, reason: 'unmapped' } };
          return m.stop;
        }
        if (error !== OWN_CODE) throw error;
        counters.ownCodeStores++;
        rewind();
        repeated = { wanted: hooks === null ? undefined : restOf(m.block!.wanted, m.instruction), told: m.told };
        block = null;
      }
    }
  }

  function run(budget: number): Stop {
    const before = Number(u64[CELL.retired]!);
    let left = budget;
    let done = 0;
    for (;;) {
      const size = Math.min(left, SLICE);
      m.budget = size;
      m.remaining = size;
      m.retiredBefore = before + done;
      m.stop = null;
      m.yielded = false;
      const stop = slice();
      done += size - m.remaining;
      left -= size - m.remaining;
      u64[CELL.retired] = BigInt(before + done);
      m.block = null;
      if (stop !== null) return stop;
      if (left === 0 || m.yielded) return BUDGET;
    }
  }

  return {
    name: 'interpreter',
    run,
    get hotCode() {
      return hotCode;
    },
    set hotCode(value) {
      hotCode = value;
      threshold = value === null ? Infinity : value.threshold;
    },
    executions(address) {
      const block = cache.get(address);
      return block === undefined ? -1 : Math.min(Math.abs(threshold - block.heat) || 0, threshold);
    },
    targets: (address) => [...(indirect.get(address) ?? [])],
    invalidate: (start, end) => invalidateBlocks(cache.inRange(start, end)),
    stats: () => ({ blocks: cache.size, ...counters, invalidatedBlocks: cache.invalidated }),
  };
}

