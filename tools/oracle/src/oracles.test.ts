import { expect, it } from 'vitest';
import { kernelAtLeast } from './oracles.ts';

it.each([
  ['6.4.0', true], ['6.10.3-rc1', true], ['7.0.0', true], ['6.3.99', false], ['5.15.0-91-generic', false], ['6.4', true],
] as const)('%s is at least 6.4: %s', (kernel, expected) => expect(kernelAtLeast(6, 4, kernel)).toBe(expected));
