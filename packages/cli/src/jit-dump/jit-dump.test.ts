import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isJitEngine } from '@tally86/jit';
import { createEmulator, jitEngine } from '@tally86/runner';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProgram } from '../cli.ts';
import { createJitDump } from './index.ts';

const guest = (name: string): string => fileURLToPath(new URL(`../../../../tools/guests/prebuilt/${name}`, import.meta.url));

let directory = '';
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'tally86-jit-dump-'))));
afterAll(() => rmSync(directory, { recursive: true }));

interface Index {
  readonly exits: Record<string, number>;
  readonly hottest: readonly { readonly address: string; readonly cause: string; readonly count: number }[];
  readonly regions: readonly { readonly address: string; readonly symbol?: string; readonly file: string; readonly function: string; readonly instructions: number; readonly exits: Record<string, number> }[];
}

test('every region has its file, its row and its line, and the exits add up', async () => {
  const into = join(directory, 'new', 'dump');
  const dump = createJitDump(into);
  const emulator = createEmulator({ program: guest('bench/qsort'), engine: jitEngine({ threshold: 20, batch: 2, observe: (region) => dump.observe(region) }), stdout: null, maxInstructions: 300_000 });
  dump.watch(emulator.kernel);
  await emulator.run();
  dump.finish();

  const { regions, exits, hottest } = JSON.parse(readFileSync(join(into, 'regions.json'), 'utf8')) as Index;
  const engine = emulator.kernel.engine;
  expect(isJitEngine(engine)).toBe(true);
  expect(regions).toHaveLength(engine.stats().regions!);
  expect(regions.length).toBeGreaterThan(1);
  expect(readdirSync(into).sort()).toEqual([...regions.map(({ file }) => file), 'perf.map', 'regions.json'].sort());
  for (const region of regions) {
    const text = readFileSync(join(into, region.file), 'utf8');
    expect(text).toContain(`at ${region.address}`);
    expect(text).toContain(`(func $${region.function} `);
    expect(text.match(/^ *[0-9a-f]+ {2}([0-9a-f]{2} )+ .*\|/gm)).toHaveLength(region.instructions);
  }
  for (const [cause, count] of Object.entries(exits)) expect(regions.reduce((sum, region) => sum + region.exits[cause]!, 0), cause).toBe(count);
  expect(hottest[0]!.count).toBeGreaterThan(0);
  // start, size, name
  const lines = readFileSync(join(into, 'perf.map'), 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => `0x${line.split(' ')[0]}`)).toEqual(regions.map(({ address }) => address));
  for (const line of lines) expect(line).toMatch(/^[0-9a-f]+ [1-9a-f][0-9a-f]* guest_[0-9a-f]+( \S+)?$/);
  expect(regions.some(({ symbol }) => symbol !== undefined)).toBe(true);
});

test('a file in the place of the directory', () => {
  const file = join(directory, 'file');
  writeFileSync(file, 'mine');
  expect(() => createJitDump(file)).toThrow(`--jit-dump ${file}: not a directory`);
  expect(() => createJitDump(join(file, 'below'))).toThrow('not a directory');
  expect(readFileSync(file, 'utf8')).toBe('mine');
});

test.each(['run', 'count'])('%s: an engine that translates nothing', async (command) => {
  const into = join(directory, 'none');
  await expect(createProgram().parseAsync(['node', 'tally86', command, '--engine', 'interpreter', '--jit-dump', into, guest('hello')])).rejects.toMatchObject({
    code: 'E_OPTION', message: "--jit-dump needs the engine 'jit': 'interpreter' translates nothing",
  });
  expect(existsSync(into)).toBe(false);
});
