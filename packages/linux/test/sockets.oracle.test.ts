import { fileURLToPath } from 'node:url';
import { interpreter } from '@tally86/interpreter';
import { jit } from '@tally86/jit';
import { describe, expect, it } from 'vitest';
import { compile, hasOracle } from '../../../tools/oracle/src/index.ts';
import { runGuest, runGuestNatively } from './run-guest.ts';

/** The lines of two outputs around the first that differ, which show the call that made it: all of them would take minutes to compare in full. */
function firstDifference(here: string, there: string): readonly (readonly string[])[] {
  const outputs = [here.split('\n'), there.split('\n')] as const;
  const same = outputs[0].findIndex((line, index) => line !== outputs[1][index]);
  const at = same < 0 ? outputs[0].length : same;
  return outputs.map((lines) => lines.slice(Math.max(0, at - 5), at + 5));
}

describe.skipIf(!hasOracle('native', 'gcc'))('sockets answer as those of the kernel of this machine', () => {
  it.each(['sockets-unix', 'sockets-inet', 'sockets-ancillary'])('%s', { timeout: 60_000 }, async (name) => {
    const path = compile([fileURLToPath(new URL(`guests/${name}.c`, import.meta.url))], { compiler: 'gcc', flags: ['-O1', '-static', '-no-pie', '-w'] });
    const native = runGuestNatively(path);
    for (const engine of [interpreter, jit(interpreter, { threshold: 4, batch: 2 })]) {
      const here = await runGuest(engine, path);
      const [ours, theirs] = firstDifference(here.output, native.output);
      expect(ours, engine.name).toEqual(theirs);
      expect(here.exit, engine.name).toEqual({ kind: 'exit', code: native.status });
    }
  });
});
