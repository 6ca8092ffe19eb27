import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '@tally86/core';
import type { Pieces } from '@tally86/jit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTranslations, removeOldest } from './translation-cache.ts';

let scratch = '';
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'tally86-translations-'));
  writeFileSync(join(scratch, 'program'), 'one');
});
afterEach(() => rmSync(scratch, { recursive: true }));

const directory = (): string => join(scratch, 'cache');
const open = (build = 'a', path = join(scratch, 'program')) => openTranslations(directory(), { path, machine: 'x86-64-v2-', build });
const pieces = (...numbers: readonly number[]): Pieces => numbers.map((n) => Uint8Array.of(n));
/** Says that it is more than it is: written if nobody looks. */
const tooMuch: Pieces = { length: 1 << 30, [Symbol.iterator]: () => pieces(9)[Symbol.iterator]() };
/** An engine that translated so many blocks, beside those that it was given. */
const engine = (microBlocks: number, microLoaded = 0, image: Pieces | null = pieces(1, 2, 3), regions = 0, loadedRegions = 0, optimizedFunctions = 0, keptFunctions = 0): Engine =>
  ({
    name: 'jit', run: () => ({ kind: 'budget' }), invalidate() {}, report: () => null, imagePieces: () => image,
    stats: () => ({ microBlocks, microLoaded, regions, loadedRegions, optimizedFunctions, keptFunctions }),
  }) as unknown as Engine;
const files = (): string[] => readdirSync(directory());

it('keeps what was translated, for the same program, machine and build', () => {
  expect(open().read()).toBeUndefined();
  open().keep(engine(1000));
  expect([...open().read()!]).toEqual([1, 2, 3]);
  expect(statSync(directory()).mode & 0o777).toBe(0o700);
  expect(files().map((name) => statSync(join(directory(), name)).mode & 0o777)).toEqual([0o600]);
  expect(open('b').read()).toBeUndefined();
  expect(openTranslations(directory(), { path: join(scratch, 'program'), machine: 'haswell-', build: 'a' }).read()).toBeUndefined();
  writeFileSync(join(scratch, 'program'), 'another');
  expect(open().read()).toBeUndefined();
});

it.each<readonly [string, Engine]>([
  ['little', engine(0)], ['hardly any', engine(1, 100)], ['few regions', engine(0, 0, undefined, 20)], ['hardly more regions than before', engine(0, 100, undefined, 40, 1000)],
  ['few optimised functions', engine(0, 100, undefined, 0, 30, 3, 0)], ['hardly more optimised functions than before', engine(0, 100, undefined, 0, 1000, 1150, 1000)],
  ['hardly more than before', engine(400, 10_000)], ['nothing that can be kept', engine(1000, 0, null)],
  ['too much', engine(1000, 0, tooMuch)], ['by an engine that keeps nothing', { name: 'interpreter', run: () => ({ kind: 'budget' }), invalidate() {}, stats: () => ({}) }],
])('writes no file for what was translated: %s', (_name, translated) => {
  open().keep(translated);
  expect(open().read()).toBeUndefined();
});

it('keeps what was translated, if that is regions alone', () => {
  open().keep(engine(100, 2000, undefined, 30, 100));
  expect(open().read()).toBeDefined();
});

it('keeps less than all, if all is too much', () => {
  const asked: unknown[] = [];
  const imagePieces = (options?: unknown): Pieces => (asked.push(options) === 1 ? tooMuch : pieces(4));
  open().keep({ ...engine(1000), imagePieces } as Engine);
  expect([asked, [...open().read()!]]).toEqual([[undefined, { machineCode: false }], [4]]);
});

it('an engine that fails to tell what it has is no error', () => {
  const fail = (): never => {
    throw new EvalError('not allowed');
  };
  open().keep({ ...engine(1000), stats: fail });
  open().keep({ ...engine(1000), imagePieces: fail } as Engine);
  expect(open().read()).toBeUndefined();
});

it('leaves no file behind whose pieces cannot be had to the end', () => {
  const failing: Pieces = { length: 2, *[Symbol.iterator]() {
    yield Uint8Array.of(1);
    throw new RangeError('no memory');
  } };
  open().keep(engine(1000));
  open().keep(engine(2000, 0, failing));
  expect([files().length, [...open().read()!]]).toEqual([1, [1, 2, 3]]);
});

it('keeps what was translated, if that is machine code alone', () => {
  open().keep(engine(0, 2000, undefined, 0, 100, 80, 40));
  expect(open().read()).toBeDefined();
});

it('only its owner may have written what is kept', () => {
  open().keep(engine(1000));
  chmodSync(join(directory(), files()[0]!), 0o622);
  expect(open().read()).toBeUndefined();
});

it('the oldest go away', () => {
  for (let i = 0; i < 6; i++) {
    const path = join(scratch, `program-${i}`);
    writeFileSync(path, 'x');
    open('a', path).keep(engine(1000));
    utimesSync(join(directory(), files().find((name) => name.startsWith(`program-${i}-`))!), i, i);
  }
  writeFileSync(join(directory(), 'program.bin'), 'of somebody else');
  removeOldest(directory(), 4 * 3 + 2);
  expect(files().map((name) => name.slice(0, 9)).sort()).toEqual(['program-2', 'program-3', 'program-4', 'program-5', 'program.b']);
  removeOldest(directory(), 1000, 2);
  expect(files().map((name) => name.slice(0, 9)).sort()).toEqual(['program-4', 'program-5', 'program.b']);
});

it('a program that is gone, or a directory that cannot be, is no error', () => {
  expect(open('a', join(scratch, 'none')).read()).toBeUndefined();
  open('a', join(scratch, 'none')).keep(engine(1000));
  const inFile = openTranslations(join(scratch, 'program', 'cache'), { path: join(scratch, 'program'), machine: '', build: 'a' });
  inFile.keep(engine(1000));
  expect([inFile.read(), readFileSync(join(scratch, 'program'), 'utf8')]).toEqual([undefined, 'one']);
});
