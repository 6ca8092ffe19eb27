import type { Helper, HelperTable } from '../context.ts';
import { at32 } from './unit.ts';

export const estimates: HelperTable = {};
