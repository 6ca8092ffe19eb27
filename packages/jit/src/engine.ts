import { CELL, FLAG, type CodeListener, type ColdEngineFactory, type EngineEnvironment, type EngineFactory, type HotCode, type Stop } from '@tally86/core';
import { createLifter } from '@tally86/decoder';
import { readArithmeticFlags } from '@tally86/helpers';
import { emitRegion } from './emit/region.ts';
import type { EmittedRegion, RegionOptions } from './emit/region-options.ts';
import type { ExitPoint } from './emit/writer.ts';
import { JIT_CELL } from './layout.ts';
import { createMicroEngine } from './micro/engine.ts';
import { microImage, microSection } from './micro/image.ts';
import { REASON } from './micro/layout.ts';
import type { ImageOptions, JitEngine, JitOptions } from './options.ts';
import { causeOf, ExitTally, noExits } from './report/exits.ts';
import { describeRegion } from './report/region-report.ts';
import { createStopwatch } from './report/stopwatch.ts';
import { decodeSections, joined, sectionPieces, type DraftSection, type Pieces } from './image/columns.ts';
import { createPlanner, HESITATE_FROM } from './region/plan.ts';
import { calleesOf, LiveWords, type CallablePlan } from './runtime/direct-calls.ts';
import { createDispatcher, IMPORT_TYPES, REGION_IMPORTS, type Link } from './runtime/dispatcher.ts';
import { canCompile } from './runtime/can-compile.ts';
import { BAIL, JitHelperContext } from './runtime/helper-context.ts';
import { Exits } from './runtime/exits.ts';
import { codePieces, createFetch } from './runtime/code-pages.ts';
import { HelperTable } from './runtime/helper-table.ts';
import { Instrumentation, pay } from './runtime/instrumentation.ts';
import { regionColumns, regionsOf } from './runtime/kept-regions.ts';
import { Lessons, STUBBORN } from './runtime/lessons.ts';
import { Linker } from './runtime/linker.ts';
import { NO_CODE } from './runtime/machine-code.ts';
import { ParkedRegions } from './runtime/parked-regions.ts';
import { regionImage, regionSection, type RegionImage } from './runtime/region-image.ts';
import { RegionSet, type Region, type RegionModule } from './runtime/regions.ts';
import { encodeModule } from './wasm/module.ts';

const WASM_PAGE = 65_536;
/** Translated code comes back to the host after so many instructions, so that a better compiled version can take over. */
const SLICE = 1 << 20;
/** Executions until a block that could not be translated is asked about again. */
const NOT_AGAIN = 1 << 30;
/** Regions that are compiled together, at the most; and how often one of them may be asked for before the others are not waited for. */
const BATCH = 24;
const PATIENCE = 3;
/** An indirect call compares with as many targets before it asks the dispatcher. */
const MOST_TARGETS = 3;
/** See JitOptions.maxExits. */
const MAX_EXITS = 1 << 20;
const BUDGET: Stop = { kind: 'budget' };

/**
 * An engine that translates hot code to WebAssembly and leaves the rest to `cold`. Where the host forbids WebAssembly the engine created is the
 * cold one, by its own name.
 */
export function jit(cold: ColdEngineFactory, { image: first, ...options }: JitOptions = {}): EngineFactory {
  let image = first;
  return {
    name: 'jit',
    create(environment) {
      if (!canCompile()) return cold.create(environment);
      const engine = createJit(environment, cold, { ...options, ...image !== undefined && { image } });
      image = undefined;
      return engine;
    },
  };
}

