import type { HelperTable } from '../context.ts';
import { arithmetic } from './arithmetic.ts';
import { comparison } from './compare.ts';
import { control } from './control.ts';
import { functions } from './functions.ts';
import { transfer } from './transfer.ts';

export const x87Helpers: HelperTable = { ...arithmetic, ...comparison, ...control, ...functions, ...transfer };
