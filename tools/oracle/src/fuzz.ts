import { parseArgs } from 'node:util';
import { MIXES, runBlocks } from './blocks/campaign.ts';
import { runCampaign } from './fuzz/campaign.ts';
import { describeAllowed, describeFailure } from './fuzz/describe.ts';
import { SUBJECTS, type SubjectName } from './fuzz/engines.ts';
import { GROUPS } from './fuzz/families.ts';
import { createProgress } from './progress.ts';

const HELP = `Random instructions on the CPU of this machine and on ours, compared in full. With --blocks: random programs of blocks under the JIT, in many
styles, and under the interpreter.

  npx tsx --conditions=@tally86/source tools/oracle/src/fuzz.ts [options]

  --engine NAME       ${Object.keys(SUBJECTS).join(' or ')} (default: interpreter); the JIT translates every instance before it executes it, a
                      hundred or more in one module; learning: what leaves translated code is translated another way and
                      executed again
  --blocks            programs of 2 to 10 blocks, on our engines only; --family is of ${Object.keys(MIXES).join(', ')}
  --family NAMES      families, groups, mnemonics or forms, by comma (default: all)
  --count N           cases; with --blocks: programs, of 6 blocks on average (default: 20000)
  --seed N            (default: 1)
  --keep N            failures shown for each mnemonic (default: 1)
  --strict-undefined  compare what the manual leaves undefined with our model of AMD Zen 4 (default on a Zen 4)
  --allow-undefined   do not (default elsewhere)
  --strict            compare all of it, also what our model does otherwise

groups: ${Object.entries(GROUPS).map(([name, families]) => `\n  ${name}: ${families.join(' ')}`).join('')}
`;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: {
    family: { type: 'string', default: 'all' }, count: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' },
    keep: { type: 'string', default: '1' }, strict: { type: 'boolean', default: false },
    'strict-undefined': { type: 'boolean', default: false }, 'allow-undefined': { type: 'boolean', default: false },
    engine: { type: 'string', default: 'interpreter' }, blocks: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
  } });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const started = Date.now();
  const progress = createProgress({ total: Number(values.count), unit: values.blocks ? 'programs' : 'cases', every: values.blocks ? 16_000 : 100_000 });
  if (values.blocks) {
    const { programs, blocks, instructions, stats, failures } = runBlocks({
      ...values.family !== 'all' && { mixes: values.family.split(',') }, programs: Number(values.count), seed: Number(values.seed), keep: Number(values.keep), onProgress: progress.at,
    });
    progress.end();
    process.stdout.write([...failures, `${programs} programs, ${blocks} blocks, ${instructions} instructions, ${failures.length} differ, ${((Date.now() - started) / 1000).toFixed(1)} s`,
      Object.entries(stats).map(([name, value]) => `${name} ${value}`).join(', '), ''].join('\n\n'));
    return failures.length > 0 ? 1 : 0;
  }
  if (!(values.engine in SUBJECTS)) throw new Error(`no engine is called ${values.engine}`);
  const execute = SUBJECTS[values.engine as SubjectName]();
  const mode = values.strict ? 'compared' : values['strict-undefined'] ? 'modelled' : values['allow-undefined'] ? 'allowed' : undefined;
  const report = await runCampaign({
    families: values.family.split(','), count: Number(values.count), seed: Number(values.seed), keep: Number(values.keep), ...mode === undefined ? {} : { undefined: mode },
    execute, onProgress: progress.at,
  });
  progress.end();
  for (const { test, differences } of report.failures) process.stdout.write(`\n${describeFailure(test, differences)}\n`);
  const bad = [...report.mnemonics].filter(([, row]) => row.failed > 0).sort((a, b) => b[1].failed / b[1].cases - a[1].failed / a[1].cases);
  if (bad.length > 0) process.stdout.write(`\n${bad.map(([name, row]) => `${name} ${row.failed}/${row.cases}`).join(', ')}\n`);
  const allowed = describeAllowed(report.allowed);
  if (allowed !== '') process.stdout.write(`\nleft to the CPU by the manual, and different here (cases):\n${allowed}\n`);
  const { retiredHere, regions, modules } = execute.stats();
  // with the jump behind each instance
  if (retiredHere !== undefined) process.stdout.write(`\n${retiredHere} instructions completed in translated code: ${regions} regions in ${modules} modules\n`);
  process.stdout.write(`\n${report.cases} cases, ${report.failed} differ, ${report.lost} lost, differences in ${bad.length} of ${report.mnemonics.size} mnemonics, ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  return report.failed > 0 ? 1 : 0;
}

process.exitCode = await main();
