import { isImm, type IrOp } from '@tally86/decoder';
import { accessOf } from '../emit/groups.ts';
import { definesFlags, flagsAfter, UNKNOWN } from '../emit/flags.ts';
import type { Flow } from './flow.ts';
import { isDispatched, type RegionBlock, type RegionGraph } from './graph.ts';

/** Where flags are looked at: by an operation, or by whoever takes over behind an exit. */
export function observesFlags(op: IrOp): boolean {
  if (accessOf(op) !== null) return true;
  switch (op.op) {
    case 'getcc': case 'getflags': case 'selectcc': case 'mergeflags': case 'rotflags': case 'branchcc': case 'probe': return true;
    // a shift by a count that may be 0 keeps them
    case 'flags': return !definesFlags(op);
    case 'helper': return true;
    case 'jump': return op.kind === 'call';
    case 'branch': case 'nop': return false;
    case 'string': case 'syscall': case 'jumpind': case 'trap': case 'undefined': case 'fetchfault': case 'leave': return true;
    default: return false;
  }
}

/** What is known of the flags at some place: `kind` as FlagEmitter.known has it; if not `sure`, it is only likely and has to be looked at. */
export interface KnownFlags {
  readonly kind: number;
  readonly sure: boolean;
}
const NOTHING: KnownFlags = { kind: UNKNOWN, sure: true };

export interface FlagFlow {
  /** At the start of each block. */
  readonly knownAt: readonly KnownFlags[];
  /** Whether flags at the end of each block are looked at later. */
  readonly liveBehind: readonly boolean[];
}

/** Two ways meet: what both know, else what one of them knows as a guess: the second, if it is `likelier`. */
function meet(a: KnownFlags, b: KnownFlags, likelier: boolean): KnownFlags {
  if (a.kind === b.kind) return a.sure ? b : a;
  const kind = b.kind >= 0 && (likelier || a.kind < 0) ? b.kind : a.kind;
  return kind >= 0 ? { kind, sure: false } : NOTHING;
}

/** Kinds of lazy flags forwards and their liveness backwards, over the blocks of a region. */
export function analyseFlags(graph: RegionGraph, flow: Flow): FlagFlow {
  const { blocks } = graph;
  const isEntry = new Set(flow.entries);
  // forwards: undefined = not reached yet; whoever enters from outside brings any kind
  const knownAt: (KnownFlags | undefined)[] = blocks.map((_, i) => (isEntry.has(i) ? NOTHING : undefined));
  const work = [...isEntry].reverse();
  const looped = new Set<number>();
  // a block that defines them leaves the same whatever it was entered with
  const defined = blocks.map(({ ops }) => (ops.some(definesFlags) ? ops.reduce((kind, op) => flagsAfter(op, kind), UNKNOWN) : undefined));
  while (work.length > 0) {
    const i = work.pop()!;
    const block = blocks[i]!;
    let { kind, sure } = knownAt[i] ?? NOTHING;
    if (defined[i] !== undefined) {
      kind = defined[i];
      sure = true;
    } else {
      for (const op of block.ops) {
        kind = flagsAfter(op, kind);
        if (kind < 0) sure = true;
      }
    }
    // a callee leaves whatever it likes
    if ((block.end.op === 'jump' && block.end.kind === 'call') || block.end.op === 'jumpind' || block.end.op === 'syscall' || block.end.op === 'leave') {
      kind = UNKNOWN;
      sure = true;
    }
    for (const { to } of block.edges) {
      if (to < 0) continue;
      const was = knownAt[to];
      // the way back in a loop is the one taken most; the first one found stays
      const back = kind >= 0 && flow.order[to]! <= flow.order[i]! && !looped.has(to);
      if (back) looped.add(to);
      const now = was === undefined ? { kind, sure } : meet(was, { kind, sure }, back);
      if (was === undefined || now.kind !== was.kind || now.sure !== was.sure) {
        knownAt[to] = now;
        work.push(to);
      }
    }
  }
  // backwards: what a block does to flags first
  const first = blocks.map((block, i): 'observe' | 'define' | 'nothing' => {
    // these can leave before their first instruction
    if (flow.checked.has(i)) return 'observe';
    for (const op of block.ops) {
      if (observesFlags(op)) return 'observe';
      if (definesFlags(op)) return 'define';
    }
    return 'nothing';
  });
  const liveAt = first.map((f) => f === 'observe');
  const liveBehind = blocks.map(() => false);
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = blocks.length - 1; i >= 0; i--) {
      const { edges } = blocks[i]!;
      const behind = edges.length === 0 || edges.some((e) => e.to < 0 || liveAt[e.to]!) || blocks[i]!.end.op === 'jumpind';
      const at = first[i] === 'observe' || (first[i] === 'nothing' && behind);
      if (behind !== liveBehind[i] || at !== liveAt[i]) {
        liveBehind[i] = behind;
        liveAt[i] = at;
        changed = true;
      }
    }
  }
  return { knownAt: knownAt.map((k) => k ?? NOTHING), liveBehind };
}

