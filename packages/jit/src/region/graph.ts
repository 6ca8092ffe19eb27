import { isWritten } from '../emit/string.ts';
import { NO_COUNTS, type Count } from '../runtime/instrumentation.ts';
import type { IrInstruction, IrOp, EndOp, Lifter } from '@tally86/decoder';

/** How a block goes on. Targets inside the region are block indices (`to`), others guest addresses. */
export interface Edge {
  readonly address: number;
  /** Index of the block, or −1: outside of the region. */
  to: number;
}

/** A basic block of a region: instructions of which only the first is a target and only the last branches. */
export interface RegionBlock {
  readonly address: number;
  readonly instructions: readonly IrInstruction[];
  /** Operations, the last of them an EndOp. IrInstruction.first counts from `base`. */
  readonly ops: readonly IrOp[];
  /** First operation of the block in the numbering of IrInstruction.first. */
  readonly base: number;
  readonly end: EndOp;
  readonly edges: Edge[];
  /** A copy of a block of a callee, for one call: only the region itself comes here. */
  readonly inlined: boolean;
  /** What plugins count in it. */
  readonly counts: readonly Count[];
  /** An indirect jump or a return that is known to go here: it is compared, and taken as the only edge. */
  readonly expected?: number;
}

/** Whether a block ends in a jump to one of several places, by the region's dispatcher of indirect jumps. */
export function isDispatched({ end, expected }: RegionBlock): boolean {
  return end.op === 'jumpind' && end.kind === 'jump' && expected === undefined;
}

export interface RegionGraph {
  /** blocks[0] is where the region starts. */
  readonly blocks: RegionBlock[];
  /** Blocks that execution may enter from outside, in rising order; 0 is among them. */
  readonly entries: number[];
  readonly instructionCount: number;
}

/** A region that was found. */
export interface FoundGraph extends RegionGraph {
  /** The block that was asked for, if it is an entry for no other reason; else −1. */
  readonly asked: number;
}

export interface GraphLimits {
  readonly blocks: number;
  readonly instructions: number;
  /** Largest callee that is copied into its caller; how deep calls are copied. */
  readonly callee: { readonly blocks: number; readonly instructions: number; readonly depth: number };
}

/** What the region builder asks its engine. */
export interface Profile {
  /** Whether execution came by this address often enough. */
  seen(address: number): boolean;
  /** Whether another region may be entered here: a branch there leaves this one. */
  isEntry(address: number): boolean;
  targets(address: number): readonly number[];
  /** What plugins count in a block; null: they want more than translated code gives. Absent: there are none. */
  counts?(instructions: readonly IrInstruction[]): readonly Count[] | null;
}

/** Longest straight run lifted at once. */
const MAX_RUN = 128;

/** Instructions that regions leave to the engine for cold code, by helper: those that ask about the machine or move much state. */
const INTERPRETED: ReadonlySet<string> = new Set([
  'cpuid', 'rdtsc', 'rdrand', 'xgetbv', 'loadSegment', 'describeSegment', 'checkCodeSelector', 'cmpxchgPair', 'fxsave', 'fxrstor', 'xsave', 'xsaveopt', 'xsavec', 'xrstor', 'ldmxcsr', 'maskmov',
]);
export function isInterpreted(op: IrOp): boolean {
  return op.op === 'helper' && INTERPRETED.has(op.name);
}

interface Run {
  readonly address: number;
  readonly instructions: readonly IrInstruction[];
  readonly ops: readonly IrOp[];
}

/** Addresses at which execution goes on behind a run's last instruction, in order of likelihood; what comes first is explored first. */
function successors(end: EndOp, last: IrInstruction, profile: Profile): number[] {
  switch (end.op) {
    case 'jump': return end.kind === 'call' ? [end.ret] : [end.target];
    case 'jumpind': return end.kind === 'call' ? [end.ret] : end.kind === 'jump' ? [...profile.targets(last.address)] : [];
    case 'branch': case 'branchcc': return [end.fall, end.taken];
    case 'string': return [end.next];
    case 'syscall': case 'leave': return [end.next];
    default: return [];
  }
}

/** Blocks found from one address on, numbered from 0, with edges among themselves. */
interface Discovery {
  readonly blocks: RegionBlock[];
  /** Blocks that are entered from outside, the first perhaps not among them. */
  readonly entries: ReadonlySet<number>;
  readonly instructionCount: number;
  /** Every way that execution takes often is in it. */
  readonly complete: boolean;
}

/**
 * Discovers the region that starts at `address`: follows branches to addresses where execution came by, until a limit. Small callees are copied
 * behind their calls, others stepped over. `through`: an address that has to be in it, as an entry.
 */
