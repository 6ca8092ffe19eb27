import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { HostStream } from '@tally86/core';
import { describe, expect, it } from 'vitest';
import { compile, hasOracle } from '../../../tools/oracle/src/index.ts';
import { NAMES } from '../src/index.ts';
import { emulate } from './support/run.ts';

/** Input of which one byte is there, and stays until it is read. Who asks again and again does so for ever, but lets the test's own clock run. */
const oneByte = (): HostStream => {
  let left = 1;
  return { kind: 'pipe', read: (into) => (left === 0 || into.length === 0 ? 0 : (into[0] = 65, left--)), write: () => -9, readable: () => true, wait: () => new Promise((resolve) => void setImmediate(resolve)) };
};

describe.skipIf(!hasOracle('native', 'gcc'))('a wait that input cannot end', () => {
  const path = hasOracle('native', 'gcc') ? compile([fileURLToPath(new URL('guests/host-wait.c', import.meta.url))], { flags: ['-O1', '-static'] }) : '';
  it.each(NAMES.engine)('ends by its time-out while there is input: %s', { timeout: 20_000 }, async (engine) => {
    // a pipe whose writer is there still, as ours
    const native = spawnSync('/bin/sh', ['-c', '(printf A; sleep 1) | "$0"; exit $?', path], { encoding: 'utf8' });
    const ran = await emulate(path, [], { engine, stdin: oneByte() });
    expect([ran.stdout, ran.exit]).toEqual([native.stdout, { kind: 'exit', code: native.status }]);
  });
});
