// A placement strategy of your own: every area starts at a multiple of 1 GiB. Run: npx tsx examples/own-placement.ts
import type { MmapStrategy } from '@tally86/core';
import { createEmulator } from '@tally86/runner';
import { contractGuest } from './guest.ts';

const GIB = 2 ** 30;

const gigabyteSlots: MmapStrategy = {
  name: 'gigabyte-slots',
  findFreeArea(gaps, { length }) {
    for (let start = 64 * GIB; start + length <= gaps.high; start += GIB) if (gaps.isFree(start, length)) return start;
    return null;
  },
  onMap() {},
  onUnmap() {},
  snapshot: () => null,
  restore() {},
  clone: () => gigabyteSlots,
};

const placed: string[] = [];
const emulator = createEmulator({
  program: contractGuest(), args: ['3'], root: 'sandbox',
  mmap: gigabyteSlots,
  plugins: [{
    name: 'watch',
    mapping: ({ kind, start, end }) => void (kind === 'map' && end - start === 6 * GIB && placed.push(`0x${start.toString(16)}`)),
  }],
});
const result = await emulator.run();
console.log(`${result.parts.mmap}: 6 GiB at ${placed.join(', ')}`);
console.log(`page table at the end: ${result.memory.pageTableBytes} bytes`);
