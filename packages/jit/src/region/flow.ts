import { isDispatched, type RegionGraph } from './graph.ts';

/** What a node of the flow graph does. */
export type FlowNode =
  /** Runs a block. */
  | { readonly kind: 'block'; readonly block: number }
  /** Goes on by the number of the entry: `targets[number]`, else the last one. */
  | { readonly kind: 'entry'; readonly cases: readonly (readonly [entry: number, node: number])[]; readonly otherwise: number }
  /** Forgets the number of the entry, which was in a loop and is reached: `block`. */
  | { readonly kind: 'arrived'; readonly block: number; readonly to: number }
  /** Goes on at the block whose address is in rip, if it is in the region. */
  | { readonly kind: 'indirect'; readonly blocks: readonly number[] };

/** A reducible flow graph in reverse postorder, ready to be written as nested blocks and loops. */
export interface Flow {
  readonly nodes: readonly FlowNode[];
  readonly successors: readonly (readonly number[])[];
  /** Node of each block. */
  readonly nodeOfBlock: readonly number[];
  /** Where ways to a block lead: to it, or to the node in front of it that dispatches entries. */
  readonly doorOfBlock: readonly number[];
  /** Where an edge between two blocks leads; the number behind the last block is that of the indirect dispatcher. */
  readonly nodeBetween: (from: number, to: number) => number;
  /** The blocks around a header whose edges back to it pass by its door, because no entry lies between: a loop of its own. */
  readonly turning: ReadonlyMap<number, ReadonlySet<number>>;
  /** Node of the indirect dispatcher, or −1. */
  readonly indirect: number;
  readonly root: number;
  /** Position in reverse postorder; −1: cannot be reached. */
  readonly order: readonly number[];
  readonly dominated: readonly (readonly number[])[];
  readonly isLoopHeader: readonly boolean[];
  /** The blocks of each loop; the number behind the last block is that of the indirect dispatcher. */
  readonly loops: readonly ReadonlySet<number>[];
  /** Entry numbers in order: block of each. */
  readonly entries: readonly number[];
  /** Blocks in front of which the budget is looked at: entries, loops, and behind calls. */
  readonly checked: ReadonlySet<number>;
}

interface Ordered {
  readonly order: number[];
  /** Nodes in reverse postorder. */
  readonly sequence: number[];
}

function reversePostorder(root: number, successors: readonly (readonly number[])[]): Ordered {
  const order = successors.map(() => -1);
  const post: number[] = [];
  const state = new Uint8Array(successors.length);
  const stack: { node: number; next: number }[] = [{ node: root, next: 0 }];
  state[root] = 1;
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    const to = successors[top.node]!;
    if (top.next < to.length) {
      const n = to[top.next++]!;
      if (state[n] === 0) {
        state[n] = 1;
        stack.push({ node: n, next: 0 });
      }
    } else {
      post.push(top.node);
      stack.pop();
    }
  }
  const sequence = post.reverse();
  sequence.forEach((n, i) => (order[n] = i));
  return { order, sequence };
}

function predecessorsOf(successors: readonly (readonly number[])[], order: readonly number[]): number[][] {
  const predecessors: number[][] = successors.map(() => []);
  successors.forEach((to, from) => {
    if (order[from]! < 0) return;
    for (const n of to) predecessors[n]!.push(from);
  });
  return predecessors;
}

/** Immediate dominators (Cooper, Harvey, Kennedy: A Simple, Fast Dominance Algorithm). */
function dominators(root: number, { order, sequence }: Ordered, predecessors: readonly (readonly number[])[]): Int32Array {
  const idom = new Int32Array(order.length).fill(-1);
  idom[root] = root;
  const meet = (x: number, y: number): number => {
    let a = x;
    let b = y;
    while (a !== b) {
      while (order[a]! > order[b]!) a = idom[a]!;
      while (order[b]! > order[a]!) b = idom[b]!;
    }
    return a;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const n of sequence) {
      if (n === root) continue;
      let best = -1;
      for (const p of predecessors[n]!) if (idom[p]! >= 0) best = best < 0 ? p : meet(best, p);
      if (idom[n] !== best) {
        idom[n] = best;
        changed = true;
      }
    }
  }
  return idom;
}

function dominates(a: number, b: number, idom: Int32Array, order: readonly number[]): boolean {
  let n = b;
  while (order[n]! > order[a]!) n = idom[n]!;
  return n === a;
}

/** The nodes around an edge back to a header, added to those of other edges. */
function naturalLoop(header: number, from: number, predecessors: readonly (readonly number[])[], body = new Set<number>()): Set<number> {
  body.add(header);
  const work = [from];
  while (work.length > 0) {
    const m = work.pop()!;
    if (body.has(m)) continue;
    body.add(m);
    work.push(...predecessors[m]!);
  }
  return body;
}

/**
 * Makes the region's graph reducible: branches into the middle of a loop leave the region and come back by an entry. Loop headers become entries,
 * and each loop with an entry inside gets a node in front of its header that sends execution on to it.
 */
