import { CELL, FLAG, PROT, type CodeListener, type ColdEngine, type EngineEnvironment, type HotCode, type Stop } from '@tally86/core';
import { createLifter } from '@tally86/decoder';
import { enterKernel, readArithmeticFlags } from '@tally86/helpers';
import { JIT_CELL } from '../layout.ts';
import { FunctionStarts } from '../region/functions.ts';
import { createFetch } from '../runtime/code-pages.ts';
import { BAIL, JitHelperContext } from '../runtime/helper-context.ts';
import { HelperTable } from '../runtime/helper-table.ts';
import { Instrumentation, NO_COUNTS, pay, sumOf } from '../runtime/instrumentation.ts';
import { jumpSet, makeRoom } from '../runtime/jump-cache.ts';
import { MicroBlocks, NONE, type MicroBlock } from './blocks.ts';
import { CODES } from './codes.ts';
import type { MicroImage } from './image.ts';
import { areaLayout, AT, MICRO_CELL, REASON, RECORD } from './layout.ts';
import { ACCESS_BYTES, instantiateMicro } from './module.ts';
import { Translator, type Translated } from './translate.ts';

/** Longest block, in instructions. */
const MAX_BLOCK = 64;
/** Runs are cut into slices so that counters stay small integers. */
const SLICE = 1 << 30;
const NEVER = 0x7fff_ffff;
/** Executions of a block that a plugin watches before the exact engine asks about it again. */
const WATCHED = 1 << 24;
/** The area for micro-operations has at least so many bytes, or all is left to the exact engine. */
const MIN_AREA = 1 << 21;
/** Executions of a block until a region that was there before is asked for: by then pages that it needs are likely to be there. */
const SOON = 4;
/** What a block ends in that depends on nothing but its bytes. */
const LASTING: ReadonlySet<string> = new Set(['jump', 'jumpind', 'branch', 'branchcc', 'string', 'syscall', 'leave']);
const BUDGET: Stop = { kind: 'budget' };
const SYSCALL: Stop = { kind: 'syscall' };
/** What exact left undecided. */
const GO_ON: Stop = { kind: 'budget' };

/** What an engine for hot code lets micro-operations know. */
export interface Regions {
  /** The slot that leads to a region with an entry at this address; −1: there is none. */
  slotOf(address: number): number;
  /** Whether there was such a region, whose code may be there again. */
  mayReturn(address: number): boolean;
  /** All places mean nothing from now on. */
  flushed(): void;
}

/** An engine that executes micro-operations, and can be entered from WebAssembly. */
export interface MicroEngine extends ColdEngine {
  /** Executes from a place; returns why it stopped. */
  readonly runFrom: (place: number) => number;
  /** Asked about regions. */
  regions: Regions | null;
  /** Accesses so far that the TLB did not serve. */
  readonly misses: number;
  /** Where the block at an address starts; 0: the exact engine has to execute what is there. */
  placeOf(address: number): number;
  /** Where the function around an address starts, as far as calls have shown; −1: not known. */
  functionAround(address: number): number;
  /** Before the first `runFrom` of a run. */
  begin(): void;
  /** Before `runFrom` is let called by others that run for at most `budget` instructions; CELL.retired tells what was completed before. */
  lend(budget: number): void;
  /** For a later engine that executes the same, with views of this one's memory: good until it runs on. Null: plugins watch, or not all found room. Between runs only. */
  save(): MicroImage | null;
  /** What an earlier engine saved; nothing happens if this one cannot use it. */
  load(image: MicroImage): void;
  /** Goes on, for at most `budget` instructions, where `runFrom` stopped for a reason of the host. */
  resume(reason: number, budget: number): Stop;
  /** From now on the block at an address is executed by the region that a slot leads to; or not any more. */
  handOver(address: number, slot: number): void;
  takeBack(address: number): void;
}

/**
 * An engine for cold code: executes blocks as micro-operations in WebAssembly, and has `exact` do the instructions that it has none for, that fault,
 * or that overwrite code; and blocks for which plugins want to be called. Null where the memory has no room for engines. `shared`: whoever runs this
 * engine as a part brings counters up to date when its own runs end, and has `exact` tell it of calls.
 */
