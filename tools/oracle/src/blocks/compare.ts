import { REGISTERS } from '../fuzz/case.ts';
import { flagText } from '../fuzz/compare.ts';
import { VALUE_NAMES } from './observer.ts';
import { PLACES, type Snapshot } from './program.ts';

const { codeBase, codeSize, arenaBase, arenaSize, stackBase } = PLACES;
const COUNT_NAMES = ['retired', 'repIterations', 'repCompleted', 'repEmpty', 'repExhausted', ...VALUE_NAMES];
const hex = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).reverse().join('');

/** Address of a byte of Snapshot.memory. */
export function addressOf(at: number): number {
  if (at < codeSize) return codeBase + at;
  return at < codeSize + arenaSize ? arenaBase + at - codeSize : stackBase + at - codeSize - arenaSize;
}

/** Where two snapshots differ, in words; empty if nowhere. */
export function differences(a: Snapshot, b: Snapshot): string[] {
  const out: string[] = [];
  const put = (field: string, x: string, y: string): void => void out.push(`${field}: ${x}, but ${y}`);
  if (a.stop !== b.stop) put('stop', a.stop, b.stop);
  if (a.rip !== b.rip) put('rip', `0x${a.rip.toString(16)}`, `0x${b.rip.toString(16)}`);
  a.counts.forEach((value, i) => { if (value !== b.counts[i]) put(COUNT_NAMES[i]!, String(value), String(b.counts[i])); });
  a.gpr.forEach((value, i) => { if (value !== b.gpr[i]) put(REGISTERS[i]!, `0x${value.toString(16)}`, `0x${b.gpr[i]!.toString(16)}`); });
  if (a.rflags !== b.rflags) put('rflags', flagText(a.rflags), `${flagText(b.rflags)} (differ: 0x${(a.rflags ^ b.rflags).toString(16)})`);
  if (a.selectors !== b.selectors) put('selectors', String(a.selectors), String(b.selectors));
  const parts: readonly (readonly [string, Uint8Array, Uint8Array, number])[] = [
    ...Array.from({ length: 32 }, (_, i) => [i < 2 ? `fx+${16 * i}` : i < 10 ? `st${i - 2}` : `xmm${i - 10}`, a.fx, b.fx, 16 * i] as const),
    ...Array.from({ length: 16 }, (_, i) => [`ymm${i} upper half`, a.ymmHigh, b.ymmHigh, 16 * i] as const),
  ];
  for (const [name, x, y, at] of parts) {
    const [left, right] = [x.subarray(at, at + 16), y.subarray(at, at + 16)];
    if (Buffer.compare(left, right) !== 0) put(name, hex(left), hex(right));
  }
  if (Buffer.compare(a.memory, b.memory) !== 0) {
    for (let i = 0, shown = 0; i < a.memory.length && shown < 4; i++) {
      if (a.memory[i] === b.memory[i]) continue;
      put(`memory 0x${addressOf(i).toString(16)}`, hex(a.memory.subarray(i, i + 8)), hex(b.memory.subarray(i, i + 8)));
      shown++;
      i += 7;
    }
  }
  return out;
}
