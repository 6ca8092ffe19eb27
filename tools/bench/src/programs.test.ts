import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { isStatic } from './programs.ts';

it.each([
  ['hello', true],
  ['static-pie', true],
  ['dynamic', false],
])('%s is static: %s', (name, expected) => {
  expect(isStatic(fileURLToPath(new URL(`../../guests/prebuilt/${name}`, import.meta.url)))).toBe(expected);
});