export function buildGraph(lifter: Lifter, address: number, profile: Profile, limits: GraphLimits, through = address): FoundGraph | null {
  const found = discover(lifter, address, profile, limits, false);
  if (found === null) return null;
  const middle = found.blocks.findIndex((b) => b.address === through);
  if (middle < 0) return null;
  const entries = [...new Set([0, ...found.entries, middle])].sort((a, b) => a - b);
  const graph = { blocks: found.blocks, entries, instructionCount: found.instructionCount, asked: found.entries.has(middle) ? -1 : middle };
  inlineCalls(graph, lifter, profile, limits);
  return graph;
}

/** Copies small callees into the graph, and what they call, breadth first. */
function inlineCalls(graph: { blocks: RegionBlock[]; instructionCount: number }, lifter: Lifter, profile: Profile, limits: GraphLimits): void {
  const { blocks } = graph;
  const callees = new Map<number, Discovery | null>();
  const around: (readonly number[])[] = blocks.map(() => [blocks[0]!.address]);
  for (let i = 0; i < blocks.length; i++) {
    const call = blocks[i]!;
    const target = calleeOf(call, profile);
    const chain = around[i]!;
    // a function that calls itself is unrolled once
    if (target < 0 || chain.indexOf(target) !== chain.lastIndexOf(target) || (chain.includes(target) && target !== chain[0]) || chain.length > limits.callee.depth) continue;
    const back = call.edges[0];
    if (back === undefined || back.to < 0) continue;
    let callee = callees.get(target);
    if (callee === undefined) callees.set(target, (callee = discover(lifter, target, profile, limits.callee, true)));
    if (callee === null || blocks.length + callee.blocks.length > limits.blocks || graph.instructionCount + callee.instructionCount > limits.instructions) continue;
    const first = blocks.length;
    const jump: EndOp = call.end.op === 'jumpind' ? { ...call.end, kind: 'jump' } : { op: 'jump', target, kind: 'fall', ret: 0 };
    blocks[i] = {
      ...call, ops: [...call.ops.slice(0, -1), jump], end: jump, edges: [{ address: target, to: first }],
      ...call.end.op === 'jumpind' && { expected: target },
    };
    for (const block of callee.blocks) {
      const returns = block.end.op === 'jumpind' && block.end.kind === 'ret';
      blocks.push({
        ...block,
        edges: returns ? [{ ...back }] : block.edges.map((e) => ({ address: e.address, to: e.to < 0 ? -1 : e.to + first })),
        ...returns && { expected: back.address },
      });
      around.push([...chain, target]);
    }
    graph.instructionCount += callee.instructionCount;
  }
}

/** Where a block's call goes, as far as is known; −1: nowhere, or to several places. */
function calleeOf({ end, instructions }: RegionBlock, profile: Profile): number {
  if (end.op === 'jump' && end.kind === 'call') return end.target;
  if (end.op !== 'jumpind' || end.kind !== 'call') return -1;
  const targets = profile.targets(instructions[instructions.length - 1]!.address);
  return targets.length === 1 ? targets[0]! : -1;
}

