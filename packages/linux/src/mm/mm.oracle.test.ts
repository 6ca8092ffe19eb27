import { MADV, MAP, MREMAP } from '@tally86/abi';
import { describe, expect, it } from 'vitest';
import { hasOracle } from '../../../../tools/oracle/src/index.ts';
import { createSeededEntropy } from '../index.ts';
import { runHere, runNatively, type Step } from '../../test/native.ts';

const LOW = 0x1000_0000, PAGES = 24, PAGE = 4096;
const HIGH = LOW + PAGES * PAGE;

/** Random calls on a small window, so that they meet; placements outside of it are never asked for. */
function randomSteps(seed: number, count: number): Step[] {
  const entropy = createSeededEntropy(BigInt(seed));
  const word = new Uint32Array(1);
  const random = (n: number): number => {
    entropy.fill(new Uint8Array(word.buffer));
    return word[0] % n;
  };
  const pick = <T>(list: readonly T[]): T => list[random(list.length)];
  const address = (): number => LOW + random(PAGES) * PAGE + (random(16) === 0 ? 1 + random(PAGE - 1) : 0);
  const length = (at: number): number => (random(20) === 0 ? 0 : Math.min(1 + random(6 * PAGE), HIGH - at - (at % PAGE === 0 ? 0 : PAGE)));
  const steps: Step[] = [];
  const call = (name: Extract<Step, { kind: 'call' }>['name'], ...args: number[]): void => void steps.push({ kind: 'call', name, args });
  for (let i = 0; i < count; i += 1) {
    const at = address();
    const size = Math.max(0, length(at));
    switch (random(10)) {
      case 0:
      case 1:
      case 2:
        call('mmap', at, size, random(8), pick([MAP.PRIVATE, MAP.PRIVATE, MAP.SHARED, 0]) | MAP.ANONYMOUS | pick([MAP.FIXED, MAP.FIXED, MAP.FIXED_NOREPLACE]) | pick([0, 0, MAP.NORESERVE]), -1, 0);
        break;
      case 3:
        call('munmap', at, size);
        break;
      case 4:
      case 5:
        call('mprotect', at, size, pick([0, 1, 3, 5, 7, 0x10]));
        break;
      case 6: {
        const wanted = Math.max(0, Math.min(random(6) * PAGE, HIGH - at));
        call('mremap', at, Math.min(size, PAGE), wanted, pick([0, 0, MREMAP.FIXED, 8]), 0);
        break;
      }
      case 7: {
        // Whole pages: within one area, or refused by both.
        const from = LOW + random(PAGES - 2) * PAGE;
        const to = LOW + random(PAGES - 2) * PAGE;
        call('mremap', from, PAGE, pick([PAGE, 2 * PAGE]), MREMAP.MAYMOVE | MREMAP.FIXED, to);
        break;
      }
      case 8:
        call('madvise', at, size, pick([MADV.DONTNEED, MADV.RANDOM, MADV.NORMAL, MADV.WILLNEED, MADV.POPULATE_READ, MADV.POPULATE_WRITE, MADV.DONTFORK, MADV.DOFORK, 77]));
        break;
      default:
        call('msync', at, size, pick([0, 1, 2, 4, 5, 8]));
    }
    steps.push({ kind: 'maps', low: LOW, high: HIGH });
  }
  return steps;
}

describe.skipIf(!hasOracle('native', 'gcc'))('memory calls agree with the kernel of this machine', () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed))('seed %i', (seed) => {
    const steps = randomSteps(seed, 120);
    const [native, here] = [runNatively(steps), runHere(steps)];
    const calls = steps.filter(({ kind }) => kind === 'call' || kind === 'maps');
    // A bad source and a bad target at once: which of EFAULT and EINVAL comes first changed with Linux 6.17.
    const same = (a: string, b: string, index: number): boolean => {
      const step = calls[index];
      return a === b || (step.kind === 'call' && step.name === 'mremap' && new Set([a, b, '-14', '-22']).size === 2);
    };
    const at = native.findIndex((line, index) => !same(line, here[index], index));
    const context = at < 0 ? [] : steps.slice(Math.max(0, at - 3), at + 1).map((step, i) => `${JSON.stringify(step)} → ${native[Math.max(0, at - 3) + i]}`);
    expect(here[at], context.join('\n')).toBe(native[at]);
    expect(here.length).toBe(native.length);
  });
});
