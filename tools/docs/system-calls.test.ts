import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { systemCallsPage } from './system-calls.ts';

it('docs/system-calls.md is what the table says', () => {
  expect(readFileSync(new URL('../../docs/system-calls.md', import.meta.url), 'utf8'), 'run: npm run docs').toBe(systemCallsPage());
});
