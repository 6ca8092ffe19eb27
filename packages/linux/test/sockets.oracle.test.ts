import { fileURLToPath } from 'node:url';
import { interpreter } from '@tally86/interpreter';
import { jit } from '@tally86/jit';
import { describe, expect, it } from 'vitest';
import { compile, hasOracle } from '../../../tools/oracle/src/index.ts';
import { runGuest, runGuestNatively } from './run-guest.ts';

/** Standard output line by line: a difference shows the call that made it. */
const lines = (output: string): string[] => output.split('\n');

describe.skipIf(!hasOracle('native', 'gcc'))('sockets answer as those of the kernel of this machine', () => {
  it.each(['sockets-unix', 'sockets-inet', 'sockets-ancillary'])('%s', { timeout: 60_000 }, async (name) => {
    const path = compile([fileURLToPath(new URL(`guests/${name}.c`, import.meta.url))], { compiler: 'gcc', flags: ['-O1', '-static', '-no-pie', '-w'] });
    const native = runGuestNatively(path);
    for (const engine of [interpreter, jit(interpreter, { threshold: 4, batch: 2 })]) {
      const here = await runGuest(engine, path);
      expect(lines(here.output), engine.name).toEqual(lines(native.output));
      expect(here.exit, engine.name).toEqual({ kind: 'exit', code: native.status });
    }
  });
});
