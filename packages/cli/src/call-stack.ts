import { CELL, REG } from '@tally86/core';
import type { Machine } from '@tally86/linux';

const FRAMES = 8;

/**
 * The guest's call stack by its chain of frame pointers, innermost first: code built without frame pointers shows its innermost frame only.
 * Addresses come as file+offset where a file is mapped there.
 */
export function callStack(kernel: Machine): string[] {
  const { cpu } = kernel;
  const { vmas, mmu } = kernel.init.mm;
  const frames = [place(Number(cpu.u64[CELL.rip]!))];
  const frame = new Uint8Array(16);
  const view = new DataView(frame.buffer);
  let at = cpu.u64[REG.rbp]!;
  const top = cpu.u64[REG.rsp]!;
  // a chain that does not go up the stack is none
  for (let last = top; frames.length < FRAMES && at > last && at < 1n << 47n; ) {
    if (mmu.peek(Number(at), frame) < 16) break;
    const back = Number(view.getBigUint64(8, true));
    if (!isCode(back)) break;
    frames.push(place(back));
    last = at;
    at = view.getBigUint64(0, true);
  }
  return frames;

  function isCode(address: number): boolean {
    const vma = Number.isSafeInteger(address) ? vmas.find(address) : null;
    return vma !== null && (vma.prot & 4) !== 0;
  }
  function place(address: number): string {
    const vma = Number.isSafeInteger(address) ? vmas.find(address) : null;
    if (vma === null || vma.name === '') return `0x${address.toString(16)}`;
    return `${vma.name}+0x${(address - vma.start + vma.offset).toString(16)}`;
  }
}