export function createMicroEngine(environment: EngineEnvironment, exact: ColdEngine, shared?: Instrumentation | null): MicroEngine | null {
  const { cpu, mmu, model, hooks } = environment;
  if (mmu.engineArea.size < MIN_AREA) return null;
  const own = shared === undefined && hooks !== null ? new Instrumentation(hooks, mmu) : null;
  own?.expectCalls();
  const instrumentation = own ?? shared ?? null;
  const { u64, i32 } = cpu;
  const words = new Int32Array(mmu.buffer);
  const halves = new Uint16Array(mmu.buffer);
  const bytes = new Uint8Array(mmu.buffer);
  const area = areaLayout(mmu.engineArea);
  const lifter = createLifter({ features: model.features, fetch: createFetch(mmu) });
  const context = new JitHelperContext(cpu, mmu, model, { tsc: () => environment.readTsc(retiredNow()), random: () => environment.readRandom?.() ?? null });
  const helpers = new HelperTable(context);
  const translator = new Translator(mmu.buffer, helpers.number);
  const blocks = new MicroBlocks();
  const functions = new FunctionStarts();
  const sites = new Map<number, Set<number>>();
  const counters = { microBlocks: 0, microInstructions: 0, microFlushes: 0, microDropped: 0, microRevived: 0, microLoaded: 0, microExact: 0, microMisses: 0, microLinks: 0, microIndirect: 0, microBails: 0 };
  const REMAINING = 2 * JIT_CELL.remaining;
  const PLACE = 2 * MICRO_CELL.place;

  const instance = instantiateMicro(mmu.tlb, mmu.buffer.byteLength >>> 16 || 65_536, {
    memory: mmu.memory as WebAssembly.Memory,
    readFlags: () => readArithmeticFlags(cpu),
    helper: helpers.call,
  });
  const runFrom = instance.exports.run as (place: number) => number;

  let hotCode: HotCode | null = null;
  let regions: Regions | null = null;
  let threshold = NEVER;
  let free = area.code;
  /** Counts how often everything was given up, so that places from before are known as such. */
  let generation = 0;
  words.fill(-1, area.jumps >> 2, area.aside >> 2);

  function flush(): void {
    counters.microFlushes++;
    generation++;
    blocks.clear();
    // a guest that executes ever new addresses must not fill the host's memory with what was learnt about old ones
    functions.clear();
    sites.clear();
    free = area.code;
    words.fill(-1, area.jumps >> 2, area.aside >> 2);
    regions?.flushed();
  }

  /** The frames that a block's bytes lie in, the second −1 if it is in one. */
  const frames = { first: 0, next: -1 };
  /** False: not all of the bytes can be fetched. */
  function findFrames(address: number, end: number): boolean {
    const host = mmu.translate(address, PROT.EXEC);
    if (host < 0 || end <= address) return false;
    const boundary = address - (address % 4096) + 4096;
    const next = end > boundary ? mmu.translate(boundary, PROT.EXEC) : 0;
    if (next < 0) return false;
    frames.first = host >>> 12;
    frames.next = end > boundary ? next >>> 12 : -1;
    return true;
  }
  /** The pages that code was found in: writes to them are told. */
  function markFrames(): void {
    mmu.markCode(frames.first);
    if (frames.next >= 0) mmu.markCode(frames.next);
  }
  function writeEntry(block: MicroBlock): void {
    const place = blocks.place(block);
    const address = blocks.address(block);
    halves[place >> 1] = CODES.enter;
    halves[(place + AT.count) >> 1] = blocks.count(block);
    words[(place + AT.heat) >> 2] = regions?.mayReturn(address) === true ? Math.min(SOON, threshold) : threshold;
    words[(place + AT.block) >> 2] = block;
    const slot = regions?.slotOf(address) ?? -1;
    if (slot >= 0) leadTo(place, slot);
  }
  /** A block that was dropped, if the same bytes are there again: another process executes the program, or a library is back. With it, others of its page. */
  function revive(address: number): MicroBlock {
    const block = blocks.parked(address);
    if (block === NONE || !findFrames(address, blocks.end(block)) || !reviveIn(block, frames.first, frames.next)) return NONE;
    for (const other of blocks.parkedIn(Math.floor(address / 4096))) reviveIn(other, frames.first, -1);
    markFrames();
    return block;
  }
  /** Whether a block is what lies in these frames. */
  function reviveIn(block: MicroBlock, frame: number, next: number): boolean {
    if (!blocks.isMadeOf(block, bytes, frame, next)) return false;
    blocks.revive(block, frame, next);
    writeEntry(block);
    counters.microRevived++;
    return true;
  }

  const translated: Translated = { count: 0, end: 0 };
  function translate(address: number): MicroBlock {
    const ir = lifter.lift(address, MAX_BLOCK);
    // a failed fetch is tried anew each time
    if (!findFrames(address, ir.end)) return NONE;
    const wanted = instrumentation === null ? NO_COUNTS : instrumentation.ask(address, ir.instructions);
    let counts = wanted ?? NO_COUNTS;
    if (free + Translator.room(ir, counts.length) > area.end) flush();
    if (wanted === null) translator.nothing(free, translated);
    else translator.block(ir, free, sumOf(counts), translated);
    // a run may end in front of what the exact engine does: flags that the rest overwrites unseen are recorded all the same, which may take it earlier
    for (let known = ir.instructions.length, { ops } = ir; translated.count < known; ) {
      known = translated.count;
      counts = counts.filter(({ index }) => index < known);
      if (known === 0) translator.nothing(free, translated);
      else {
        const { first } = ir.instructions[known]!;
        // what stopped it last time stops it again, if nothing earlier does
        ops = [...lifter.lift(address, known).ops.slice(0, first), ...ops.slice(first)];
        translator.block({ ...ir, ops }, free, sumOf(counts), translated);
      }
    }
    const last = ir.ops[ir.ops.length - 1]!;
    const calls = (last.op === 'jump' || last.op === 'jumpind') && last.kind === 'call';
    if (calls && last.op === 'jump') functions.add(last.target);
    const block = blocks.add(
      {
        address, end: ir.end, place: free, count: translated.count, instructions: ir.instructions, calls, counts, isWatched: wanted === null,
        // plugins are asked anew; what could not be decoded may be cut off
        isLasting: instrumentation === null && LASTING.has(last.op),
      },
      bytes, frames.first, frames.next,
    );
    writeEntry(block);
    free = translated.end;
    markFrames();
    counters.microBlocks++;
    counters.microInstructions += ir.instructions.length;
    return block;
  }
  function leadTo(place: number, slot: number): void {
    halves[place >> 1] = CODES.translated;
    words[(place + AT.slot) >> 2] = slot;
  }
  function blockAt(address: number): MicroBlock {
    const block = blocks.get(address);
    if (block !== NONE) return block;
    const revived = revive(address);
    return revived !== NONE ? revived : translate(address);
  }
  /** Where it starts; 0: there is none. */
  function placeOf(address: number): number {
    const block = blockAt(address);
    return block === NONE ? 0 : blocks.place(block);
  }

  /** Drops a block: whoever comes to its entry asks for the block anew. */
  function drop(block: MicroBlock): void {
    if (!blocks.isValid(block)) return;
    counters.microDropped++;
    context.invalidations++;
    blocks.remove(block);
    const place = blocks.place(block);
    const address = blocks.address(block);
    halves[place >> 1] = CODES.link;
    halves[(place + AT.high) >> 1] = Math.floor(address / 4294967296);
    words[(place + AT.low) >> 2] = address | 0;
    words[(place + AT.site) >> 2] = 0;
  }
  function save(): MicroImage | null {
    // plugins would have to be asked anew; and what did not fit once does not fit the next time
    if (instrumentation !== null || counters.microFlushes > 0) return null;
    // each entry asks for its block then; if this engine goes on they are revived
    blocks.valid().forEach(drop);
    return { code: area.code, model: model.name, helpers: helpers.names, records: bytes.subarray(area.code, free), functions: Float64Array.from(functions.all()), ...blocks.save() };
  }
  /** Blocks of an earlier engine, which are revived as they are needed. */
  function load(image: MicroImage): void {
    const { records } = image;
    if (instrumentation !== null || image.code !== area.code || image.model !== model.name || area.code + records.length > area.end) return;
    const end = area.code + records.length;
    if (!image.places.every((place, i) => place >= (image.places[i - 1] ?? area.code) && place < end)) return;
    if (blocks.size > 0 || !helpers.load(image.helpers)) return;
    bytes.set(records, area.code);
    free = end;
    blocks.load(image);
    image.functions.forEach((address) => functions.add(address));
    counters.microLoaded = blocks.size;
  }

  let handedBack = false;
  exact.hotCode = {
    // exact runs to the end of its first block and no further
    threshold: 1,
    enter(address) {
      // it goes through what plugins watch by itself
      if (instrumentation !== null) {
        const block = blockAt(address);
        if (block !== NONE && blocks.isWatched(block)) return WATCHED;
      }
      handedBack = true;
      return -1;
    },
    written(frame, from, to) {
      blocks.inFrame(frame, from, to).forEach(drop);
      hotCode?.written(frame, from, to);
    },
    holds: (frame) => blocks.holds(frame) || hotCode?.holds(frame) === true,
  };
  const exactListener = mmu.codeListener;
  const listener: CodeListener = {
    frameWritten(frame, offset, length) {
      blocks.inFrame(frame, offset, offset + length).forEach(drop);
      exactListener?.frameWritten(frame, offset, length);
    },
    unmapped(start, end) {
      blocks.inRange(start, end).forEach(drop);
      exactListener?.unmapped(start, end);
    },
  };
  mmu.codeListener = listener;

  function setRip(address: number): void {
    i32[2 * CELL.rip] = address | 0;
    i32[2 * CELL.rip + 1] = Math.floor(address / 4294967296);
  }
  /** A number from the halves of an address of user space. */
  const join = (lo: number, hi: number): number => hi * 4294967296 + (lo >>> 0);

  // state of a run
  let remaining = 0;
  let size = 0;
  let retiredBefore = 0;

  /** What `budget` belongs to: a run of somebody else, which lets micro-operations be executed in between, or one of this engine. */
  let lent = -1;
  /** Instructions completed before the one that calls a helper. */
  function retiredNow(): number {
    const place = i32[PLACE]!;
    const open = blocks.count(blocks.around(place)) - bytes[place + AT.instruction]!;
    return (lent < 0 ? retiredBefore + size : Number(u64[CELL.retired]!) + lent) - i32[REMAINING]! - open;
  }

  /** `exact` goes on at rip, to the end of a block at the most. GO_ON: micro-operations may go on behind that. */
  function runExact(): Stop {
    counters.microExact++;
    const before = retiredBefore + size - remaining;
    u64[CELL.retired] = BigInt(before);
    handedBack = false;
    instrumentation?.settleForCalls();
    const stop = exact.run(remaining);
    remaining -= Number(u64[CELL.retired]!) - before;
    if (stop.kind !== 'budget') return stop;
    return remaining > 0 && handedBack ? GO_ON : BUDGET;
  }

  /** Puts rip and the count in front of the instruction that the record at a place belongs to. */
  function rewind(place: number): void {
    const block = blocks.around(place);
    const k = bytes[place + AT.instruction]!;
    const counts = blocks.counts(block);
    remaining += blocks.count(block) - k;
    if (counts.length > 0) pay(counts.filter(({ index }) => index >= k), -1);
    setRip(blocks.instruction(block, k));
  }

  /** True if the access at a place can be tried again. */
  function fill(place: number, access: number): boolean {
    counters.microMisses++;
    const hi = i32[2 * MICRO_CELL.missed + 1]!;
    if (hi >>> 15 !== 0) return false;
    const lo = i32[2 * MICRO_CELL.missed]!;
    // crossing a page: never in the TLB
    if ((lo & 4095) > 4096 - ACCESS_BYTES[halves[place >> 1]!]!) return false;
    const block = blocks.around(place);
    const wasValid = blocks.isValid(block);
    const host = mmu.translate(join(lo, hi), access);
    if (host < 0 || (access === PROT.WRITE && mmu.isCodeFrame(host >>> 12))) return false;
    return blocks.isValid(block) || !wasValid;
  }

  /** Where execution goes on at rip; 0: by the exact engine. */
  function placeAtRip(): number {
    const hi = i32[2 * CELL.rip + 1]!;
    if (hi >>> 15 !== 0) return 0;
    return placeOf(join(i32[2 * CELL.rip]!, hi));
  }
  /** The same for a block that the caller had its say about: it is executed here, hot or not. */
  function placeToStart(): number {
    const place = placeAtRip();
    if (place === 0) return 0;
    if (halves[place >> 1] === CODES.translated) {
      const { aside } = area;
      words.copyWithin(aside >> 2, place >> 2, (place + RECORD) >> 2);
      halves[aside >> 1] = CODES.enter;
      words[(aside + AT.heat) >> 2] = NEVER;
      halves[(aside + RECORD) >> 1] = CODES.goto;
      words[(aside + RECORD + AT.taken) >> 2] = place + RECORD;
      return aside;
    }
    if (words[(place + AT.heat) >> 2]! <= 1) words[(place + AT.heat) >> 2] = 2;
    return place;
  }

  /** Runs until a stop or until the slice is used up; `stopped`: why micro-operations that somebody else let run stopped, or nothing. */
  function slice(stopped?: number): Stop {
    let place = stopped === undefined ? placeToStart() : i32[PLACE]!;
    for (let reason = stopped; ; reason = undefined) {
      if (place === 0) {
        if (remaining === 0) return BUDGET;
        const stop = runExact();
        if (stop !== GO_ON) return stop;
        if ((i32[2 * CELL.rflags]! & FLAG.TF) !== 0) return runTraced();
        place = placeAtRip();
        continue;
      }
      if (reason === undefined) {
        i32[REMAINING] = remaining;
        try {
          reason = runFrom(place);
        } catch (error) {
          if (error !== BAIL) throw error;
          counters.microBails++;
          reason = REASON.exact;
        }
        remaining = i32[REMAINING]!;
        place = i32[PLACE]!;
      }
      if (reason < 0) {
        const address = blocks.address(words[(place + AT.block) >> 2]!);
        hotCode?.enter(address);
        setRip(address);
        return BUDGET;
      }
      switch (reason) {
        case REASON.budget:
          // somebody else's slice may have been shorter
          if (remaining >= halves[(place + AT.count) >> 1]!) break;
          setRip(blocks.address(words[(place + AT.block) >> 2]!));
          if (remaining === 0) return BUDGET;
          place = 0;
          break;
        case REASON.heat: {
          const address = blocks.address(words[(place + AT.block) >> 2]!);
          const heat = hotCode === null ? NEVER : hotCode.enter(address);
          if (heat < 0) {
            words[(place + AT.heat) >> 2] = 1;
            setRip(address);
            return BUDGET;
          }
          words[(place + AT.heat) >> 2] = Math.min(heat + 1, NEVER);
          break;
        }
        case REASON.link: place = link(place); break;
        case REASON.read: case REASON.write:
          if (fill(place, reason === REASON.read ? PROT.READ : PROT.WRITE)) break;
          rewind(place);
          place = 0;
          break;
        case REASON.indirect: place = indirect(place); break;
        case REASON.syscall:
          enterKernel(cpu, join(words[(place + AT.low) >> 2]!, halves[(place + AT.high) >> 1]!));
          return SYSCALL;
        default:
          rewind(place);
          place = 0;
      }
    }
  }

  /** Makes the link that the record at a place stands for. */
  function link(place: number): number {
    counters.microLinks++;
    const address = join(words[(place + AT.low) >> 2]!, halves[(place + AT.high) >> 1]!);
    const site = words[(place + AT.site) >> 2]!;
    const before = generation;
    const block = blockAt(address);
    if (block === NONE) {
      setRip(address);
      return 0;
    }
    const start = blocks.place(block);
    if (generation === before) {
      if (site !== 0) words[site >> 2] = start;
      else if (place !== start) {
        // the entry of a block that was dropped, and is not the one that is there again
        halves[place >> 1] = CODES.goto;
        words[(place + AT.taken) >> 2] = start;
      }
    }
    return start;
  }

  /** Goes on where an indirect jump leads, and lets the jump cache know. */
  function indirect(place: number): number {
    counters.microIndirect++;
    const lo = i32[2 * MICRO_CELL.address]!;
    const hi = i32[2 * MICRO_CELL.address + 1]!;
    const address = join(lo, hi);
    const salt = words[(place + AT.salt) >> 2]!;
    const from = blocks.around(place);
    if (blocks.isCall(from)) functions.add(address);
    if (salt !== 0 && hotCode !== null) {
      const site = blocks.instruction(from, bytes[place + AT.instruction]!);
      const set = sites.get(site);
      if (set === undefined) sites.set(site, new Set([address]));
      else set.add(address);
    }
    const block = blockAt(address);
    if (block === NONE) {
      setRip(address);
      return 0;
    }
    const start = blocks.place(block);
    const at = (area.jumps + jumpSet(lo ^ salt)) >> 2;
    makeRoom(words, at);
    words[at] = lo;
    words[at + 1] = hi;
    words[at + 2] = start;
    words[at + 3] = salt;
    return start;
  }

  /** The trap flag is set: everything by the exact engine. */
  function runTraced(): Stop {
    const stop = runExact();
    return stop === GO_ON ? BUDGET : stop;
  }

  function begin(): void {
    lent = -1;
    i32[2 * MICRO_CELL.zero] = i32[2 * MICRO_CELL.zero + 1] = 0;
    i32[2 * MICRO_CELL.jumps] = area.jumps;
  }
  function run(budget: number, stopped?: number): Stop {
    begin();
    let left = budget;
    for (;;) {
      size = remaining = Math.min(left, SLICE);
      retiredBefore = Number(u64[CELL.retired]!);
      const stop = (i32[2 * CELL.rflags]! & FLAG.TF) !== 0 ? runTraced() : slice(stopped);
      stopped = undefined;
      left -= size - remaining;
      u64[CELL.retired] = BigInt(retiredBefore + size - remaining);
      if (stop.kind !== 'budget' || remaining > 0 || left === 0) return stop;
    }
  }

  return {
    name: 'micro',
    run(budget) {
      const stop = run(budget);
      own?.settle();
      return stop;
    },
    runFrom,
    get regions() {
      return regions;
    },
    set regions(value) {
      regions = value;
    },
    placeOf,
    functionAround: (address) => functions.around(address),
    begin,
    lend(budget) {
      lent = budget;
    },
    save,
    load,
    resume: (reason, budget) => run(budget, reason),
    handOver(address, slot) {
      const block = blocks.get(address);
      if (block !== NONE) leadTo(blocks.place(block), slot);
    },
    get misses() {
      return counters.microMisses;
    },
    takeBack(address) {
      const block = blocks.get(address);
      if (block === NONE) return;
      const place = blocks.place(block);
      halves[place >> 1] = CODES.enter;
      words[(place + AT.heat) >> 2] = Math.max(2, threshold >> 2);
    },
    get hotCode() {
      return hotCode;
    },
    set hotCode(value) {
      hotCode = value;
      threshold = value === null ? NEVER : Math.min(Math.max(2, value.threshold), NEVER);
    },
    executions(address) {
      const block = blocks.get(address);
      return block === NONE ? -1 : Math.min(Math.abs(threshold - words[(blocks.place(block) + AT.heat) >> 2]!), threshold);
    },
    targets: (address) => [...new Set([...(sites.get(address) ?? []), ...exact.targets(address)])],
    invalidate(start, end) {
      blocks.inRange(start, end).forEach(drop);
      exact.invalidate(start, end);
    },
    stats: () => ({ ...counters, ...exact.stats() }),
  };
}
