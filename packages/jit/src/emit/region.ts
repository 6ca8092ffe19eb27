import { CELL, TEMP_COUNT } from '@tally86/core';
import { type EndOp, type IrOp } from '@tally86/decoder';
import { LINK } from '../layout.ts';
import type { Flow, FlowNode } from '../region/flow.ts';
import { analyseFlags, deadRecords, deadTemporaries, placeFlags, type FlagFlow } from '../region/flag-flow.ts';
import { carriedAt } from '../region/carried.ts';
import { liveAt } from '../region/live.ts';
import { longestWays } from '../region/reach.ts';
import { NO_REGISTERS, union, type RegisterSet } from '../region/registers.ts';
import { isDispatched, isInterpreted, type RegionBlock, type RegionGraph } from '../region/graph.ts';
import { NO_COUNTS, sumOf, type Amount } from '../runtime/instrumentation.ts';
import { OP, TYPE } from '../wasm/opcodes.ts';
import { emitCall } from './call.ts';
import { FlagEmitter, helperWritesFlags } from './flags.ts';
import { gatherCounts } from './gathered.ts';
import type { Access } from './groups.ts';
import { ownersOf, RegionAccesses } from './region-accesses.ts';
import { emitFloatRun, floatRunEnd } from './float/index.ts';
import { emitCompare, emitData } from './integer.ts';
import { HelperEmitter } from './helper.ts';
import { jumpHash } from './jump-hash.ts';
import { MemoryEmitter } from './memory.ts';
import { usesOf } from './use.ts';
import type { EmittedRegion, RegionOptions } from './region-options.ts';
import { emitString } from './string.ts';
import { emitVector, vectorFacts } from './vector/index.ts';
import { ENTRY_LOCAL, RegionWriter } from './writer.ts';

const TEMPS = { first: CELL.temp, end: CELL.temp + TEMP_COUNT };

/** Labels open around a place, innermost last: nodes that a branch there leads to. */
type Label = { readonly node: number; readonly kind: 'loop' | 'block' } | { readonly node: -1; readonly kind: 'if' };

/** Instructions that are completed, and what plugins count of them. */
interface Pending {
  readonly instructions: number;
  readonly counts: readonly Amount[];
}
const NOTHING: Pending = { instructions: 0, counts: NO_COUNTS };

/** Writes one region as a WebAssembly function. */
export function emitRegion(graph: RegionGraph, flow: Flow, options: RegionOptions): EmittedRegion {
  return new RegionEmitter(graph, flow, options).emit();
}

class RegionEmitter {
  readonly #graph: RegionGraph;
  readonly #options: RegionOptions;
  readonly #indices: ReadonlyMap<RegionBlock, number>;
  readonly #flow: Flow;
  readonly #flagFlow: FlagFlow;
  readonly #liveAt: readonly RegisterSet[];
  readonly #carriedAt: readonly RegisterSet[];
  readonly #flagPlaces: readonly ('memory' | 'locals')[];
  readonly #w: RegionWriter;
  readonly #memory: MemoryEmitter;
  readonly #flags: FlagEmitter;
  readonly #helpers: HelperEmitter;
  readonly #labels: Label[] = [];
  readonly #checked: ReadonlySet<number>;
  /** Some float of the region has to prove itself exact: then all do. */
  readonly #exact: boolean;
  readonly #needsLabel: boolean[];
  readonly #accesses: RegionAccesses;
  /** Most instructions on a way from each entry to the next one or out. */
  #reach: number[] = [];
  /** What was completed on the way to the place being written that `remaining` and the counters' cells do not know of yet. */
  #pending: Pending = NOTHING;
  /** The instruction being written, by its index in its block. */
  #begun: { readonly block: RegionBlock | null; readonly k: number } = { block: null, k: 0 };

