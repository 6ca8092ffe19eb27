import { PROT, type EnginePort } from '@tally86/core';
import type { RegionGraph } from '../region/graph.ts';
import type { CodePiece } from './regions.ts';

/** How a lifter gets the bytes of code: none outside of user space and where they cannot be executed. */
export function createFetch(mmu: Pick<EnginePort, 'buffer' | 'translate'>): (address: number, into: Uint8Array) => number {
  const bytes = new Uint8Array(mmu.buffer);
  return (address, into) => {
    if (address >= 0x8000_0000_0000) return 0;
    const host = mmu.translate(address, PROT.EXEC);
    if (host < 0) return 0;
    into.set(bytes.subarray(host, host + into.length));
    return into.length;
  };
}

/** Where the bytes of a region's blocks lie, which were fetched just now. */
export function codePieces(mmu: Pick<EnginePort, 'translate'>, { blocks }: Pick<RegionGraph, 'blocks'>): CodePiece[] {
  const pieces: CodePiece[] = [];
  for (const { address, instructions } of blocks) {
    const last = instructions[instructions.length - 1]!;
    const end = last.address + last.length;
    for (let at = address; at < end; ) {
      const to = Math.min(end, at - (at % 4096) + 4096);
      const host = mmu.translate(at, PROT.EXEC);
      pieces.push({ frame: host >>> 12, from: host & 4095, to: (host & 4095) + (to - at), page: Math.floor(at / 4096) });
      at = to;
    }
  }
  return pieces;
}
