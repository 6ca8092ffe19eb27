import { describe, expect, it } from 'vitest';
import { machineCodeOfV8 } from './machine-code.ts';

/** f(n): n + 1; never(n): n + 1 */
const BYTES = Uint8Array.of(
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f, 3, 3, 2, 0, 0, 7, 13, 2, 1, 0x66, 0, 0, 5, 0x6e, 0x65, 0x76, 0x65, 0x72, 0, 1, 10, 17, 2, 7, 0, 0x20, 0, 0x41, 1, 0x6a, 0x0b,
  7, 0, 0x20, 0, 0x41, 1, 0x6a, 0x0b,
);
type Exports = Record<'f' | 'never', (n: number) => number>;
const functionsOf = (module: WebAssembly.Module): Exports => new WebAssembly.Instance(module).exports as Exports;
const machineCode = machineCodeOfV8();

/** Until V8 has optimised a function: it does that beside us. */
async function heat(f: (n: number) => number, isOptimized: () => boolean): Promise<void> {
  for (const end = Date.now() + 30_000; !isOptimized() && Date.now() < end; ) {
    for (let i = 0; i < 1_000_000; i++) f(i);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

it('is there for the versions of V8 that it was tried with', () => {
  expect([machineCodeOfV8('11.3.244.8-node.38'), machineCodeOfV8('12.4.254.21-node.57'), machineCodeOfV8('13.6.233.17-node.63')]).not.toContain(null);
  expect([machineCodeOfV8('10.2.154.26'), machineCodeOfV8('11.30.1'), machineCodeOfV8('99.1.2')]).toEqual([null, null, null]);
});

describe.skipIf(machineCode === null)('machine code of a module', () => {
  const keeper = machineCode!;
  it('is saved, and taken back optimised; not what is not V8\'s, or another one\'s', async () => {
    const module = new WebAssembly.Module(BYTES);
    const { f, never } = functionsOf(module);
    expect([f(1), never(1), keeper.optimized([f, never])]).toEqual([2, 2, 0]);
    await heat(f, () => keeper.optimized([f]) === 1);
    expect(keeper.optimized([f, never])).toBe(1);

    const code = keeper.save(module);
    const restored = functionsOf(keeper.restore(code, BYTES)!);
    expect([keeper.optimized([restored.f, restored.never]), restored.f(41), restored.never(41)]).toEqual([1, 42, 42]);

    // a view of a larger buffer too
    const file = Buffer.concat([Buffer.from('before'), code, Buffer.from('behind')]);
    expect(functionsOf(keeper.restore(file.subarray(6, 6 + code.length), BYTES)!).f(1)).toBe(2);

    const ofAnotherVersion = code.slice();
    ofAnotherVersion[5]! ^= 1;
    expect([keeper.restore(ofAnotherVersion, BYTES), keeper.restore(new Uint8Array(), BYTES), keeper.restore(code.subarray(0, 4), BYTES)]).toEqual([null, null, null]);
  });
});
