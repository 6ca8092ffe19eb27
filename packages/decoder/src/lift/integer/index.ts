import type { Family } from '../family.ts';

export const integerFamilies: readonly Family[] = [];
