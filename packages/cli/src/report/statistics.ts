import type { RunResult } from '@tally86/runner';
import { standardStream } from '../standard-stream.ts';

/** --stats: what the engine and memory did, on stderr. */
export async function printStatistics(result: RunResult): Promise<void> {
  // only who asks waits for it to load
  const { default: Table } = await import('cli-table3');
  const table = new Table({ style: { head: [], border: [] } });
  const add = (name: string, value: number | string): void => void table.push([name, typeof value === 'number' ? value.toLocaleString('en') : value]);
  add('instructions', result.total);
  add('engine', result.engine.name);
  for (const [name, value] of Object.entries(result.engine.stats)) add(`  ${name}`, value);
  add('mmap', result.parts.mmap);
  add('page table', result.parts.pageTable);
  for (const [name, value] of Object.entries(result.memory)) add(`  ${name}`, value);
  standardStream('stderr').write(`${table.toString()}\n`);
}
