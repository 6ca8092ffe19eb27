import type { BlockUse } from '../emit/use.ts';
import type { EndOp } from '@tally86/decoder';
import type { Flow } from './flow.ts';
import type { RegionGraph } from './graph.ts';
import { NO_REGISTERS, union, type RegisterSet } from './registers.ts';

/** Most stores on ways out that a loop may cost by carrying its registers. */
const MOST_STORES = 400;

const bits = (set: number): number => {
  let n = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) n++;
  return n;
};

/**
 * For each block the registers that its loop carries from turn to turn without storing them: what a small innermost loop writes. Each way out of it
 * stores them; elsewhere they are in memory wherever ways meet.
 */
export function carriedAt({ blocks }: RegionGraph, { loops, turning, order, doorOfBlock }: Flow, uses: readonly BlockUse[]): RegisterSet[] {
  const carried = blocks.map(() => NO_REGISTERS);
  for (const loop of loops) {
    const members = [...loop];
    // the dispatcher of indirect jumps and that of entries have everything in memory
    if (members.some((b) => b >= blocks.length)) continue;
    const header = members.reduce((first, b) => (order[b]! < order[first]! ? b : first));
    if (members.some((b) => doorOfBlock[b] !== b && (b !== header || turning.get(b) !== loop))) continue;
    if (loops.some((other) => other !== loop && [...other].every((b) => loop.has(b)))) continue;
    if (members.some((b) => isCallOrString(blocks[b]!.end))) continue;
    const written = members.reduce((all, b) => union(all, uses[b]!.written), NO_REGISTERS);
    const exits = 1 + members.reduce((n, b) => n + blocks[b]!.ops.filter(({ op }) => LEAVES.has(op)).length + blocks[b]!.edges.filter(({ to }) => !loop.has(to)).length, 0);
    if (exits * (bits(written.gprs) + bits(written.vectors)) > MOST_STORES) continue;
    for (const b of members) carried[b] = written;
  }
  return carried;
}

// a call has everything in memory; a string instruction stores what it moved itself
const isCallOrString = (end: EndOp): boolean => end.op === 'string' || ((end.op === 'jump' || end.op === 'jumpind') && end.kind === 'call');

/** Operations that may leave for the interpreter. */
const LEAVES: ReadonlySet<string> = new Set(['load', 'store', 'vload', 'vstore', 'probe', 'helper']);
