import type { CpuModel } from '@tally86/core';

/** What the fuzzer needs of `x86-64-v3` and more: the features by which the lifter accepts instructions. */
export const MODEL: CpuModel = {
  name: 'x86-64-v3',
  leaves: {},
  xcr0: 0,
  features: new Set(['fpu', 'tsc', 'cx8', 'cmov', 'mmx', 'fxsr', 'sse', 'sse2', 'sse3', 'ssse3', 'cx16', 'sse4.1', 'sse4.2', 'popcnt', 'lahf_lm',
    'avx', 'avx2', 'bmi1', 'bmi2', 'adx', 'movbe', 'lzcnt', 'fma', 'f16c', 'aes', 'pclmulqdq', 'sha', 'rdrand', 'rdseed']),
};
