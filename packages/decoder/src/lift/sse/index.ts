import type { Family } from '../family.ts';

export const sseFamilies: readonly Family[] = [];