export function structure(graph: RegionGraph): Flow {
  const { blocks } = graph;
  const n = blocks.length;
  // the indirect dispatcher is node n; it leads where the edges of its jumps lead, and nowhere else: others rely on the edges alone
  let indirectTargets: number[];
  const entrySet = new Set(graph.entries);

  const base: number[][] = [];
  let ordered: Ordered;
  let idom: Int32Array;
  for (;;) {
    base.length = 0;
    indirectTargets = [...new Set(blocks.filter(isDispatched).flatMap((b) => b.edges.flatMap((e) => (e.to >= 0 ? [e.to] : []))))];
    blocks.forEach((b) => {
      if (isDispatched(b)) base.push(b.edges.some((e) => e.to >= 0) ? [n] : []);
      else base.push(b.edges.filter((e) => e.to >= 0).map((e) => e.to));
    });
    if (indirectTargets.length > 0) base.push(indirectTargets);
    ordered = reversePostorder(0, base);
    idom = dominators(0, ordered, predecessorsOf(base, ordered.order));
    let cut = false;
    base.forEach((to, from) => {
      if (ordered.order[from]! < 0) return;
      for (const t of to) {
        if (ordered.order[t]! > ordered.order[from]! || dominates(t, from, idom, ordered.order)) continue;
        cut = true;
        if (from === n) {
          for (const b of blocks) if (isDispatched(b)) for (const e of b.edges) if (e.to === t) e.to = -1;
          if (!blocks[t]!.inlined) entrySet.add(t);
        } else if (t === n) {
          for (const e of blocks[from]!.edges) e.to = -1;
        } else {
          for (const e of blocks[from]!.edges) if (e.to === t) e.to = -1;
          if (!blocks[t]!.inlined) entrySet.add(t);
        }
      }
    });
    if (!cut) break;
  }

  const hasIndirect = indirectTargets.length > 0;
  // natural loops: body sets by header
  const { order } = ordered;
  const predecessors = predecessorsOf(base, order);
  const loops = new Map<number, Set<number>>();
  const checked = new Set<number>();
  base.forEach((to, from) => {
    if (order[from]! < 0) return;
    for (const header of to) {
      if (order[header]! > order[from]!) continue;
      loops.set(header, naturalLoop(header, from, predecessors, loops.get(header)));
      if (header >= n) continue;
      checked.add(header);
      if (!blocks[header]!.inlined) entrySet.add(header);
    }
  });

  const entries = [...entrySet].filter((e) => order[e]! >= 0).sort((a, b) => a - b);
  for (const e of entries) checked.add(e);
  for (const { end, edges } of blocks) if ((end.op === 'jump' || end.op === 'jumpind') && end.kind === 'call') for (const { to } of edges) if (to >= 0) checked.add(to);
  /** Headers of the loops around a node, its own excluded, outermost first. */
  const around = (node: number): number[] => [...loops.keys()].filter((h) => h !== node && loops.get(h)!.has(node)).sort((a, b) => order[a]! - order[b]!);

  const nodes: FlowNode[] = blocks.map((_, block) => ({ kind: 'block', block }));
  if (hasIndirect) nodes.push({ kind: 'indirect', blocks: indirectTargets });
  const door = nodes.map((_, i) => i);
  const chains = entries.map((e) => around(e));
  for (const chain of chains) {
    for (const header of chain) {
      if (door[header] !== header) continue;
      door[header] = nodes.length;
      nodes.push({ kind: 'entry', cases: [], otherwise: header });
    }
  }
  // of the loops around one header only those with an entry inside need the door
  const turning = new Map<number, Set<number>>();
  for (const header of loops.keys()) {
    if (header >= n || door[header] === header) continue;
    const inner = new Set<number>();
    for (const from of predecessors[header]!) {
      if (order[from]! < order[header]!) continue;
      const own = naturalLoop(header, from, predecessors);
      if (!entries.some((e) => e !== header && own.has(e))) for (const m of own) inner.add(m);
    }
    if (inner.size > 0) turning.set(header, inner);
  }
  const nodeBetween = (from: number, to: number): number => (turning.get(to)?.has(from) === true ? to : door[to]!);
  const cases = new Map<number, [number, number][]>();
  const rootCases: [number, number][] = [];
  entries.forEach((e, number) => {
    const chain = chains[number]!;
    if (chain.length === 0) {
      rootCases.push([number, door[e]!]);
      return;
    }
    const arrived = nodes.length;
    nodes.push({ kind: 'arrived', block: e, to: door[e]! });
    chain.forEach((header, i) => {
      const next = i + 1 < chain.length ? door[chain[i + 1]!]! : arrived;
      const list = cases.get(header) ?? [];
      list.push([number, next]);
      cases.set(header, list);
    });
    rootCases.push([number, door[chain[0]!]!]);
  });
  for (const [header, list] of cases) nodes[door[header]!] = { kind: 'entry', cases: list, otherwise: header };
  let root = door[0]!;
  if (entries.length > 1) {
    root = nodes.length;
    nodes.push({ kind: 'entry', cases: rootCases.filter(([, to]) => to !== door[0]), otherwise: door[0]! });
  }

  const after = (node: FlowNode): number[] => {
    switch (node.kind) {
      case 'block': return base[node.block]!.map((t) => nodeBetween(node.block, t));
      case 'indirect': return node.blocks.map((t) => nodeBetween(n, t));
      case 'arrived': return [node.to];
      case 'entry': return [...node.cases.map(([, to]) => to), node.otherwise];
    }
  };
  const successors = nodes.map((node) => after(node));
  const final = reversePostorder(root, successors);
  const finalPredecessors = predecessorsOf(successors, final.order);
  const finalIdom = dominators(root, final, finalPredecessors);
  const dominated: number[][] = nodes.map(() => []);
  for (const m of final.sequence) if (m !== root) dominated[finalIdom[m]!]!.push(m);
  const isLoopHeader = nodes.map((_, m) => finalPredecessors[m]!.some((p) => final.order[p]! >= final.order[m]!));
  return {
    nodes, successors, root, dominated, isLoopHeader, turning, nodeBetween, loops: [...loops.values(), ...turning.values()], entries, checked,
    nodeOfBlock: blocks.map((_, i) => i), doorOfBlock: blocks.map((_, i) => door[i]!), indirect: hasIndirect ? door[n]! : -1, order: final.order,
  };
}
