import { readFileSync } from 'node:fs';

/** Models of AMD family 25 that are Zen 4: [first, last], both included (Linux, arch/x86/kernel/cpu/amd.c). */
const ZEN4: readonly (readonly [number, number])[] = [[0x10, 0x1f], [0x60, 0x7f], [0xa0, 0xaf]];

/**
 * Whether a CPU makes the choices that our model took over where the manual leaves them open: AMD Zen 4. There these choices are
 * compared; anywhere else they are allowed to differ. `cpuinfo` is the text of /proc/cpuinfo.
 */
export function isModelledCpu(cpuinfo: string = readFileSync('/proc/cpuinfo', 'utf8')): boolean {
  const field = (name: string): string => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(cpuinfo)?.[1] ?? '';
  const model = Number(field('model'));
  return field('vendor_id') === 'AuthenticAMD' && field('cpu family') === '25' && ZEN4.some(([first, last]) => model >= first && model <= last);
}
