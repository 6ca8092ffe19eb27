import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmulatorError } from '@tally86/core';
import { isJitEngine, type JitReport, type RegionReport } from '@tally86/jit';
import type { Machine } from '@tally86/linux';
import { extentOf, regionText } from './region-text.ts';
import { createSymbolizer, type Symbolizer } from './symbols.ts';

/** What --jit-dump writes: a file for each region while the program runs, regions.json and perf.map at its end. */
export interface JitDump {
  observe(region: RegionReport): void;
  watch(kernel: Machine): void;
  finish(): void;
}

interface Kept {
  readonly region: RegionReport;
  readonly file: string;
  readonly symbol: string | undefined;
}

/** @throws EmulatorError E_OPTION if there is something else than a directory. */
export function createJitDump(directory: string): JitDump {
  makeDirectory(directory);
  const kept: Kept[] = [];
  const files = new Map<string, number>();
  let kernel: Machine | null = null;
  let symbolOf: Symbolizer = () => undefined;
  const write = (file: string, text: string): void => writeFileSync(join(directory, file), text);

  return {
    watch(machine) {
      kernel = machine;
      symbolOf = createSymbolizer(machine);
    },
    observe(region) {
      const name = region.address.toString(16);
      const before = files.get(name) ?? 0;
      files.set(name, before + 1);
      // translated once more
      const file = before === 0 ? `${name}.txt` : `${name}-${before + 1}.txt`;
      const symbol = symbolOf(region.address);
      kept.push({ region, file, symbol });
      write(file, regionText(region, symbol));
    },
    finish() {
      // of the engine that runs the first program
      const engine = kernel?.engines.all[0];
      const report = engine !== undefined && isJitEngine(engine) ? engine.report() : null;
      write('regions.json', `${JSON.stringify({ ...(report && exitsOf(report, symbolOf)), regions: kept.map(entry) }, null, 2)}\n`);
      write('perf.map', kept.map(mapLine).join(''));
    },
  };
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw error;
    throw new EmulatorError('E_OPTION', `--jit-dump ${directory}: not a directory`, { cause: error });
  }
}

/** The name that the function has in the text, and in what Node's profiler says. */
const functionName = (region: RegionReport): string => `guest_${region.address.toString(16)}`;

const hex = (address: number): string => `0x${address.toString(16)}`;

function exitsOf({ exits, hottest }: JitReport, symbolOf: Symbolizer) {
  return { exits, hottest: hottest.map(({ address, cause, count }) => ({ address: hex(address), symbol: symbolOf(address), cause, count })) };
}

/** A row of regions.json. */
function entry({ region, file, symbol }: Kept) {
  const { number, address, entries, instructions, blocks, body } = region;
  return { number, address: hex(address), function: functionName(region), symbol, file, entries: entries.map(hex), instructions, blocks: blocks.length, wasmBytes: body.length, exits: region.exitCounts() };
}

/** A line as perf has them for code made at run time: start, size, name; here of the guest's code. */
function mapLine({ region, symbol }: Kept): string {
  const name = symbol === undefined ? '' : ` ${symbol.replace(/\s/g, '_')}`;
  return `${region.address.toString(16)} ${extentOf(region).toString(16)} ${functionName(region)}${name}\n`;
}
