// `npm test`: everything a change must pass, on a fresh clone with only Node. Ends with one line: "N passed, N failed".
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled, root, run, runBeside } from './setup.mjs';

/** Checks in the order in which they start; each is an npm script and counts as one test. Some need what `build` makes. */
const CHECKS = ['build', 'lock-check', 'sherif', 'lint', 'format:check', 'text-check', 'boundaries', 'knip', 'typecheck', 'install-check', 'pack-check', 'size'];
const NEED_BUILD = new Set(['install-check', 'pack-check', 'size']);
/** Two cores are what CI has. */
const LANES = 2;

const started = Date.now();
const seconds = (from) => `${((Date.now() - from) / 1000).toFixed(1)} s`;
let passed = 0;
let failed = 0;
let skipped = 0;

ensureInstalled();

async function check(name) {
  const from = Date.now();
  const { status, output } = await runBeside('npm', ['run', '--silent', name]);
  if (status === 0) passed++;
  else failed++;
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds(from)})`);
  if (status !== 0) console.log(output);
}

const waiting = [...CHECKS];
let build;
async function lane() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    if (NEED_BUILD.has(name)) await build;
    const done = check(name);
    if (name === 'build') build = done;
    await done;
  }
}
await Promise.all(Array.from({ length: LANES }, lane));

const scratch = mkdtempSync(join(tmpdir(), 'tally86-test-'));
const summaryFile = join(scratch, 'summary.json');
const vitest = run(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run'], {
  live: true,
  env: { TALLY86_TEST_SUMMARY: summaryFile },
});
if (existsSync(summaryFile)) {
  const summary = JSON.parse(readFileSync(summaryFile, 'utf8'));
  passed += summary.passed;
  failed += summary.failed;
  skipped = summary.skipped.length;
  // Vitest has a reason of its own to fail (an error between tests, a skipped test under CI): never lose it.
  if (vitest.status !== 0 && summary.failed === 0) failed++;
} else {
  failed++;
}
rmSync(scratch, { recursive: true, force: true });

console.log(`\nTook ${seconds(started)}.`);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed === 0 ? 0 : 1;
