import type { HelperTable } from '../context.ts';

export const integerHelpers: HelperTable = {};
