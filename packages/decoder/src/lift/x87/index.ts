import type { Family } from '../family.ts';

export const x87Families: readonly Family[] = [];
