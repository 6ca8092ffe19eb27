import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { Command } from 'commander';
import { geomean, measure, type Measurement } from './measure.ts';
import { present, PROGRAMS, type Program } from './programs.ts';

const CLI = fileURLToPath(new URL('../../../packages/cli/dist/bin.js', import.meta.url));

interface Row {
  readonly program: string;
  readonly class: Program['class'];
  /** Instructions, convention `retired`. */
  readonly instructions: number;
  readonly seconds: { readonly native: number; readonly qemu: number | null; readonly tally86: number };
  readonly wall: { readonly native: number; readonly qemu: number | null; readonly tally86: number };
  /** Millions of instructions for each CPU second, start-up included. */
  readonly mips: number;
  /** Our CPU time over QEMU's. */
  readonly overQemu: number | null;
  readonly sameOutput: boolean;
}

const program = new Command('bench')
  .description('Measures native, qemu-x86_64 and tally86 on the same programs and prints ratios of CPU time.')
  .option('--runs <n>', 'runs of each, the median counts', '3')
  .option('--only <names>', 'comma-separated names or classes (integer, float, real, start)')
  .option('--engine <name>', 'engine of tally86')
  .option('--json <file>', 'write the results as JSON for a later comparison')
  .option('--compare <file>', 'print each program\'s change against such a JSON file')
  .addHelpText('after', '\nExamples:\n  npm run bench\n  npm run bench -- --only integer --runs 5 --json after.json --compare before.json')
  .parse();
const options = program.opts<{ runs: string; only?: string; engine?: string; json?: string; compare?: string }>();

const only = options.only?.split(',');
const wanted = PROGRAMS.filter((p) => present(p) && (only === undefined || only.includes(p.name) || only.includes(p.class)));
const hasQemu = spawnSync('qemu-x86_64', ['--version']).status === 0;
if (!hasQemu) console.error('bench: qemu-x86_64 is not installed (Debian: qemu-user): its column stays empty');
const runs = Number(options.runs);
const scratch = mkdtempSync(join(tmpdir(), 'tally86-bench-'));
const show = process.stderr.isTTY;

const rows: Row[] = [];
for (const p of wanted) {
  if (show) process.stderr.write(`\r\x1b[K${p.name} …`);
  const report = join(scratch, 'count.json');
  const native = measure([p.file, ...p.args], runs);
  const qemu: Measurement | null = hasQemu ? measure(['qemu-x86_64', p.file, ...p.args], runs) : null;
  const engine = options.engine === undefined ? [] : ['--engine', options.engine];
  const ours = measure([process.execPath, CLI, 'count', ...engine, '--json', report, p.file, ...p.args], runs);
  const { total } = JSON.parse(readFileSync(report, 'utf8')) as { total: number };
  rows.push({
    program: p.name, class: p.class, instructions: total,
    seconds: { native: native.cpu, qemu: qemu?.cpu ?? null, tally86: ours.cpu },
    wall: { native: native.wall, qemu: qemu?.wall ?? null, tally86: ours.wall },
    mips: total / ours.cpu / 1e6,
    overQemu: qemu === null ? null : ours.cpu / Math.max(qemu.cpu, 0.001),
    sameOutput: ours.output === native.output && ours.status === native.status,
  });
}
rmSync(scratch, { recursive: true });
if (show) process.stderr.write('\r\x1b[K');

const before = options.compare === undefined ? null : (JSON.parse(readFileSync(options.compare, 'utf8')) as { rows: Row[] }).rows;
const table = new Table({
  head: ['program', 'instructions', 'native s', 'qemu s', 'tally86 s', 'wall s', 'MIPS', '× qemu', ...(before === null ? [] : ['× before']), 'output'],
  style: { head: [], border: [] },
  colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right', 'right'],
});
const f = (x: number | null, digits = 2): string => (x === null ? '–' : x.toFixed(digits));
for (const r of rows) {
  const was = before?.find((b) => b.program === r.program);
  table.push([
    r.program, r.instructions.toLocaleString('en'), f(r.seconds.native, 3), f(r.seconds.qemu, 3), f(r.seconds.tally86), f(r.wall.tally86), f(r.mips, 1), f(r.overQemu),
    ...(before === null ? [] : [was === undefined ? '–' : f(r.seconds.tally86 / was.seconds.tally86)]), r.sameOutput ? 'same' : 'DIFFERS',
  ]);
}
console.log(table.toString());
for (const klass of ['integer', 'float', 'real', 'start'] as const) {
  const ratios = rows.filter((r) => r.class === klass && r.overQemu !== null).map((r) => r.overQemu!);
  if (ratios.length > 0) console.log(`${klass}: ${geomean(ratios).toFixed(2)} times QEMU's CPU time (geometric mean of ${ratios.length})`);
}
if (options.json !== undefined) {
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', node: process.version };
  writeFileSync(options.json, JSON.stringify({ machine, runs, rows }, null, 2) + '\n');
}
process.exitCode = rows.every((r) => r.sameOutput) ? 0 : 1;
