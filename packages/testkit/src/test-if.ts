import { test } from 'vitest';

/** A test that a trait calls for. Where it does not there is no test at all: a skipped one would count as a failure under CI. */
export function testIf(wanted: boolean, title: string, body: () => void): void {
  const add = wanted ? () => test(title, body) : () => {};
  add();
}