  constructor(graph: RegionGraph, flow: Flow, options: RegionOptions) {
    this.#graph = graph;
    this.#indices = new Map(graph.blocks.map((block, i) => [block, i]));
    this.#options = options;
    this.#flow = flow;
    this.#flagFlow = analyseFlags(graph, this.#flow);
    const uses = graph.blocks.map(({ ops }) => usesOf(ops));
    this.#carriedAt = carriedAt(graph, flow, uses);
    // a loop has what it carries in locals wherever it is entered
    this.#liveAt = liveAt(graph, uses).map((live, b) => union(live, this.#carriedAt[b]!));
    this.#flagPlaces = placeFlags(graph, this.#flow);
    const w = (this.#w = new RegionWriter(options.numbers, uses.reduce((all, { read, written }) => union(all, union(read, written)), NO_REGISTERS)));
    this.#memory = new MemoryEmitter(w, options.tlb);
    this.#flags = new FlagEmitter(w, () => this.#readFlags());
    this.#helpers = new HelperEmitter(w, options.imports);
    this.#checked = this.#flow.checked;
    this.#exact = graph.blocks.some((b) => b.instructions.some((i) => options.floats(i.address) === 'exact'));
    const { successors, nodes, order } = this.#flow;
    const incoming = nodes.map(() => 0);
    this.#needsLabel = nodes.map(() => false);
    successors.forEach((to, from) => {
      if (order[from]! < 0) return;
      for (const n of to) {
        if (order[n]! > order[from]!) incoming[n]!++;
        // targets of a table need a label of their own
        if (nodes[from]!.kind !== 'block' && nodes[from]!.kind !== 'arrived') this.#needsLabel[n] = true;
      }
    });
    incoming.forEach((count, n) => {
      if (count > 1) this.#needsLabel[n] = true;
    });
    this.#accesses = new RegionAccesses(graph, this.#flow, this.#needsLabel, options);
  }

  emit(): EmittedRegion {
    const w = this.#w;
    const { code } = w;
    this.#reach = longestWays(this.#graph, this.#flow);
    w.gather(gatherCounts(this.#graph, this.#flow));
    w.loadRemaining();
    // exits branch behind this
    code.block();
    const { root, nodes } = this.#flow;
    if (nodes[root]!.kind === 'block') this.#enter(0, root);
    this.#tree(root);
    code.end();
    w.storeRemaining();
    code.get(w.result).end();
    return {
      body: { type: this.#options.type, locals: w.locals, code: code.finished() },
      localNames: w.localNames(),
    };
  }

  #push(label: Label): void {
    this.#labels.push(label);
    this.#w.depth++;
  }
  #pop(): void {
    this.#labels.pop();
    this.#w.depth--;
    this.#w.code.end();
  }

  /** Writes a node and all that it dominates (Ramsey: Beyond Relooper). */
  #tree(node: number): void {
    const flow = this.#flow;
    const merges = flow.dominated[node]!.filter((n) => this.#needsLabel[n]).sort((a, b) => flow.order[a]! - flow.order[b]!);
    if (flow.isLoopHeader[node]) {
      this.#flush();
      this.#w.settle(this.#carriedTo(node));
      this.#meet(node);
      this.#w.code.loop();
      this.#push({ node, kind: 'loop' });
      this.#within(node, merges);
      this.#pop();
    } else this.#within(node, merges);
  }
  #within(node: number, merges: readonly number[]): void {
    if (merges.length === 0) {
      this.#node(node);
      return;
    }
    const last = merges[merges.length - 1]!;
    this.#w.code.block();
    this.#push({ node: last, kind: 'block' });
    const pending = this.#pending;
    this.#within(node, merges.slice(0, -1));
    this.#pop();
    this.#pending = NOTHING;
    this.#meet(last);
    this.#tree(last);
    this.#pending = pending;
  }

  /** Registers that differ from memory wherever ways meet at a node. */
  #carriedTo(n: number): RegisterSet {
    const node = this.#flow.nodes[n]!;
    return node.kind === 'block' ? this.#carriedAt[node.block]! : NO_REGISTERS;
  }
  /** Ways meet in front of a node: all have settled, but for what it carries. */
  #meet(n: number): void {
    ({ gprs: this.#w.dirtyGprs, vectors: this.#w.dirtyVectors } = this.#carriedTo(n));
  }
  #depthOf(node: number): number {
    for (let i = this.#labels.length - 1; i >= 0; i--) if (this.#labels[i]!.node === node) return this.#labels.length - 1 - i;
    return -1;
  }
  /** Where a node wants the flags. */
  #placeAt(n: number): 'memory' | 'locals' {
    const node = this.#flow.nodes[n]!;
    switch (node.kind) {
      case 'block': return this.#flagPlaces[node.block]!;
      case 'indirect': case 'arrived': return 'locals';
      // in front of a loop as the loop; at the start of the function nothing is loaded yet
      case 'entry': return n === this.#flow.root ? 'memory' : 'locals';
    }
  }
  /** Goes on at a node: by a branch where it has a label, else right here. */
  #goTo(node: number): void {
    const depth = this.#depthOf(node);
    this.#w.bringFlags(this.#placeAt(node));
    if (depth >= 0) {
      this.#flush();
      this.#w.settle(this.#carriedTo(node));
      this.#w.code.br(depth);
    } else this.#tree(node);
  }
  /** What is known at the place being written: to be restored behind code that other ways take. */
  #remember(): () => void {
    const pending = this.#pending;
    const { known, sure } = this.#flags;
    const { flagsAt, dirtyGprs, dirtyVectors, loadedGprs, loadedVectors, carried } = this.#w;
    return () => {
      this.#pending = pending;
      Object.assign(this.#flags, { known, sure });
      Object.assign(this.#w, { flagsAt, dirtyGprs, dirtyVectors, loadedGprs, loadedVectors, carried });
    };
  }
  /** Takes what is pending off `remaining`, and counts it. */
  #flush(): void {
    const w = this.#w;
    const { instructions, counts } = this.#pending;
    if (instructions !== 0) w.code.get(w.remaining).i32(instructions).op(OP.i32_sub).set(w.remaining);
    for (const { cell, amount } of counts) w.count(cell, amount);
    this.#pending = NOTHING;
  }
  /** What is pending in front of instruction `k` of a block. */
  #before({ counts }: RegionBlock, k: number): Pending {
    const { instructions, counts: earlier } = this.#pending;
    return { instructions: instructions + k, counts: counts.length === 0 ? earlier : sumOf([...earlier, ...counts.filter(({ index }) => index < k)]) };
  }
  /** The instruction being written is number `k` of a block. */
  #begin(block: RegionBlock, k: number): void {
    const w = this.#w;
    if (this.#begun.block === block && this.#begun.k === k) return;
    this.#begun = { block, k };
    ({ instructions: w.charge, counts: w.counts } = this.#before(block, k));
    w.instruction = block.instructions[k]!.address;
  }
  #complete(block: RegionBlock): void {
    this.#pending = this.#before(block, block.instructions.length);
  }

  #node(n: number): void {
    const { code } = this.#w;
    const node = this.#flow.nodes[n]!;
    this.#w.flagsAt = this.#placeAt(n);
    if (node.kind !== 'block') {
      this.#w.settle();
      this.#flags.forget();
    }
    switch (node.kind) {
      case 'block':
        this.#block(node.block);
        return;
      case 'arrived':
        code.i32(0).set(ENTRY_LOCAL);
        this.#enter(node.block, node.to);
        this.#goTo(node.to);
        return;
      case 'entry': {
        this.#flush();
        if (n === this.#flow.root) {
          this.#entrance(node);
          return;
        }
        const otherwise = this.#depthOf(node.otherwise);
        const depths = Array.from({ length: Math.max(...node.cases.map(([entry]) => entry)) + 1 }, () => otherwise);
        for (const [entry, to] of node.cases) depths[entry] = this.#depthOf(to);
        code.get(ENTRY_LOCAL).brTable(depths, otherwise);
        return;
      }
      case 'indirect':
        this.#indirect(node.blocks);
        return;
    }
  }

  /** Loads what a block wants that is entered from outside, on the way to a node. */
  #enter(block: number, to: number): void {
    this.#w.reload(this.#liveAt[block]!);
    this.#w.flagsAt = 'memory';
    this.#w.bringFlags(this.#placeAt(to));
  }
  /** The start of a function with several entries. Those in loops load when they have arrived there, so that the loop does not carry what only they want. */
  #entrance({ cases, otherwise }: Extract<FlowNode, { kind: 'entry' }>): void {
    const { code } = this.#w;
    const { entries, doorOfBlock } = this.#flow;
    const target = new Map([...entries.keys()].map((entry) => [entry, otherwise]));
    for (const [entry, to] of cases) target.set(entry, to);
    const isInLoop = (entry: number): boolean => target.get(entry) !== doorOfBlock[entries[entry]!];
    const loading = [...entries.keys()].filter((entry) => !isInLoop(entry));
    for (let i = 0; i < loading.length; i++) {
      code.block();
      this.#push({ node: -1, kind: 'if' });
    }
    code.get(ENTRY_LOCAL).brTable([...entries.keys()].map((entry) => (isInLoop(entry) ? this.#depthOf(target.get(entry)!) : loading.indexOf(entry))), 0);
    for (const entry of loading) {
      this.#pop();
      this.#enter(entries[entry]!, target.get(entry)!);
      code.br(this.#depthOf(target.get(entry)!));
    }
  }
  /** The dispatcher of indirect jumps: the address in `result` hashed without collisions, then compared. */
  #indirect(targets: readonly number[]): void {
    const w = this.#w;
    const { code } = w;
    const addresses = targets.map((b) => this.#graph.blocks[b]!.address);
    const { multiplier, bits, table } = jumpHash(addresses);
    code.block();
    this.#push({ node: -1, kind: 'if' });
    const outside = w.depth;
    // too little is left: by way of the host, which finds out
    code.get(w.remaining).i32(Math.max(...targets.map((b) => this.#reach[b]!))).op(OP.i32_lt_s).brIf(0);
    // each target is compared in a block of its own, which starts behind the table
    const used = [...new Set(table.filter((i) => i >= 0))];
    for (let i = used.length - 1; i >= 0; i--) {
      code.block();
      this.#push({ node: -1, kind: 'if' });
    }
    const depthOf = new Map<number, number>(used.map((t, i) => [t, i]));
    code.get(w.result).op(OP.i32_wrap_i64).i32(multiplier).op(OP.i32_mul).i32(32 - bits).op(OP.i32_shr_u);
    code.brTable(table.map((t) => (t < 0 ? used.length : depthOf.get(t)!)), used.length);
    for (const t of used) {
      this.#pop();
      code.get(w.result).i64n(addresses[t]!).op(OP.i64_eq).brIf(this.#depthOf(this.#flow.nodeBetween(this.#graph.blocks.length, targets[t]!)));
      // another address with this hash
      code.br(w.depth - outside);
    }
    this.#pop();
    w.leave();
  }

  #readFlags(): void {
    const w = this.#w;
    const { code } = w;
    const t = w.scratch(TYPE.i32, 3);
    code.get(w.ccKind).get(w.ccA).get(w.ccB).get(w.ccC).call(this.#options.imports.flags).tee(t).i32(0).op(OP.i32_lt_s).if();
    w.spillFlags();
    code.call(this.#options.imports.readFlags).set(t).end().get(t);
  }

  #block(index: number): void {
    const w = this.#w;
    const { code } = w;
    const block = this.#graph.blocks[index]!;
    const { kind, sure } = this.#flagFlow.knownAt[index]!;
    this.#flags.known = kind;
    this.#flags.sure = sure;
    w.carried = this.#carriedAt[index]!;
    if (this.#checked.has(index)) {
      this.#flush();
      w.settle(w.carried);
      code.get(w.remaining).i32(this.#reach[index]!).op(OP.i32_lt_s);
      w.leaveIf(() => w.setExit('budget', block.address, 0, NO_COUNTS));
    }
    vectorFacts(w).reset();
    ({ gprs: w.loadedGprs, vectors: w.loadedVectors } = this.#liveAt[index]!);
    const { ops, instructions, base } = block;
    const begins = new Set(instructions.map((i) => i.first - base));
    const records = deadRecords(ops, this.#flagFlow.liveBehind[index]!);
    const dead = deadTemporaries(ops, records, TEMPS, begins);
    const owner = ownersOf(block);
    const accesses = this.#accesses.of(index);
    for (let i = 0; i < ops.length - 1; i++) {
      this.#begin(block, owner[i]!);
      const op = ops[i]!;
      const end = this.#exact ? i : floatRunEnd(ops, i, (k) => !dead.has(k) && this.#options.floats(instructions[owner[k]!]!.address) !== 'host');
      if (end > i) {
        const start = i;
        emitFloatRun(w, ops.slice(i, end), (k) => {
          this.#begin(block, owner[start + k]!);
          w.cause = 'float';
        });
        i = end - 1;
        continue;
      }
      if (dead.has(i)) {
        if (op.op === 'flags' || op.op === 'mergeflags' || op.op === 'rotflags') this.#flags.forget();
        continue;
      }
      if (accesses[i] !== null) w.cause = 'memory';
      else if (op.op === 'helper') {
        w.cause = 'float';
        this.#helpers.floats = this.#options.floats(w.instruction) === 'host' ? 'host' : this.#exact ? 'exact' : 'recorded';
      } else w.cause = 'other';
      if (isInterpreted(op) || !this.#operation(op, accesses[i]!)) {
        w.exit();
        return;
      }
    }
    this.#begin(block, instructions.length - 1);
    w.cause = 'other';
    this.#end(block, block.end);
  }

  /** False: the interpreter has to do this instruction. */
  #operation(op: IrOp, access: Access | null): boolean {
    switch (op.op) {
      case 'nop': return true;
      case 'load': this.#memory.load(op, access!); return true;
      case 'store': this.#memory.store(op, access!); return true;
      case 'vload': this.#memory.vload(op, access!); return true;
      case 'vstore': this.#memory.vstore(op, access!); return true;
      case 'lea': this.#memory.lea(op); return true;
      case 'linear': this.#memory.linear(op); return true;
      case 'probe': this.#memory.probe(op); return true;
      case 'flags': this.#flags.record(op); return true;
      case 'getcc': this.#flags.getCondition(op.d, op.cc); return true;
      case 'getflags': this.#flags.readAll(op.d); return true;
      case 'mergeflags': return this.#flags.merge(op);
      case 'rotflags': this.#flags.rotate(op); return true;
      case 'selectcc': this.#flags.selectCondition(op); return true;
      case 'v': case 'vmov': case 'vzero': case 'vget': case 'vset': return emitVector(this.#w, op);
      case 'helper': {
        const done = this.#helpers.emit(op);
        if (helperWritesFlags(op.name)) this.#flags.forget();
        return done;
      }
      case 'jump': case 'jumpind': case 'branchcc': case 'branch': case 'string': case 'syscall': case 'trap': case 'undefined': case 'fetchfault': case 'leave':
        throw new Error(`${op.op} in the middle of a block`);
      default: emitData(this.#w, op); return true;
    }
  }

  /** What one of these blocks wants in locals. */
  #liveAtAny(blocks: readonly number[]): RegisterSet {
    return blocks.reduce((all, i) => union(all, this.#liveAt[i]!), NO_REGISTERS);
  }
  #liveBehindDispatcher(): RegisterSet {
    return this.#liveAtAny(this.#graph.blocks.filter(isDispatched).flatMap(({ edges }) => edges.flatMap(({ to }) => (to < 0 ? [] : [to]))));
  }
  /** Goes on at an edge. */
  #edge(block: RegionBlock, address: number): void {
    const edge = block.edges.find((e) => e.address === address);
    if (edge !== undefined && edge.to >= 0) {
      this.#w.bring(this.#liveAt[edge.to]!);
      this.#goTo(this.#doorOf(block, address));
    } else {
      this.#flush();
      const callee = this.#options.callee(address, 'way');
      if (callee === undefined) this.#w.leaveTo(address);
      else this.#w.leaveBy(callee, address);
    }
  }
  #bringTo(block: RegionBlock, address: number): void {
    const edge = block.edges.find((e) => e.address === address);
    if (edge === undefined || edge.to < 0) return;
    this.#w.bring(this.#liveAt[edge.to]!);
    this.#w.bringFlags(this.#placeAt(this.#doorOf(block, address)));
  }
  #labelled(block: RegionBlock, address: number): number {
    const node = this.#doorOf(block, address);
    // a loop stores what it carries in an arm of its own on the way out
    return node < 0 || this.#w.carries(this.#carriedTo(node)) ? -1 : this.#depthOf(node);
  }
  /** The node that an edge leads to, or −1. */
  #doorOf(block: RegionBlock, address: number): number {
    const edge = block.edges.find((e) => e.address === address);
    return edge === undefined || edge.to < 0 ? -1 : this.#flow.nodeBetween(this.#indices.get(block)!, edge.to);
  }

  #end(block: RegionBlock, end: EndOp): void {
    const w = this.#w;
    const { code } = w;
    switch (end.op) {
      case 'jump':
        this.#complete(block);
        if (end.kind !== 'call') this.#edge(block, end.target);
        else this.#call(block, end.ret, () => code.i64(w.numbers.slot(end.target), LINK.slotHigh), [end.target]);
        return;
      case 'branchcc': case 'branch': {
        // `loop` and its like have both
        const condition = (): void => {
          if (end.op === 'branchcc') this.#flags.condition(end.cc);
          else emitCompare(w, end.cond, end.w, end.a, end.b);
        };
        this.#complete(block);
        const taken = this.#labelled(block, end.taken);
        const fall = this.#labelled(block, end.fall);
        if (taken >= 0) {
          this.#flush();
          this.#bringTo(block, end.taken);
          w.settle(this.#carriedTo(this.#doorOf(block, end.taken)));
          condition();
          code.brIf(taken);
          this.#edge(block, end.fall);
        } else if (fall >= 0) {
          this.#flush();
          this.#bringTo(block, end.fall);
          w.settle(this.#carriedTo(this.#doorOf(block, end.fall)));
          condition();
          code.op(OP.i32_eqz).brIf(fall);
          this.#edge(block, end.taken);
        } else {
          condition();
          code.if();
          const restore = this.#remember();
          this.#push({ node: -1, kind: 'if' });
          this.#edge(block, end.taken);
          this.#pop();
          restore();
          this.#edge(block, end.fall);
        }
        return;
      }
      case 'jumpind': {
        const t = w.scratch(TYPE.i64, 5);
        w.get(end.a);
        if (block.expected !== undefined && block.edges[0]!.to >= 0) {
          code.tee(t).i64n(block.expected).op(OP.i64_ne).if();
          this.#push({ node: -1, kind: 'if' });
          const restore = this.#remember();
          this.#jumpAway(block, end, t);
          restore();
          this.#complete(block);
          this.#pop();
          this.#moveStack(end.sp);
          this.#edge(block, block.expected);
          return;
        }
        if (end.kind === 'ret') {
          code.set(t);
          this.#jumpAway(block, end, t);
          return;
        }
        // outside of user space: #GP or a fetch fault, which the interpreter knows
        code.tee(t).i64(47).op(OP.i64_shr_u).op(OP.i64_eqz).op(OP.i32_eqz);
        w.exitIf();
        this.#moveStack(end.sp);
        this.#complete(block);
        if (end.kind === 'call') {
          this.#call(block, end.ret, () => code.get(t), this.#options.targets(block.instructions[block.instructions.length - 1]!.address), t);
          return;
        }
        this.#flush();
        code.get(t).set(w.result);
        if (end.kind === 'jump' && block.edges.some((e) => e.to >= 0)) {
          w.bring(this.#liveBehindDispatcher());
          this.#goTo(this.#flow.indirect);
        }
        else w.leaveFast();
        return;
      }
      case 'leave':
        this.#complete(block);
        w.setExit('leave', end.next, this.#pending.instructions, this.#pending.counts);
        w.leave();
        return;
      case 'string':
        if (!emitString(w, this.#memory, this.#flags, end)) {
          w.exit();
          return;
        }
        this.#complete(block);
        this.#edge(block, end.next);
        return;
      default:
        // system calls and exceptions
        w.exit();
    }
  }

  #moveStack(by: number): void {
    if (by === 0) return;
    this.#w.get(4);
    this.#w.code.i64(by).op(OP.i64_add);
    this.#w.set(4);
  }
  /** Leaves for the address in local `t`, at the end of a block. */
  #jumpAway(block: RegionBlock, end: Extract<EndOp, { op: 'jumpind' }>, t: number): void {
    const w = this.#w;
    // outside of user space: #GP or a fetch fault, which the interpreter knows
    w.code.get(t).i64(47).op(OP.i64_shr_u).op(OP.i64_eqz).op(OP.i32_eqz);
    w.exitIf();
    this.#moveStack(end.sp);
    this.#complete(block);
    this.#flush();
    w.code.get(t).set(w.result);
    w.leaveFast();
  }

  /** A call, and everything back from memory. The callee is one of `targets`, or else; local `target` tells. */
  #call(block: RegionBlock, ret: number, link: () => void, targets: readonly number[], target = -1): void {
    const w = this.#w;
    this.#flush();
    const { callee, imports: { invoke } } = this.#options;
    const known = targets.flatMap((address) => {
      const found = callee(address, 'call');
      return found === undefined ? [] : [{ address, callee: found }];
    });
    emitCall(w, { size: this.#graph.instructionCount, link, ret, known, target, invoke });
    const edge = block.edges[0];
    if (edge === undefined || edge.to < 0) {
      w.leaveAsIs(ret);
      return;
    }
    w.reload(this.#liveAt[edge.to]!);
    w.flagsAt = 'memory';
    w.loadRemaining();
    this.#edge(block, ret);
  }
}
