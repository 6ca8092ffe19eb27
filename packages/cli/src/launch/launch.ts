#!/usr/bin/env node
import { closeSync, existsSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import v8 from 'node:v8';
import { cacheDirectory } from './cache-directory.ts';
import { offerPort } from './port.ts';
import { reserveMemory } from './reserved-memory.ts';
import { createScriptCache } from './script-cache.ts';

/** Pages of a machine with defaults: known where the program is built. */
declare const MACHINE_PAGES: number;

/**
 * The program `tally86`: loads the command line, one bundle, with the byte code that V8 kept of an earlier start. Loading some hundred modules one by
 * one and compiling them takes longer than many a guest runs.
 */

const runs = ['run', 'count', 'memory'].includes(process.argv[2] ?? '');
if (runs && !process.argv.some((arg) => arg.startsWith('--max-memory'))) reserveMemory(MACHINE_PAGES);
// byte code that is part of Node is taken only while V8's flags are as Node found them: what a run needs of it is loaded before they change
const hashes = process.argv.some((arg) => arg.startsWith('--json'));
if (runs) for (const name of ['node:process', 'node:util', 'node:os', ...(hashes ? ['node:crypto'] : [])]) process.getBuiltinModule(name);

// most of our code runs for a short while only: compiling it well costs more than it saves; measured with the V8 of Node 20, whose flags these are
const tuned = process.versions.v8.startsWith('11.');
function tune(flag: string): void {
  if (tuned) v8.setFlagsFromString(flag);
}
tune('--interrupt-budget=400000');
tune('--max-inlined-bytecode-size-cumulative=300');
// what is young dies soon: twice 16 MiB for it save no time, and are most of what the host would see grow
tune('--semi-space-growth-factor=1');
// garbage is collected when what is old grew by a third, not when it grew up to four times, which depends on how fast the host is at that moment
tune('--heap-growing-percent=30');
// optimising a module takes some MiB while it lasts, and up to four were optimised at once
tune('--wasm-num-compilation-tasks=1');
tune('--wasm-tiering-budget=1800000');

const program = join(__dirname, 'program.script');
const cache = createScriptCache(cacheDirectory(process.env));
// a decoder of a megabyte, which the program asks for when a run meets code that no earlier one translated
const decoder = require.resolve('iced-x86');
const isWhole = existsSync(join(dirname(decoder), 'iced_x86_bg.wasm'));
// a guest may have taken all other file descriptors by then
let reserved = isWhole ? openSync(decoder, 'r') : null;
let isUsual = false;
function loadDecoder(): unknown {
  // once: if it could not be loaded the number may be a guest's by the next time
  if (reserved !== null) closeSync(reserved);
  reserved = null;
  if (runs) cache.saveStart(isUsual);
  try {
    // it is asked once for each instruction of the guest's program
    return cache.load(decoder, () => tune('--wasm-tiering-budget=100000000'));
  } finally {
    tune('--wasm-tiering-budget=1800000');
  }
}
offerPort({
  ...isWhole && { loadDecoder },
  found: () => void (isUsual = true),
  loaded: () => tune('--semi-space-growth-factor=1'),
});
// what is loaded now stays: with one megabyte for what is young V8 collects garbage twenty times until a guest starts, with two it does three times
cache.load(program, () => tune('--semi-space-growth-factor=2'));
if (runs) process.once('exit', () => cache.save());
