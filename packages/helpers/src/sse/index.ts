import type { HelperTable } from '../context.ts';

export const sseHelpers: HelperTable = {};
