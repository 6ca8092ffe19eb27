import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';
import { compile, hasOracle } from '../../../../tools/oracle/src/index.ts';
import { testRows, type Row } from './harness.ts';

const source = fileURLToPath(new URL('./scripts/long-double.c', import.meta.url));
const FLAGS = ['-O1', '-frounding-math', '-fno-builtin'];

/** glibc picks its functions by cpuid: natively too it must not see what our model lacks. */
const LIKE_OUR_CPU = 'GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-AVX,-FMA,-AVX2_Usable,-FMA_Usable,-AVX_Usable,-AVX512F';

const LIBRARIES = [
  ['glibc, dynamic', 'gcc', []],
  ['glibc, static', 'gcc', ['-static']],
  ['glibc, static PIE', 'gcc', ['-static-pie', '-fPIE']],
  ['musl, dynamic', 'musl-gcc', []],
  ['musl, static', 'musl-gcc', ['-static']],
] as const;

describe('long double and math.h', () => {
  testRows(LIBRARIES.filter(([, compiler]) => hasOracle('native', compiler)).map(([name, compiler, flags]): Row => {
    const program = compile([source], { compiler, flags: [...FLAGS, ...flags], libraries: ['-lm'] });
    return { name, commands: [['env', LIKE_OUR_CPU, program, 'status']] };
  }));
});
