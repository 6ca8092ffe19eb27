import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CLI } from './support/programs.ts';

/** Of glibc, static. */
const PROGRAM = fileURLToPath(new URL('../../../tools/guests/prebuilt/threads', import.meta.url));

/** With loops that V8 optimises. */
const HOT = fileURLToPath(new URL('../../../tools/guests/prebuilt/bench/hash', import.meta.url));

let scratch = '';
beforeEach(() => void (scratch = mkdtempSync(join(tmpdir(), 'tally86-jit-cache-'))));
afterEach(() => rmSync(scratch, { recursive: true }));

/** The count, the state at the end, and how many blocks an earlier run had translated. */
function count(...options: readonly string[]): { total: number; stateHash: string; loaded: number } {
  const { total, stateHash, stat } = countOf([PROGRAM], 3, ...options);
  return { total, stateHash, loaded: stat('microLoaded') };
}
function countOf(command: readonly string[], status: number, ...options: readonly string[]) {
  const json = join(scratch, 'result.json');
  const ran = spawnSync(process.execPath, [CLI, 'count', '--stats', '--json', json, ...options, ...command], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin', HOME: scratch } });
  expect(ran.status, ran.stderr).toBe(status);
  const { total, stateHash } = JSON.parse(readFileSync(json, 'utf8')) as { total: number; stateHash: string };
  return { total, stateHash, stat: (name: string) => Number(new RegExp(`${name}\\D*([\\d,]+)`).exec(ran.stderr)?.[1]?.replaceAll(',', '')) };
}
const images = (directory = join(scratch, '.cache', 'tally86')): string[] =>
  (existsSync(directory) ? readdirSync(directory) : []).filter((name) => name.endsWith('.micro')).map((name) => join(directory, name));

describe('what is translated is kept for later runs', () => {
  it('in the cache of the user, and changes no count', () => {
    const first = count();
    expect([first.loaded, images().length]).toEqual([0, 1]);
    const second = count();
    expect(second).toEqual({ ...first, loaded: second.loaded });
    expect(second.loaded).toBeGreaterThan(300);
    // damaged: as if there were none
    const [image] = images() as [string];
    const bytes = readFileSync(image);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(image, bytes);
    expect(count()).toEqual(first);
  });
  // asked of V8's version, not of our own code: where that wrongly finds no way, this fails
  it.skipIf(!/^(11\.3|12\.4|13\.6)\./.test(process.versions.v8))('with the machine code of what was hot', () => {
    const command = [HOT, '400000'];
    const [first, second] = [countOf(command, 0), countOf(command, 0)];
    expect([second.total, second.stateHash]).toEqual([first.total, first.stateHash]);
    expect([first.stat('keptFunctions'), first.stat('optimizedFunctions') > 0]).toEqual([0, true]);
    // V8 optimises beside the run: there may be more when it is kept
    expect(second.stat('keptFunctions')).toBeGreaterThanOrEqual(first.stat('optimizedFunctions'));
    const third = countOf(command, 0, '--no-jit-cache');
    expect([third.total, third.stateHash, third.stat('keptFunctions')]).toEqual([first.total, first.stateHash, NaN]);
  });
  it('so that later runs need no decoder, which is loaded with its byte code where one is needed', () => {
    const hello = fileURLToPath(new URL('../../../tools/guests/prebuilt/hello', import.meta.url));
    // says which files of the decoder are read
    const watch = join(scratch, 'watch.cjs');
    writeFileSync(watch, `const fs = require('node:fs'); const { readFileSync, openSync } = fs;
      const tell = (file, what) => /iced_x86/.test(file) && console.error('read ' + require('node:path').basename(file).replace(/-.*/, what));
      fs.readFileSync = (file, ...rest) => { tell(String(file), ''); return readFileSync(file, ...rest); };
      fs.openSync = (file, flags) => { const fd = openSync(file, flags); if (flags === 'r' && file.endsWith('.bin')) tell(file, ' as byte code'); return fd; };`);
    const run = (...options: readonly string[]) => {
      const { stdout, stderr } = spawnSync(process.execPath, ['--require', watch, CLI, 'count', ...options, hello], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin', HOME: scratch } });
      return { stdout, total: /([\d,]+) instructions/.exec(stderr)?.[1], read: stderr.match(/(?<=^read ).*$/gm) ?? [] };
    };
    const first = run();
    expect(first.read).toEqual(['iced_x86.js', 'iced_x86_bg.wasm']);
    expect(run()).toEqual({ ...first, read: [] });
    expect(run('--no-jit-cache')).toEqual({ ...first, read: ['iced_x86.js', 'iced_x86.js as byte code', 'iced_x86_bg.wasm'] });
    expect(readdirSync(join(scratch, '.cache', 'tally86')).filter((name) => name.startsWith('iced_x86.js-'))).toHaveLength(1);
  });
  it('nowhere if it is not wanted, or in a sandbox unless it says where', () => {
    const plain = count('--no-jit-cache');
    expect(count('--sandbox').loaded).toBe(0);
    expect(count('--engine', 'interpreter').total).toBe(plain.total);
    expect(images()).toEqual([]);
    const directory = join(scratch, 'here');
    count('--sandbox', '--jit-cache', directory);
    expect([images().length, images(directory).length]).toEqual([0, 1]);
    expect(count('--sandbox', '--jit-cache', directory).loaded).toBeGreaterThan(300);
  });
});
