import type { ConventionName, CountWindow, Reconciliation } from '@tally86/counter';
import type { RunResult, ThreadCount } from '@tally86/runner';

/** What `count --json` writes. Counts are instructions, sizes bytes, frames pages of 4096 bytes. Nothing in it depends on the host. */
export interface CountReport {
  readonly total: number;
  readonly windows: readonly CountWindow[];
  /** By thread number; of those that ended the first 65,536. */
  readonly threads: readonly ThreadCount[];
  readonly convention: ConventionName;
  readonly reconciliation: Reconciliation;
  readonly cpu: string;
  readonly engine: string;
  readonly mmap: string;
  readonly pageTable: string;
  readonly stateHash: RunResult['stateHash'];
  readonly exit: RunResult['exit'];
  readonly memory: {
    readonly pageTableBytes: number;
    readonly pageTablePeakBytes: number;
    readonly frames: number;
    readonly framesPeak: number;
    readonly vmas: number;
  };
  /** Choices that let the host in; such a report may differ from run to run. */
  readonly notDeterministic: readonly string[];
}

export function countReport(result: RunResult, notDeterministic: readonly string[]): CountReport {
  const { memory, parts } = result;
  return {
    total: result.total,
    windows: result.windows,
    threads: result.threads,
    convention: result.convention,
    reconciliation: result.reconciliation,
    cpu: parts.cpu, engine: parts.engine, mmap: parts.mmap, pageTable: parts.pageTable,
    stateHash: result.stateHash,
    exit: result.exit,
    memory: {
      pageTableBytes: memory.pageTableBytes, pageTablePeakBytes: memory.pageTablePeakBytes,
      frames: memory.frames, framesPeak: memory.framesPeak, vmas: memory.vmas,
    },
    notDeterministic,
  };
}

const MANY = 10;

/** The same for people. */
export function countText(report: CountReport): string {
  // By hand: the first use of Intl costs a small program a tenth of its time.
  const n = (x: number): string => String(x).replace(/\B(?=(\d{3})+$)/g, ',');
  const lines = [`tally86: ${n(report.total)} instructions (${report.convention})`];
  report.windows.slice(0, MANY).forEach((w, i) => {
    lines.push(`  window ${i + 1}: ${n(w.count)} instructions, ${n(w.bytesRead)} bytes read, ${n(w.bytesWritten)} written (thread ${w.thread})`);
  });
  if (report.windows.length > MANY) lines.push(`  and ${n(report.windows.length - MANY)} windows more: --json has them all`);
  if (report.threads.length > 1) {
    report.threads.slice(0, MANY).forEach((t) => lines.push(`  thread ${t.thread} (${t.name}): ${n(t.count)} instructions`));
    if (report.threads.length > MANY) lines.push(`  and ${n(report.threads.length - MANY)} threads more: --json has them all`);
  }
  const { conventions } = report.reconciliation;
  const others = Object.entries(conventions).filter(([name, value]) => name !== report.convention && value !== report.total);
  if (others.length > 0) lines.push(`  other conventions: ${others.map(([name, value]) => `${name} ${n(value)}`).join(', ')}`);
  if (report.exit.kind === 'signal') lines.push(`  ended by signal ${report.exit.signal}: ${report.exit.reason}`);
  for (const choice of report.notDeterministic) lines.push(`  not deterministic: ${choice}`);
  return `${lines.join('\n')}\n`;
}
