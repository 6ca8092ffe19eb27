import { defineConfig } from 'vitest/config';

/** Workspace packages resolve to their sources, so tests need no build. */
const conditions = ['@tally86/source'];
const kind = (name: string, include: string[], exclude: string[] = [], timeout = 20_000) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: { name, include, exclude: ['**/node_modules/**', '**/dist/**', ...exclude], testTimeout: timeout, hookTimeout: timeout },
});

const slow = ['**/*.slow.test.ts'];
const oracle = ['**/*.oracle.test.ts'];
const e2e = ['**/*.e2e.test.ts'];

/**
 * One project for each kind of test, told by the file name:
 * - unit (`*.test.ts`): fast, needs Node only;
 * - oracle (`*.oracle.test.ts`): compares with the native machine, needs Debian packages (tools/oracles);
 * - e2e (`*.e2e.test.ts`): whole programs through the built CLI;
 * - slow (`*.slow.test.ts`): fuzzing and long runs. Not part of a plain `vitest run`: `npm run test:slow` asks for it.
 */
export default defineConfig({
  test: {
    // Two cores are what CI has.
    maxWorkers: 2,
    coverage: { include: ['packages/*/src/**'], exclude: ['**/*.test.ts'], reporter: ['text-summary', 'html'] },
    reporters: ['default', './tools/testing/reporter.ts'],
    projects: [
      kind('unit', ['{packages,tools}/**/*.test.ts'], [...slow, ...oracle, ...e2e]),
      kind('oracle', oracle, slow, 120_000),
      kind('e2e', e2e, slow, 300_000),
      ...(process.env.TALLY86_SLOW === '1' ? [kind('slow', slow, [], 1_800_000)] : []),
    ],
  },
});
