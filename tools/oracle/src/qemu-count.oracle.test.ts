import { describe, expect, it } from 'vitest';
import { compile, fixture, FREESTANDING } from './compile.ts';
import { hasOracle } from './oracles.ts';
import { qemuCount } from './qemu-count.ts';

/** QEMU 7.2's rule for rep: n + 1 if the count ran out, n if the condition ended it (in the last iteration too), 1 if it was empty. */
const COUNTS = [
  ['repend.s', 18],
  ['rep.s', 45],
  // QEMU does not let the plugin finish when a signal ends the program
  ['killed.s', null, 128 + 4],
  // a faulting instruction is counted again when it is retried, native 22
  ['fault.s', 23, 7],
] as const;

describe.skipIf(!hasOracle('gcc', 'qemu-x86_64'))('qemu-plugin convention', () => {
  it.each(COUNTS)('%s: %s', async (name, count, status = 0) => {
    const result = await qemuCount(compile([fixture(name)], { flags: FREESTANDING }));
    expect(result).toMatchObject({ count, status });
  });
});
