import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createScriptCache } from './script-cache.ts';

let scratch = '';
beforeEach(() => void (scratch = mkdtempSync(join(tmpdir(), 'tally86-scripts-'))));
afterEach(() => rmSync(scratch, { recursive: true }));

function write(text: string): string {
  const file = join(scratch, 'program.cjs');
  writeFileSync(file, text);
  return file;
}
const kept = (): string[] => readdirSync(join(scratch, 'cache')).map((name) => join(scratch, 'cache', name));
const cache = (): ReturnType<typeof createScriptCache> => createScriptCache(join(scratch, 'cache'));

it('a module runs as by require, with a cache and without', () => {
  const file = write(`#!/usr/bin/env node\nconst { join } = require('node:path'); module.exports = { name: join(__dirname, 'x'), file: __filename };`);
  for (let i = 0; i < 3; i++) {
    const scripts = cache();
    expect(scripts.load(file)).toEqual({ name: join(scratch, 'x'), file });
    scripts.save();
    expect(kept()).toHaveLength(1);
  }
  expect(createScriptCache(null).load(file)).toEqual({ name: join(scratch, 'x'), file });
});

it('only its owner may have written what is kept', () => {
  const file = write('module.exports = 1;');
  const first = cache();
  first.load(file);
  first.save();
  const [bytes] = kept();
  expect(statSync(join(scratch, 'cache')).mode & 0o777).toBe(0o700);
  expect(statSync(bytes!).mode & 0o777).toBe(0o600);
  chmodSync(bytes!, 0o666);
  const second = cache();
  second.load(file);
  second.save();
  // not looked at, and written anew
  expect(statSync(bytes!).mode & 0o777).toBe(0o600);
});

it('what nobody wrote for a month goes away when something new is kept', () => {
  const file = write('module.exports = 3;');
  for (const days of [29, 31]) {
    writeFileSync(file, `module.exports = ${'3'.repeat(days)};`);
    const scripts = cache();
    scripts.load(file);
    scripts.save();
    const before = Date.now() / 1000 - days * 86_400;
    for (const name of kept().filter((path) => Date.now() - statSync(path).mtimeMs < 1e6)) utimesSync(name, before, before);
  }
  expect(kept()).toHaveLength(2);
  writeFileSync(file, 'module.exports = 4;');
  const scripts = cache();
  scripts.load(file);
  scripts.save();
  expect(kept()).toHaveLength(2);
});

it('what is damaged is made anew', () => {
  const file = write('module.exports = 2;');
  const first = cache();
  first.load(file);
  first.save();
  const [bytes] = kept();
  writeFileSync(bytes!, 'rubbish');
  const second = cache();
  // this process would remember the other one
  const twin = join(scratch, 'twin', 'program.cjs');
  cpSync(file, twin, { preserveTimestamps: true });
  expect(second.load(twin)).toBe(2);
  second.save();
  expect(statSync(bytes!).size).toBeGreaterThan('rubbish'.length);
});

it('a changed module is another one', () => {
  const scripts = cache();
  expect(scripts.load(write('module.exports = 3;'))).toBe(3);
  scripts.save();
  expect(cache().load(write('module.exports = 3000;'))).toBe(3000);
});

it('a directory that cannot be made is no error', () => {
  const file = write('module.exports = 4;');
  const scripts = createScriptCache(join(file, 'below'));
  expect(scripts.load(file)).toBe(4);
  expect(() => scripts.save()).not.toThrow();
});

it('a function runs as the module that it was made of', () => {
  const file = join(scratch, 'program.script');
  writeFileSync(file, '(function (exports, require, module, __filename) { exports.file = __filename; exports.dir = require("node:path").basename(module.filename); })');
  for (let i = 0; i < 2; i++) {
    const scripts = cache();
    expect(scripts.load(file)).toEqual({ file, dir: 'program.script' });
    scripts.save();
    expect(kept()).toHaveLength(1);
  }
});

describe('what a run needs only to translate', () => {
  /** A process with a program that has an early and a late function, of some size. `isUsual`: it comes to the late one in a run as most are; null: never. */
  function start(isUsual: boolean | null): string[] {
    const body = (name: string): string => `exports.${name} = () => [${Array.from({ length: 500 }, (_, i) => `'${name}${i}'`).join()}].length;`;
    // a process remembers what it compiled: each start has a copy of the same size and age
    const file = join(scratch, String(starts++), 'program.cjs');
    mkdirSync(join(file, '..'));
    writeFileSync(file, body('early') + body('late'));
    utimesSync(file, 1e9, 1e9);
    const scripts = cache();
    const { early, late } = scripts.load(file) as Record<'early' | 'late', () => number>;
    early();
    if (isUsual !== null) scripts.saveStart(isUsual);
    late();
    scripts.save();
    return kept().map((name) => `${name.endsWith('.start.bin') ? 'start' : 'whole'} ${statSync(name).size > sizes.early ? 'with late' : 'without'}`);
  }
  let starts = 0;
  const sizes = { early: Infinity };
  beforeEach(() => {
    start(true);
    sizes.early = statSync(kept()[0]!).size;
    rmSync(join(scratch, 'cache'), { recursive: true });
  });

  it('is not kept, so that no start waits for it', () => expect(start(true)).toEqual(['whole without']));
  it('is kept where no run translates', () => expect(start(null)).toEqual(['whole with late']));
  it('the start of an unusual run is kept until there is a usual one', () => {
    expect(start(false)).toEqual(['start without']);
    expect(start(false)).toEqual(['start without']);
    expect(start(true)).toEqual(['whole without']);
    // and that stays
    expect(start(false)).toEqual(['whole without']);
    expect(start(null)).toEqual(['whole without']);
  });
  it('the start of an unusual run is kept until there is one that does not translate', () => {
    start(false);
    expect(start(null)).toEqual(['whole with late']);
  });
});