/** @throws where the host forbids WebAssembly. */
export function createJit(environment: EngineEnvironment, coldFactory: ColdEngineFactory, { image: given, ...options }: JitOptions = {}): JitEngine {
  const { cpu, mmu, model, hooks } = environment;
  const { u64, i32 } = cpu;
  const maxExits = options.maxExits ?? MAX_EXITS;
  const stubborn = { ...STUBBORN, ...options.stubborn };
  const batch = options.batch ?? BATCH;
  const instrumentation = hooks === null ? null : new Instrumentation(hooks, mmu);
  const exact = coldFactory.create(instrumentation === null ? environment : { ...environment, hooks: instrumentation.hooks });
  const micro = options.micro === false ? null : createMicroEngine(environment, exact, instrumentation);
  const cold = micro ?? exact;
  const context = new JitHelperContext(cpu, mmu, model);
  const helpers = new HelperTable(context);
  const dispatcher = createDispatcher({
    readFlags: () => readArithmeticFlags(cpu),
    helper: helpers.call,
    micro: micro?.runFrom ?? (() => REASON.exact),
  });
  const lifter = createLifter({ features: model.features, fetch: createFetch(mmu) });

  const regions = new RegionSet();
  const liveWords = new LiveWords(mmu);
  const lessons = new Lessons();
  // plugins would have to be asked anew
  const parked = micro === null || instrumentation !== null ? null : new ParkedRegions(mmu, (region) => discard(region));
  /** How often regions were translated from an address. */
  const translations = new Map<number, number>();
  const entries = new Map<number, { readonly region: Region; readonly entry: number; readonly slot: number }>();
  const slots = new Map<number, number>();
  const slotAddress: number[] = [];
  const exits = new Exits();
  const counters = {
    regions: 0, regionFlushes: 0, modules: 0, regionInstructions: 0, wasmBytes: 0,
    invalidatedRegions: 0, loadedRegions: 0, revivedRegions: 0, enters: 0, coldLinks: 0, bails: 0, refused: 0, retranslations: 0, grown: 0, retiredHere: 0,
  };
  const threshold = options.threshold ?? (micro === null ? 1000 : 8000);
  const arrivals = new Map<number, number>();
  /** Blocks that were hot once and have to be so again: see Planner.hesitates. */
  const postponed = new Set<number>();
  let handedOver = false;
  const exitCounts = noExits();
  const exitsOfDropped = new ExitTally();
  const watch = createStopwatch(options.clock);

  function slotOf(address: number): number {
    let slot = slots.get(address);
    if (slot === undefined) {
      slot = slotAddress.length;
      slots.set(address, slot);
      slotAddress.push(address);
      dispatcher.addSlot(slot, address);
    }
    return slot;
  }
  const planner = createPlanner({
    lifter, threshold, hesitateFrom: options.hesitateFrom ?? HESITATE_FROM,
    limits: { blocks: options.maxBlocks ?? 200, instructions: options.maxInstructions ?? 2000 },
    executions: (address) => (postponed.has(address) ? threshold : cold.executions(address)),
    targets: (address) => cold.targets(address),
    counts: instrumentation === null ? undefined : (instructions) => instrumentation.ask(instructions[0]!.address, instructions),
    regionAt: (address) => entries.get(address)?.region,
    functionAround: (address) => micro?.functionAround(address) ?? -1,
    translated: () => counters.regionInstructions + loadedInstructions,
    replace(region) {
      counters.grown++;
      drop(region, 'replaced');
    },
  });
  const linker = new Linker({ env: { memory: mmu.memory as WebAssembly.Memory, ...dispatcher.imports } }, dispatcher.absent, options.machineCode ?? null);
  const pages = mmu.buffer.byteLength / WASM_PAGE;
  /** What addresses and numbers of the machine regions have in them. */
  const layout = JSON.stringify([pages, mmu.tlb, mmu.engineArea]);
  /** What was there from an earlier engine. */
  let loadedModules = 0;
  let loadedInstructions = 0;

  /** A region that is written but not compiled yet. */
  interface Draft extends CallablePlan {
    readonly emitted: EmittedRegion;
    readonly firstExit: number;
    readonly endExit: number;
  }

  function draft(planned: CallablePlan, callee: RegionOptions['callee']): Draft {
    const firstExit = exits.count;
    const emitted = emitRegion(planned.graph, planned.flow, {
      tlb: mmu.tlb,
      numbers: { slot: slotOf, exit: (point) => exits.add(point) },
      imports: { invoke: 0, readFlags: 1, helper: 2, flags: 3, strings: 4, helperNumber: helpers.number },
      type: 0,
      callee,
      targets: calledBy,
      // asked for each operation
      isAlone: lessons.isEmpty ? () => false : (a) => lessons.isAlone(a),
      floats: lessons.isEmpty ? () => undefined : (a) => lessons.floats(a),
    });
    return { ...planned, emitted, firstExit, endExit: exits.count };
  }

  /** Where an indirect call went, if those are few. */
  function calledBy(address: number): readonly number[] {
    const targets = cold.targets(address);
    return targets.length <= MOST_TARGETS ? targets : [];
  }

  /** Blocks inside of the regions that were translated last: they are asked about again if they stay hot. */
  const inside = new Set<number>();
  /** Translates the regions that start at these addresses, in one module: modules and instances cost more than what is in them. `again`: what was there before. */
  function translate(addresses: readonly number[], again?: Region): void {
    const before = watch.turn('lift');
    translateNow(addresses, again);
    watch.turn(before);
  }
  function translateNow(addresses: readonly number[], again?: Region): void {
    if (exits.count > maxExits || arrivals.size > maxExits) flush();
    const plans: CallablePlan[] = [];
    const planned = new Set<number>();
    inside.clear();
    for (const address of addresses) {
      if (entries.has(address) || planned.has(address) || inside.has(address)) continue;
      const made = planner.plan(address, planned, again);
      if (made === null) {
        counters.refused++;
        continue;
      }
      plans.push({ ...made, live: liveWords.take() });
      made.entries.forEach((a) => planned.add(a));
      made.graph.blocks.forEach((b) => b.inlined || inside.add(b.address));
    }
    if (plans.length === 0) return;
    watch.turn('emit');
    const { imported, callee } = calleesOf(plans, { first: REGION_IMPORTS.length, entryAt: (address) => entries.get(address), calledBy });
    const drafts = plans.map((p) => draft(p, callee));
    watch.turn('compile');
    const bytes = encodeModule({
      types: IMPORT_TYPES,
      imports: [
        { module: 'env', name: 'memory', kind: 'memory', pages, maximum: pages },
        ...REGION_IMPORTS.map((name, i) => ({ module: 'env', name, kind: 'function' as const, type: i + 1 })),
        ...imported.map((_, i) => ({ module: 'regions', name: String(i), kind: 'function' as const, type: 0 })),
      ],
      functions: drafts.map((d) => d.emitted.body),
      ...options.observe !== undefined && { names: drafts.map((d) => nameOf(d.graph.blocks[0]!.address)) },
      exports: drafts.map((_, i) => ({ name: String(i), index: REGION_IMPORTS.length + imported.length + i })),
    });
    const module: RegionModule = { number: loadedModules + counters.modules++, bytes, imported, kept: NO_CODE, linked: null };
    counters.wasmBytes += bytes.length;
    const functions = [...REGION_IMPORTS, ...imported.map((r) => nameOf(r.address)), ...drafts.map((d) => nameOf(d.graph.blocks[0]!.address))];
    drafts.forEach((d, i) => publish(d, module, i, functions));
  }

  /** Makes a compiled region known. */
  function publish({ graph, entries: addresses, live, emitted, firstExit, endExit }: Draft, module: RegionModule, exported: number, functions: readonly string[]): void {
    const { address } = graph.blocks[0]!;
    const before = translations.get(address) ?? 0;
    translations.set(address, before + 1);
    const region: Region = {
      address, entries: addresses, module, exported, functionIndex: 0, before, live, pieces: codePieces(mmu, graph), firstExit, endExit,
      instructions: graph.instructionCount, size: emitted.body.code.length, born: counters.regions, valid: true,
    };
    parked?.keep(region);
    enlist(region);
    if (options.observe !== undefined) {
      watch.turn('elsewhere');
      options.observe(describeRegion({
        number: counters.regions, graph, entries: addresses, emitted, functions, firstExit, features: model.features,
        exits: exits.between(firstExit, endExit),
        addressOfSlot: (n) => slotAddress[n],
        fetch: (at, length) => {
          const code = new Uint8Array(length);
          mmu.peek(at, code);
          return code;
        },
      }));
      watch.turn('compile');
    }
    counters.regions++;
    counters.regionInstructions += graph.instructionCount;
  }

  /** A region can be entered from now on. */
  function enlist(region: Region): void {
    if (region.functionIndex === 0) region.functionIndex = dispatcher.addFunction(linker.functionOf(region));
    const { functionIndex } = region;
    regions.add(region);
    liveWords.set(region.live, true);
    for (const { frame } of region.pieces) mmu.markCode(frame);
    region.entries.forEach((a, entry) => {
      if (entries.has(a)) return;
      const slot = slotOf(a);
      entries.set(a, { region, entry, slot });
      dispatcher.setSlot(slot, functionIndex, entry);
      dispatcher.remember(a, functionIndex, entry);
      micro?.handOver(a, slot);
    });
  }
  /** A region with an entry at an address that was dropped, if its code is there again. True: it can be entered. */
  function revive(address: number): boolean {
    const region = parked?.take(address) ?? null;
    if (region === null) return false;
    region.valid = true;
    counters.revivedRegions++;
    enlist(region);
    return true;
  }

  /** An exit is taken over and over: its region is translated anew, another way. */
  function learn({ rip: address, cause }: ExitPoint, exit: number): void {
    const region = regions.find(exit);
    if (region === undefined) return;
    if (!lessons.learn(address, cause, region.born, counters.regions)) return;
    counters.retranslations++;
    drop(region, 'replaced');
    translate([region.address], region);
  }

  const pending = new Map<number, number>();
  /** An address is hot: it waits until a batch is full, or until it has come by a few times more. True: it is translated. */
  function request(address: number): boolean {
    if (entries.has(address) || revive(address)) return true;
    const asked = (pending.get(address) ?? 0) + 1;
    if (asked <= PATIENCE && pending.size < batch - 1) {
      pending.set(address, asked);
      return false;
    }
    // the one that waited most is translated first: it is likely to take others in
    const addresses = [address, ...[...pending].sort((a, b) => b[1] - a[1]).map(([a]) => a)];
    pending.clear();
    translate(addresses);
    return entries.has(address);
  }

  /** Drops a region: for good, or because its code is not there now. */
  function drop(region: Region, why: 'replaced' | 'gone'): void {
    if (!region.valid) return;
    region.valid = false;
    liveWords.set(region.live, false);
    counters.invalidatedRegions++;
    context.invalidations++;
    regions.remove(region);
    for (const a of region.entries) {
      const entry = entries.get(a);
      if (entry?.region !== region) continue;
      entries.delete(a);
      dispatcher.setSlot(entry.slot, 0, 0);
      dispatcher.forget(a);
      micro?.takeBack(a);
    }
    if (why === 'gone' && parked !== null) parked.park(region);
    else discard(region);
  }
  function discard(region: Region): void {
    if (region.functionIndex !== 0) dispatcher.freeFunction(region.functionIndex);
    // a helper's own store may drop the region that called it: it still has to leave by one of these
    gone.push(region);
  }
  const lose = (region: Region): void => drop(region, 'gone');
  const gone: Region[] = [];
  function forgetExits(): void {
    for (const { firstExit, endExit } of gone) exits.drop(firstExit, endExit, exitsOfDropped);
    gone.length = 0;
  }

  /** Gives up every translation: a guest that executes ever new addresses must not fill the host's memory. */
  function flush(): void {
    counters.regionFlushes++;
    regions.all().forEach((r) => drop(r, 'replaced'));
    parked?.clear();
    forgetExits();
    exits.clear();
    slotAddress.length = 0;
    slots.clear();
    arrivals.clear();
    postponed.clear();
    pending.clear();
    lessons.clear();
    planner.clear();
    translations.clear();
  }

  const hotCode: HotCode = {
    threshold,
    enter(address) {
      // it is asked for long before it is hot
      if (parked?.has(address) === true) {
        handedOver = revive(address);
        return handedOver ? -1 : Math.max(2, threshold >> 4);
      }
      if (!entries.has(address) && planner.hesitates() && !postponed.has(address)) {
        // ever new code must not fill the host's memory
        if (postponed.size >= maxExits) postponed.clear();
        postponed.add(address);
        return threshold;
      }
      if (request(address)) {
        handedOver = true;
        return -1;
      }
      return pending.has(address) ? threshold >> 2 : inside.has(address) ? threshold : NOT_AGAIN;
    },
    written: (frame, from, to) => regions.inFrame(frame, from, to).forEach(lose),
    holds: (frame) => regions.holds(frame),
  };
  cold.hotCode = hotCode;
  if (micro !== null) {
    micro.regions = {
      slotOf: (address) => entries.get(address)?.slot ?? -1,
      mayReturn: (address) => parked?.has(address) === true,
      flushed: () => dispatcher.forgetPlaces(),
    };
  }
  const coldListener = mmu.codeListener;
  const listener: CodeListener = {
    frameWritten(frame, offset, length) {
      regions.inFrame(frame, offset, offset + length).forEach(lose);
      coldListener?.frameWritten(frame, offset, length);
    },
    unmapped(start, end) {
      regions.inRange(start, end).forEach(lose);
      coldListener?.unmapped(start, end);
    },
  };
  mmu.codeListener = listener;

  /** What is known of the host's machine code, where it is kept. */
  function countCode(): ReturnType<Linker['countCode']> | null {
    if (parked === null || options.machineCode === undefined) return null;
    return linker.countCode(new Set(parked.withCode(regions.all()).map(({ region }) => region.module)));
  }
  function saveRegions(from: ParkedRegions, hasCode: boolean): DraftSection {
    forgetExits();
    return regionSection({
      layout, model: model.name, helpers: helpers.names, liveWords: liveWords.taken, slots: Float64Array.from(slotAddress), ...exits.save(), ...lessons.save(counters.regions),
      ...regionColumns(from.withCode(regions.all()), counters.regions, (module) => (hasCode ? linker.codeOf(module) : NO_CODE)),
    });
  }
  /** Regions of an earlier engine, which are revived as they are needed; nothing happens if this one cannot use them. */
  function loadRegions(image: RegionImage, into: ParkedRegions): void {
    if (image.layout !== layout || image.model !== model.name || !helpers.load(image.helpers)) return;
    image.slots.forEach(slotOf);
    liveWords.takeFirst(image.liveWords);
    exits.load(image);
    lessons.load(image);
    for (const kept of regionsOf(image)) {
      into.load(kept);
      const { address, before, instructions, module } = kept.region;
      translations.set(address, before + 1);
      counters.loadedRegions++;
      loadedInstructions += instructions;
      loadedModules = Math.max(loadedModules, module.number + 1);
    }
  }
  const sections = given === undefined ? null : decodeSections(given);
  if (sections?.micro !== undefined && micro !== null) {
    const image = microImage(sections.micro);
    if (image !== null) micro.load(image);
  }
  // who wants to be told of each region has them translated
  if (sections?.regions !== undefined && parked !== null && options.observe === undefined) {
    const image = regionImage(sections.regions);
    if (image !== null) loadRegions(image, parked);
  }

  function setRip(address: number): void {
    i32[2 * CELL.rip] = address % 4294967296 | 0;
    i32[2 * CELL.rip + 1] = Math.floor(address / 4294967296);
  }
  const rip = (): number => i32[2 * CELL.rip + 1]! * 4294967296 + (i32[2 * CELL.rip]! >>> 0);

  /** What translated code left to do. */
  let again = false;
  let stopped = -1;
  /** The exit to an access that the TLB, or a look for several at once, did not serve, until the instruction was executed. */
  let unserved: ExitPoint | null = null;
  /**
   * Runs translated code from a slot for at most `budget` instructions. Returns those completed; `again`: the state allows to go on in translated code;
   * `stopped`: the reason why micro-operations in between stopped, or −1.
   */
  function runTranslated(slot: number, budget: number): number {
    counters.enters++;
    if (gone.length > 0) forgetExits();
    const REMAINING = 2 * JIT_CELL.remaining;
    i32[REMAINING] = budget;
    micro?.lend(budget);
    stopped = -1;
    let link: Link;
    watch.turn('translated');
    try {
      link = dispatcher.enter(slot);
    } catch (error) {
      if (error !== BAIL) throw error;
      counters.bails++;
      const exit = i32[2 * JIT_CELL.bail]!;
      link = exit < 0 ? { kind: 'micro', reason: REASON.exact } : { kind: 'exit', exit };
    }
    watch.turn('cold');
    const done = budget - i32[REMAINING]!;
    switch (link.kind) {
      case 'address': {
        setRip(link.address);
        counters.coldLinks++;
        again = true;
        const known = entries.get(link.address);
        if (known !== undefined) dispatcher.remember(link.address, known.region.functionIndex, known.entry);
        else dispatcher.remember(link.address, 0, micro?.placeOf(link.address) ?? 0);
        return done;
      }
      case 'slot': {
        const address = slotAddress[link.slot]!;
        setRip(address);
        counters.coldLinks++;
        again = true;
        dispatcher.setSlot(link.slot, 0, micro?.placeOf(address) ?? 0);
        return done;
      }
      case 'micro':
        again = false;
        stopped = link.reason;
        return done;
      case 'exit': {
        const point = exits.at(link.exit);
        setRip(point.rip);
        again = point.kind !== 'interpret';
        exitCounts[causeOf(point)]++;
        pay(point.counts, 1);
        point.count++;
        if (point.kind !== 'interpret') return done + point.charge;
        // no other way to look finds what the TLB does not have
        if (point.cause === 'memory') unserved = point;
        if (point.count - point.misses === stubborn[point.cause]) learn(point, link.exit);
        return done + point.charge;
      }
    }
  }

  /**
   * Where there are no micro-operations that count, or all is to be translated at once: counts arrivals at an address without translation. True if it
   * has one now.
   */
  function warm(address: number): boolean {
    if (micro !== null && threshold > 1) return false;
    const n = (arrivals.get(address) ?? 0) + 1;
    arrivals.set(address, n);
    return n >= threshold >> 2 && n % (threshold >> 4 || 1) === 0 && request(address);
  }

  function run(budget: number): Stop {
    watch.turn('cold');
    micro?.begin();
    const stop = runSlices(budget);
    instrumentation?.settle();
    watch.turn('elsewhere');
    return stop;
  }
  function runCold(budget: number): Stop {
    if (micro === null) {
      instrumentation?.settleForCalls();
      return cold.run(budget);
    }
    const { misses } = micro;
    const stop = cold.run(budget);
    if (unserved !== null && micro.misses !== misses) unserved.misses++;
    return stop;
  }
  function runSlices(budget: number): Stop {
    let left = budget;
    for (;;) {
      if ((i32[2 * CELL.rflags]! & FLAG.TF) !== 0) return runCold(left);
      let entry = entries.get(rip());
      if (entry === undefined && warm(rip())) entry = entries.get(rip());
      stopped = -1;
      unserved = null;
      if (entry !== undefined && left > 0) {
        const done = runTranslated(entry.slot, Math.min(left, SLICE));
        left -= done;
        counters.retiredHere += done;
        u64[CELL.retired] += BigInt(done);
        // an entry that could do nothing would be asked again and again
        if (again && done > 0) continue;
      }
      const before = u64[CELL.retired]!;
      handedOver = false;
      let stop: Stop;
      if (stopped >= 0) stop = micro!.resume(stopped, left);
      else if (left === 0) return BUDGET;
      else stop = runCold(left);
      left -= Number(u64[CELL.retired]! - before);
      if (stop.kind !== 'budget' || left === 0 || !handedOver) return stop;
    }
  }

  function imagePieces({ machineCode = true }: ImageOptions = {}): Pieces | null {
    const image = micro?.save() ?? null;
    return image === null ? null : sectionPieces({ micro: microSection(image), ...parked !== null && { regions: saveRegions(parked, machineCode) } });
  }

  return {
    name: 'jit',
    run,
    invalidate(start, end) {
      regions.inRange(start, end).forEach(lose);
      cold.invalidate(start, end);
    },
    stats() {
      const { memory, float, other, budget: spent, leave } = exitCounts;
      return { ...counters, memoryExits: memory, floatExits: float, otherExits: other, budgetExits: spent, leaveExits: leave, liveRegions: regions.size, ...countCode(), ...watch.read(), ...cold.stats() };
    },
    image(options) {
      const pieces = imagePieces(options);
      return pieces === null ? null : joined(pieces);
    },
    imagePieces,
    report: (top = 20) => ({ exits: { ...exitCounts }, hottest: exitsOfDropped.hottest(top, exits.known()) }),
  };
}

const nameOf = (address: number): string => `guest_${address.toString(16)}`;
