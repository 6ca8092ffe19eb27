import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { Command, InvalidArgumentError, Option } from 'commander';
import { chart } from './chart.ts';
import { CLASS_NAMES } from './classes.ts';
import { machineText, thisMachine } from './machine.ts';
import { markdownReport, replaceBetweenMarkers } from './markdown.ts';
import { measureProgram, type Runners } from './measure-program.ts';
import { parseWhole } from './parse.ts';
import { PLUGIN_KINDS, pluginArguments, type PluginKind } from './plugin.ts';
import { programs } from './programs.ts';
import type { Report, Row } from './row.ts';
import { numericColumns, programTable, verdictTable, worst, type TextTable } from './tables.ts';
import { verdicts } from './verdict.ts';

interface Options {
  readonly runs: number;
  readonly only?: readonly string[];
  readonly quick?: true;
  readonly plugin?: PluginKind;
  readonly engine?: string;
  readonly timeout: number;
  readonly check?: true;
  readonly json?: string;
  readonly compare?: string;
  readonly chart?: string;
  readonly markdown?: string;
}

const CLI = process.env.TALLY86_CLI ?? fileURLToPath(new URL('../../../packages/cli/dist/bin.cjs', import.meta.url));

const whole = (text: string): number => {
  try {
    return parseWhole(text, 1);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
};

function options(): Options {
  return new Command('bench')
    .description('Measures native, qemu-x86_64 and tally86 (counting) on the same programs in one run: CPU and wall time, memory, ratios and whether the goals hold.')
    .addOption(new Option('--runs <n>', 'runs of each, in turns; the median counts').argParser(whole).default(3))
    .addOption(new Option('--only <names>', `comma-separated names of programs or classes (${CLASS_NAMES.join(', ')})`).argParser((text) => text.split(',')))
    .option('--quick', 'a tenth of the work')
    .addOption(new Option('--plugin [per]', 'measure QEMU with a plugin that counts inline too (needs gcc): for each instruction, or roughly for each block')
      .choices(PLUGIN_KINDS).preset('instruction'))
    .option('--engine <name>', 'engine of tally86')
    .addOption(new Option('--timeout <s>', 'seconds until a run is cut off').argParser(whole).default(300))
    .option('--check', 'fail if a floor is missed or cannot be judged')
    .option('--json <file>', 'write the results as JSON for a later comparison')
    .option('--compare <file>', "print each program's change against such a JSON file")
    .option('--chart <file>', 'draw the ratios as SVG')
    .option('--markdown <file>', 'write the tables between the markers of that file')
    .addHelpText('after', `
The exit status is 1 if a program writes something else or ends otherwise than natively.

Examples:
  npm run bench
  npm run bench -- --quick --only integer,sqlite3 --json after.json --compare before.json
  npm run bench -- --plugin --check --chart docs/performance.svg --markdown docs/performance.md`)
    .parse()
    .opts<Options>();
}

/** A line that the next one wipes; only on a terminal. */
function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

function print({ head, rows }: TextTable): void {
  const table = new Table({
    head: [...head], style: { head: [], border: [] }, chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    colAligns: numericColumns({ head, rows }).map((numeric) => (numeric ? 'right' : 'left')),
  });
  for (const row of rows) table.push([...row]);
  console.log(table.toString());
}

/** Throws `Error` in words about what the user asked for and cannot have. */
async function bench(o: Options): Promise<number> {
  if (!existsSync(CLI)) throw new Error('the command line is not built: npm run build');
  const before = o.compare === undefined ? undefined : (JSON.parse(readFileSync(o.compare, 'utf8')) as Report);
  const page = o.markdown === undefined ? '' : readFileSync(o.markdown, 'utf8');
  const scratch = mkdtempSync(join(tmpdir(), 'tally86-bench-'));
  try {
    mkdirSync(join(scratch, 'inputs'));
    const all = programs(join(scratch, 'inputs'), o.quick === true);
    const known = [...CLASS_NAMES, ...all.map(({ name }) => name)] as readonly string[];
    const strange = o.only?.filter((name) => !known.includes(name)) ?? [];
    if (strange.length > 0) throw new Error(`no program or class ${strange.join(', ')} here; there are: ${known.join(', ')}`);
    const wanted = all.filter((p) => o.only === undefined || o.only.includes(p.name) || o.only.includes(p.class));

    const machine = thisMachine();
    if (machine.qemu === null) console.error('bench: qemu-x86_64 is not installed (Debian: qemu-user): no ratios');
    const count = [process.execPath, CLI, 'count', ...(o.engine === undefined ? [] : ['--engine', o.engine])];
    const kind = machine.qemu === null || o.plugin === undefined ? null : o.plugin;
    const runners: Runners = {
      native: [],
      ...(machine.qemu === null ? {} : { qemu: ['qemu-x86_64'] }),
      ...(kind === null ? {} : { plugin: ['qemu-x86_64', ...pluginArguments(kind)] }),
      tally86: count,
    };
    const rows: Row[] = [];
    for (const [i, p] of wanted.entries()) {
      const progress = (text: string): void => say(`${i + 1}/${wanted.length} ${p.name}: ${text} …`);
      rows.push(await measureProgram(p, runners, { ...o, directory: scratch, progress }));
    }
    say('');

    const report: Report = { date: new Date().toISOString().slice(0, 10), machine, runs: o.runs, quick: o.quick === true, engine: o.engine ?? null, plugin: kind, rows };
    const judged = verdicts(report);
    console.log(machineText(machine));
    print(programTable(report, before));
    print(verdictTable(judged));
    if (worst(report) !== '') console.log(`furthest from QEMU: ${worst(report)}`);
    if (o.json !== undefined) writeFileSync(o.json, `${JSON.stringify(report, null, 2)}\n`);
    if (o.chart !== undefined) writeFileSync(o.chart, await chart(report));
    if (o.markdown !== undefined) writeFileSync(o.markdown, replaceBetweenMarkers(page, markdownReport(report)));
    return rows.some((row) => row.differs.length > 0) || (o.check && judged.some(({ holds }) => holds !== true)) ? 1 : 0;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await bench(options());
} catch (error) {
  console.error(`bench: ${(error as Error).message}`);
  process.exitCode = 2;
}
