import type { Family } from '../family.ts';
import { fused } from './fma.ts';
import { halves } from './half.ts';
import { masks } from './masked.ts';
import { permutations } from './permute.ts';

/** What VEX encodings have beyond the VEX forms of SSE instructions, which stand with those. */
export const avxFamilies: readonly Family[] = [permutations, masks, fused, halves];