/** Follows branches from an address; calls are stepped over. Null: there is nothing to translate, or the callee is not one to copy. */
function discover(lifter: Lifter, address: number, profile: Profile, limits: { readonly blocks: number; readonly instructions: number }, inlined: boolean): Discovery | null {
  let interpreted = false;
  let complete = true;
  /** Behind instructions that the interpreter executes. */
  const resumed = new Set<number>();
  /** Which run holds the instruction at an address, and at which index. */
  const places = new Map<number, { run: Run; index: number }>();
  const leaders = new Set<number>([address]);
  const queue: number[] = [address];
  let count = 0;
  for (let head = 0; head < queue.length; head++) {
    const at = queue[head]!;
    if (places.has(at)) continue;
    if (leaders.size > limits.blocks || count > limits.instructions) {
      complete = false;
      break;
    }
    const ir = lifter.liftWhole(at, MAX_RUN);
    const last = ir.instructions[ir.instructions.length - 1]!;
    const end = ir.ops[ir.ops.length - 1] as EndOp;
    if (end.op === 'fetchfault' || end.op === 'undefined' || end.op === 'trap') {
      // nothing to gain; the interpreter knows what happens there
      if (at === address) return null;
      continue;
    }
    if (inlined && end.op !== 'jump' && end.op !== 'jumpind' && end.op !== 'branch' && end.op !== 'branchcc') return null;
    const run: Run = { address: at, instructions: ir.instructions, ops: ir.ops };
    for (const op of ir.ops) {
      if (isInterpreted(op)) {
        interpreted = true;
        break;
      }
    }
    for (let i = 0; i < ir.instructions.length; i++) {
      const { address: a } = ir.instructions[i]!;
      // the rest is known already: it becomes a block of its own
      if (places.has(a)) {
        leaders.add(a);
        break;
      }
      places.set(a, { run, index: i });
      count++;
    }
    if (interpreted) {
      if (inlined) return null;
      interpreted = false;
      for (let i = 0; i + 1 < ir.instructions.length; i++) {
        const next = ir.instructions[i + 1]!;
        if (!ir.ops.slice(ir.instructions[i]!.first, next.first).some(isInterpreted)) continue;
        leaders.add(next.address);
        resumed.add(next.address);
      }
    }
    for (const next of successors(end, last, profile)) {
      if (places.has(next)) leaders.add(next);
      else if (!leaders.has(next) && (inlined || !profile.isEntry(next)) && (profile.seen(next) || follows(end))) {
        leaders.add(next);
        queue.push(next);
      }
    }
  }

  // cut the runs at leaders
  const sorted = [...leaders].filter((a) => places.has(a)).sort((a, b) => (a === address ? -1 : b === address ? 1 : a - b));
  /** Where a block ends, as an index of its run. */
  const ends = new Map<number, number>();
  const cut = new Set(sorted);
  for (const a of sorted) {
    const { run, index: from } = places.get(a)!;
    let until = from + 1;
    while (until < run.instructions.length && !cut.has(run.instructions[until]!.address)) until++;
    ends.set(a, until);
  }
  const counts = new Map<number, readonly Count[]>();
  if (profile.counts !== undefined) {
    for (const a of sorted) {
      const { run, index: from } = places.get(a)!;
      const counted = profile.counts(run.instructions.slice(from, ends.get(a)));
      if (counted !== null) counts.set(a, counted);
      // what plugins want to see is the interpreter's
      else if (a === address || inlined) return null;
    }
  }
  const kept = profile.counts === undefined ? sorted : sorted.filter((a) => counts.has(a));
  const index = new Map<number, number>();
  kept.forEach((a, i) => index.set(a, i));
  const to = (a: number): Edge => ({ address: a, to: index.get(a) ?? -1 });
  const entries = new Set<number>();
  const enter = (a: number): void => {
    const i = index.get(a);
    if (i !== undefined) entries.add(i);
  };
  for (const a of resumed) enter(a);
  const blocks = kept.map((a): RegionBlock => {
    const { run, index: from } = places.get(a)!;
    const until = ends.get(a)!;
    const counted = counts.get(a) ?? NO_COUNTS;
    const instructions = run.instructions.slice(from, until);
    const base = instructions[0]!.first;
    if (until < run.instructions.length) {
      const next = run.instructions[until]!;
      const ops = run.ops.slice(base, next.first);
      const end: EndOp = { op: 'jump', target: next.address, kind: 'fall', ret: 0 };
      ops.push(end);
      return { address: a, instructions, ops, base, end, edges: [to(next.address)], inlined, counts: counted };
    }
    const ops = run.ops.slice(base);
    const end = ops[ops.length - 1] as EndOp;
    const edges: Edge[] = [];
    const last = instructions[instructions.length - 1]!;
    for (const next of successors(end, last, profile)) edges.push(to(next));
    if (end.op === 'jump' && end.kind === 'call') enter(end.ret);
    else if (end.op === 'jumpind' && end.kind === 'call') enter(end.ret);
    // other regions that jump there need no copy of their own
    else if (end.op === 'jumpind') for (const e of edges) enter(e.address);
    else if (end.op === 'syscall' || end.op === 'leave' || (end.op === 'string' && !isWritten(end))) enter(end.next);
    return { address: a, instructions, ops, base, end, edges, inlined, counts: counted, ...inlined && end.op === 'jumpind' && end.kind === 'jump' && { expected: edges[0]?.address ?? 0 } };
  });
  if (inlined && (!complete || count > limits.instructions || sorted.length > limits.blocks || !blocks.some(isReturn) || blocks.some(isManyWay))) return null;
  return { blocks, entries, instructionCount: count, complete };
}

const isReturn = ({ end }: RegionBlock): boolean => end.op === 'jumpind' && end.kind === 'ret';
/** An indirect jump to other than one place. */
const isManyWay = ({ end, edges }: RegionBlock): boolean => end.op === 'jumpind' && end.kind === 'jump' && edges.length !== 1;

/** Ends behind which execution goes on right away, so that nobody may have come by there as the start of a block yet. */
function follows(end: EndOp): boolean {
  return end.op === 'string' || (end.op === 'jump' && end.kind === 'fall');
}
