// `npm test`: everything a change must pass, on a fresh clone with only Node. Ends with one line: "N passed, N failed".
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled, root, run } from './setup.mjs';

/** Checks in the order that finds mistakes soonest; each is an npm script and counts as one test. */
const CHECKS = ['lock-check', 'sherif', 'lint', 'format:check', 'text-check', 'boundaries', 'knip', 'typecheck', 'build', 'pack-check', 'size', 'install-check'];

const started = Date.now();
const seconds = (from) => `${((Date.now() - from) / 1000).toFixed(1)} s`;
let passed = 0;
let failed = 0;
let skipped = 0;

ensureInstalled();

for (const check of CHECKS) {
  const from = Date.now();
  const { status, output } = run('npm', ['run', '--silent', check]);
  if (status === 0) passed++;
  else failed++;
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${check} (${seconds(from)})`);
  if (status !== 0) console.log(output);
}

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
