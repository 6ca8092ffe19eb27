import { describe, expect, it } from 'vitest';
import { countText, type CountReport } from './count-report.ts';

const report: CountReport = {
  total: 1234567, convention: 'retired', windows: [{ count: 42, bytesRead: 0, bytesWritten: 13, thread: 1000 }],
  threads: [{ thread: 1000, process: 1000, name: 'main', count: 1234567 }],
  reconciliation: { retired: 1234567, repIterations: 9, repCompleted: 1, repEmpty: 0, repExhausted: 1, conventions: { retired: 1234567, 'rep-iteration': 1234575, 'qemu-plugin': 1234576 } },
  cpu: 'x86-64-v2', engine: 'interpreter', mmap: 'linux-top-down', pageTable: 'lazy', stateHash: '', exit: { kind: 'exit', code: 0 },
  memory: { pageTableBytes: 0, pageTablePeakBytes: 0, frames: 0, framesPeak: 0, vmas: 0 }, notDeterministic: [],
};

describe('countText', () => {
  it('names the convention, the windows and what other conventions say', () => {
    expect(countText(report)).toBe(
      'tally86: 1,234,567 instructions (retired)\n  window 1: 42 instructions, 0 bytes read, 13 written (thread 1000)\n' +
      '  other conventions: rep-iteration 1,234,575, qemu-plugin 1,234,576\n');
  });
  it('tells threads apart if there are some', () => {
    const threads = Array.from({ length: 12 }, (_, i) => ({ thread: 1000 + i, process: 1000, name: 'worker', count: 5000 }));
    const text = countText({ ...report, threads });
    expect(text).toContain('  thread 1001 (worker): 5,000 instructions\n');
    expect(text).toContain('and 2 threads more');
  });
  it('does not drown a person in windows', () => {
    const many = { ...report, windows: Array.from({ length: 1000 }, () => report.windows[0]!) };
    expect(countText(many).split('\n')).toHaveLength(14);
    expect(countText(many)).toContain('990 windows more');
  });
  it('tells a signal and what let the host in', () => {
    const text = countText({ ...report, exit: { kind: 'signal', signal: 11, reason: 'SIGSEGV at 0x0' }, notDeterministic: ['--clock host'] });
    expect(text).toContain('ended by signal 11: SIGSEGV at 0x0');
    expect(text).toContain('not deterministic: --clock host');
  });
});
