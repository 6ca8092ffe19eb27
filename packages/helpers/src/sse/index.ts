import type { HelperTable } from '../context.ts';
import { arithmetic } from './arithmetic.ts';
import { comparisons } from './compare.ts';
import { conversions } from './convert.ts';
import { crypto } from './crypto.ts';
import { estimates } from './estimate.ts';
import { fused } from './fma.ts';
import { halves } from './half.ts';
import { horizontal } from './horizontal.ts';
import { masked } from './masked.ts';
import { state } from './state.ts';
import { strings } from './strings.ts';

export { FXSAVE_BYTES, readFxsaveImage, writeFxsaveImage } from './fxsave.ts';
export { readXsave, writeXsave, xsaveBytes } from './xsave.ts';

export const sseHelpers: HelperTable = { ...arithmetic, ...comparisons, ...conversions, ...crypto, ...estimates, ...fused, ...halves, ...horizontal, ...masked, ...state, ...strings };
