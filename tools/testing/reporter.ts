import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** What one vitest run says to `npm test`. */
export interface TestSummary {
  passed: number;
  failed: number;
  skipped: string[];
}

/**
 * Counts tests over all projects into the file named by TALLY86_TEST_SUMMARY, and names every skipped one.
 * With CI=true a skipped test fails the run.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const summary: TestSummary = { passed: 0, failed: errors.length, skipped: [] };
    for (const module of modules) {
      // A file that cannot be loaded, or a hook that throws, has no test to count and is a failure all the same.
      summary.failed += module.errors().length;
      for (const suite of module.children.allSuites()) summary.failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') summary.passed++;
        else if (state === 'failed') summary.failed++;
        else summary.skipped.push(`${module.relativeModuleId} > ${test.fullName}`);
      }
    }
    for (const name of summary.skipped) console.log(`skipped: ${name}`);
    if (summary.skipped.length > 0 && process.env.CI === 'true') {
      console.error(`${summary.skipped.length} skipped: under CI a skipped test is a failure.`);
      process.exitCode = 1;
    }
    const file = process.env.TALLY86_TEST_SUMMARY;
    if (file) writeFileSync(file, JSON.stringify(summary));
  }
}
