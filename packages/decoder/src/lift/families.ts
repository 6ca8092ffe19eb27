import { avxFamilies } from './avx/index.ts';
import type { Family } from './family.ts';
import { integerFamilies } from './integer/index.ts';
import { sseFamilies } from './sse/index.ts';
import { x87Families } from './x87/index.ts';

/** Every family the lifter knows. A mnemonic belongs to one of them. */
export const FAMILIES: readonly Family[] = [...integerFamilies, ...sseFamilies, ...avxFamilies, ...x87Families];
