import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasOracle } from '../../oracle/src/oracles.ts';
import type { Report } from './row.ts';

const BENCH = fileURLToPath(new URL('./bench.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

let directory = '';
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'tally86-bench-test-'))));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const bench = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, ['--import', 'tsx', '--conditions=@tally86/source', BENCH, ...args], { cwd: ROOT, encoding: 'utf8', timeout: 280_000 });

describe.skipIf(!hasOracle('native', 'qemu-x86_64', 'gcc'))('npm run bench', () => {
  it('measures, judges and writes every report', () => {
    const file = (name: string): string => join(directory, name);
    writeFileSync(file('page.md'), '<!-- bench:begin -->\n<!-- bench:end -->\n');
    const { status, stdout, stderr } = bench('--quick', '--runs', '1', '--only', 'axpy', '--plugin', '--json', file('r.json'), '--chart', file('r.svg'), '--markdown', file('page.md'));
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('scalar double and SSE kernels, geometric mean');
    const { rows, quick } = JSON.parse(readFileSync(file('r.json'), 'utf8')) as Report;
    expect(quick).toBe(true);
    expect(rows.map((r) => [r.program, r.differs, Object.keys(r.runs)])).toEqual([['axpy', [], ['native', 'qemu', 'plugin', 'tally86']]]);
    expect(rows[0]!.instructions).toBeGreaterThan(2000 * 4096);
    expect(rows[0]!.touched).toBeGreaterThan(2 * 4096 * 8);
    for (const { cpu, wall, rss, timedOut } of [rows[0]!.runs.qemu!, rows[0]!.runs.tally86!]) {
      expect(timedOut).toBe(false);
      expect(cpu).toBeGreaterThan(0.01);
      expect(wall).toBeGreaterThan(0.01);
      expect(rss).toBeGreaterThan(2 ** 20);
    }
    expect(readFileSync(file('r.svg'), 'utf8')).toContain('axpy');
    expect(readFileSync(file('page.md'), 'utf8')).toContain('| axpy |');
  });

  it('cuts off what takes too long, and then a floor does not hold', () => {
    const { status, stdout } = bench('--runs', '2', '--only', 'nbody', '--timeout', '1', '--engine', 'interpreter', '--check');
    expect(status).toBe(1);
    expect(stdout).toContain('(cut off)');
    expect(stdout).toContain('not known: nbody');
  });

  it.each([
    ['a name that is not there', ['--only', 'nothing'], 'no program or class nothing here'],
    ['no file to compare with', ['--compare', '/nonexistent'], 'no such file'],
  ])('says so: %s', (_, args, text) => {
    const { status, stdout, stderr } = bench('--quick', ...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(text);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
