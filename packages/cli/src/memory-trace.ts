import type { MappingEvent, Plugin } from '@tally86/core';
import { syscallName } from '@tally86/abi';
import type { Machine } from '@tally86/linux';
import type { RunResult } from '@tally86/runner';
import { callStack } from './call-stack.ts';
import { formatSize } from './parse/size.ts';

/** What --mtrace logs: every change of mappings with the system call and guest call stack that caused it, the page table after it, and what stayed mapped. */
export interface MemoryTrace {
  readonly plugin: Plugin;
  watch(kernel: Machine): void;
  lines(result: RunResult): Iterable<string>;
}

const hex = (n: number): string => `0x${n.toString(16)}`;
const PROTECTION = (prot: number): string => `${prot & 1 ? 'r' : '-'}${prot & 2 ? 'w' : '-'}${prot & 4 ? 'x' : '-'}`;

interface Live {
  readonly start: number;
  readonly end: number;
  readonly cause: string;
}

export function createMemoryTrace(): MemoryTrace {
  let kernel: Machine | null = null;
  let call = '';
  let live: Live[] = [];
  const log: string[] = [];

  /** What asks for memory now, and from where. */
  function cause(): string {
    return kernel === null || call === '' ? 'the start of the program' : `${call} at ${callStack(kernel).join(' < ')}`;
  }

  function record(event: MappingEvent): void {
    const { kind, start, end, prot } = event;
    const stats = kernel?.init.mm.mmu.stats();
    const bytes = stats === undefined ? '' : `  page table ${stats.pageTableBytes} B, frames ${stats.frames}`;
    log.push(`${kind.padEnd(8)} ${hex(start)}-${hex(end)} ${PROTECTION(prot)} ${formatSize(end - start)}  by ${cause()}${bytes}`);
    if (kind === 'map' || kind === 'unmap') live = live.flatMap((area) => cut(area, start, end));
    if (kind === 'map') live.push({ start, end, cause: cause() });
  }

  return {
    plugin: {
      name: 'mtrace',
      syscall({ number, thread }) {
        call = `${syscallName(number) ?? `system call ${number}`} of thread ${thread}`;
        return undefined;
      },
      mapping: record,
    },
    watch(machine) {
      kernel = machine;
    },
    *lines(result) {
      yield* log;
      const byCause = new Map<string, { bytes: number; areas: number }>();
      for (const { start, end, cause: by } of live) {
        const sum = byCause.get(by) ?? { bytes: 0, areas: 0 };
        sum.bytes += end - start;
        sum.areas++;
        byCause.set(by, sum);
      }
      yield '';
      yield `never released (${live.length} areas), by cause:`;
      for (const [by, { bytes, areas }] of [...byCause].sort((a, b) => b[1].bytes - a[1].bytes)) yield `  ${formatSize(bytes)} in ${areas} areas  by ${by}`;
      yield `page table: ${result.memory.pageTableBytes} B at the end, ${result.memory.pageTablePeakBytes} B at the most`;
      yield `frames: ${result.memory.frames} at the end, ${result.memory.framesPeak} at the most`;
    },
  };
}

/** What is left of an area when [start, end) is taken out. */
function cut(area: Live, start: number, end: number): Live[] {
  if (area.end <= start || area.start >= end) return [area];
  const rest: Live[] = [];
  if (area.start < start) rest.push({ ...area, end: start });
  if (area.end > end) rest.push({ ...area, start: end });
  return rest;
}
