// A plugin of your own: counts executed calls and system calls by inline counters and hooks. Run: npx tsx examples/own-plugin.ts
import type { InlineCounter, Plugin } from '@tally86/core';
import { createEmulator } from '@tally86/runner';
import { contractGuest } from './guest.ts';

const multiplications: InlineCounter = { value: 0 };
const syscalls = new Map<number, number>();

const profile: Plugin = {
  name: 'profile',
  // asked at translation time, perhaps several times for the same instructions; what it answers runs with the block
  translate: ({ instructions }) => ({
    counters: instructions.flatMap(({ mnemonic }, index) => (mnemonic === 'imul' || mnemonic === 'lea' ? [{ index, counter: multiplications, amount: 1 }] : [])),
  }),
  syscall({ number }) {
    syscalls.set(number, (syscalls.get(number) ?? 0) + 1);
    return undefined;
  },
};

const emulator = createEmulator({ program: contractGuest(), args: ['10'], root: 'sandbox', plugins: [profile] });
const result = await emulator.run();
console.log(`${result.windows.length} contracts, ${result.total} instructions, ${multiplications.value} of them imul or lea`);
console.log(`mmap ${syscalls.get(9)}, mprotect ${syscalls.get(10)}, munmap ${syscalls.get(11)}`);
