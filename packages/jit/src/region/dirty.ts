import { VECTOR_SLOT } from '@tally86/core';
import type { IrOp } from '@tally86/decoder';
import { visitUses } from '../emit/use.ts';
import { isDispatched, type RegionBlock, type RegionGraph } from './graph.ts';

/** Sets of registers as bits: general ones and vectors. */
export interface RegisterSet {
  readonly gprs: number;
  readonly vectors: number;
}

/** The registers that operations write. */
export function writtenBy(ops: readonly IrOp[]): RegisterSet {
  let gprs = 0;
  let vectors = 0;
  const visitor = {
    read() {},
    readVector() {},
    write(slot: number) {
      if (slot < 16) gprs |= 1 << slot;
    },
    writeVector(slot: number) {
      if (slot < VECTOR_SLOT.temp) vectors |= 1 << slot;
    },
  };
  for (const op of ops) visitUses(op, visitor);
  return { gprs, vectors };
}

/** For each block the registers that may differ from memory at its start: written since the region was entered or a call came back. */
export function dirtyAt(graph: RegionGraph): RegisterSet[] {
  const { blocks } = graph;
  const written = blocks.map((b) => writtenBy(b.ops));
  const dirty = blocks.map((): { gprs: number; vectors: number } => ({ gprs: 0, vectors: 0 }));
  const work = blocks.map((_, i) => i).reverse();
  const inside = ({ edges }: RegionBlock): number[] => edges.flatMap(({ to }) => (to < 0 ? [] : [to]));
  // the dispatcher takes a jump to any target of any of them
  const dispatched = [...new Set(blocks.filter(isDispatched).flatMap(inside))];
  while (work.length > 0) {
    const i = work.pop()!;
    const block = blocks[i]!;
    const { end } = block;
    // everything was stored for the callee
    if ((end.op === 'jump' || end.op === 'jumpind') && end.kind === 'call') continue;
    const gprs = dirty[i]!.gprs | written[i]!.gprs;
    const vectors = dirty[i]!.vectors | written[i]!.vectors;
    const targets = inside(block);
    for (const to of isDispatched(block) && targets.length > 0 ? dispatched : targets) {
      const d = dirty[to]!;
      if ((gprs & ~d.gprs) === 0 && (vectors & ~d.vectors) === 0) continue;
      d.gprs |= gprs;
      d.vectors |= vectors;
      work.push(to);
    }
  }
  return dirty;
}
