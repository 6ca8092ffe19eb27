import type { HelperTable } from '../context.ts';

export const x87Helpers: HelperTable = {};
