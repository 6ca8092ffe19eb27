import type { Family } from '../family.ts';
import { arithmetic } from './arithmetic.ts';
import { comparison } from './compare.ts';
import { control } from './control.ts';
import { functions } from './functions.ts';
import { transfer } from './transfer.ts';

export const x87Families: readonly Family[] = [arithmetic, comparison, control, functions, transfer];
