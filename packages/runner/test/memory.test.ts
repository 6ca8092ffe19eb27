import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { prebuilt } from './bad-programs/damage.ts';
import { emulate } from './support/run.ts';
import { createEmulator, NAMES } from '../src/index.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

describe.each(NAMES.engine)('engine %s', (engine) => it('machines that were run one after the other without a pause can all be collected', async () => {
  const program = prebuilt('hello');
  const machines: WeakRef<object>[] = [];
  for (let i = 0; i < 5; i++) {
    const emulator = createEmulator({ program, engine, root: 'sandbox', stdin: null, stdout: null, maxMemory: 4 << 20 });
    machines.push(new WeakRef(emulator.kernel));
    await emulator.run();
  }
  collect();
  // the last one may still lie on the stack
  expect(machines.filter((machine) => machine.deref() !== undefined).length).toBeLessThanOrEqual(1);
}));

it('arguments of a megabyte are refused by name', async () => {
  await expect(emulate(prebuilt('hello'), ['x'.repeat(1 << 20)], { root: 'sandbox' })).rejects.toMatchObject({ code: 'E_OPTION' });
});

it('the state is hashed unless nobody wants to know', async () => {
  const hashes = await Promise.all([undefined, true, false].map(async (stateHash) => (await emulate(prebuilt('hello'), [], { root: 'sandbox', ...stateHash !== undefined && { stateHash } })).stateHash));
  expect(hashes).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), hashes[0], null]);
});
