import type { HelperTable } from '../context.ts';
import { bitHelpers } from './bits.ts';
import { exchanges } from './compare-exchange.ts';
import { checksums } from './crc32.ts';
import { divisions } from './divide.ts';
import { carryRotates } from './rotate-carry.ts';
import { segmentHelpers } from './segment.ts';
import { systemHelpers } from './system.ts';

export const integerHelpers: HelperTable = { ...bitHelpers, ...divisions, ...carryRotates, ...checksums, ...exchanges, ...segmentHelpers, ...systemHelpers };
