import { expect, it } from 'vitest';
import { isModelledCpu } from './cpu.ts';

const cpuinfo = (vendor: string, family: number, model: number): string =>
  `processor\t: 0\nvendor_id\t: ${vendor}\ncpu family\t: ${family}\nmodel\t\t: ${model}\nmodel name\t: some CPU\n\nprocessor\t: 1\nvendor_id\t: other\n`;

it.each([
  ['Genoa', 'AuthenticAMD', 25, 0x11, true],
  ['Phoenix', 'AuthenticAMD', 25, 0x74, true],
  ['Bergamo', 'AuthenticAMD', 25, 0xa0, true],
  ['Milan, Zen 3', 'AuthenticAMD', 25, 1, false],
  ['Rome, Zen 2', 'AuthenticAMD', 23, 0x31, false],
  ['Turin, Zen 5', 'AuthenticAMD', 26, 0x11, false],
  ['an Intel of the same numbers', 'GenuineIntel', 25, 0x11, false],
] as const)('%s', (_, vendor, family, model, expected) => {
  expect(isModelledCpu(cpuinfo(vendor, family, model))).toBe(expected);
});

it('knows nothing of what is no x86', () => expect(isModelledCpu('Processor\t: ARM\n')).toBe(false));