/** Records of flags in a block that nobody looks at. */
export function deadRecords(ops: readonly IrOp[], liveBehind: boolean): Set<number> {
  const dead = new Set<number>();
  let live = liveBehind;
  for (let i = ops.length - 1; i >= 0; i--) {
    const op = ops[i]!;
    if (op.op === 'flags') {
      if (!live) dead.add(i);
      else if (definesFlags(op)) live = false;
    } else if ((op.op === 'mergeflags' || op.op === 'rotflags') && !live) {
      dead.add(i);
    } else if (observesFlags(op)) live = true;
  }
  return dead;
}

/** Temporaries that only dropped operations read: their definitions can go too. */
export function deadTemporaries(ops: readonly IrOp[], dead: ReadonlySet<number>, temps: { readonly first: number; readonly end: number }, begins: ReadonlySet<number>): Set<number> {
  const gone = new Set(dead);
  const used = new Set<number>();
  const read = (a: unknown): void => {
    if (typeof a === 'number' && a >= temps.first && a < temps.end) used.add(a);
  };
  for (let i = ops.length - 1; i >= 0; i--) {
    const op = ops[i]!;
    // temporaries do not live across instructions
    if (begins.has(i + 1)) used.clear();
    if (gone.has(i)) continue;
    // values without effects, of a temporary that nobody reads further down
    if (op.op === 'getcc' || op.op === 'getflags' || op.op === 'set' || op.op === 'extract' || op.op === 'add' || op.op === 'sub' || op.op === 'and' || op.op === 'mov'
      || op.op === 'zext8' || op.op === 'zext16' || op.op === 'zext32' || op.op === 'sext8' || op.op === 'sext16' || op.op === 'sext32' || op.op === 'shr' || op.op === 'lea') {
      if (op.d >= temps.first && op.d < temps.end && !used.has(op.d)) {
        gone.add(i);
        continue;
      }
    }
    for (const key of ['a', 'b', 'c', 'x', 'y', 'count'] as const) {
      if (key in op) {
        const a = (op as unknown as Record<string, unknown>)[key];
        if (typeof a !== 'object' || !isImm(a as never)) read(a);
      }
    }
    if ('ea' in op) {
      read(op.ea.base);
      read(op.ea.index);
    }
    if (op.op === 'helper') {
      op.args.forEach(read);
      op.reads.forEach(read);
    }
  }
  return gone;
}

/** Whether an operation leaves the flags in locals: it records or changes them. */
function changesFlags(op: IrOp): boolean {
  return op.op === 'flags' || op.op === 'mergeflags' || op.op === 'rotflags' || (op.op === 'string' && (op.kind === 'scas' || op.kind === 'cmps'));
}

/**
 * Where the flags are at the start of each block: in memory behind calls and where the region is entered, until something records them; in
 * locals in loops and where indirect jumps meet, so that going round costs nothing.
 */
export function placeFlags(graph: RegionGraph, flow: Flow): ('memory' | 'locals')[] {
  const { blocks } = graph;
  const isEntry = new Set(flow.entries);
  const isCall = ({ end }: RegionBlock): boolean => (end.op === 'jump' || end.op === 'jumpind') && end.kind === 'call';
  // an entry in the middle of things, too: execution comes by inside of the region more often
  const passed = new Set(blocks.flatMap((b) => (isCall(b) ? [] : b.edges.map((e) => e.to))));
  const places: ('memory' | 'locals' | undefined)[] = blocks.map((_, i) => {
    if (flow.isLoopHeader[flow.doorOfBlock[i]!] || flow.isLoopHeader[i]) return 'locals';
    if (!isEntry.has(i)) return undefined;
    return i !== 0 && passed.has(i) ? 'locals' : 'memory';
  });
  for (const b of blocks) if (isDispatched(b)) for (const e of b.edges) if (e.to >= 0) places[e.to] = 'locals';
  const order = blocks.map((_, i) => i).filter((i) => flow.order[i]! >= 0).sort((a, b) => flow.order[a]! - flow.order[b]!);
  // in order of the flow every forward way to a block is known before it
  for (const i of order) {
    const block = blocks[i]!;
    const at = (places[i] ??= 'memory');
    const behind = isCall(block) ? 'memory' : block.ops.some(changesFlags) ? 'locals' : at;
    for (const { to } of block.edges) {
      if (to < 0 || isEntry.has(to) || flow.order[to]! <= flow.order[i]!) continue;
      if (places[to] === undefined || behind === 'locals') places[to] = behind;
    }
  }
  return places.map((p) => p ?? 'memory');
}
