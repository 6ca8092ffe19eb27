import type { HelperTable } from '../context.ts';
import { arithmetic } from './arithmetic.ts';
import { comparisons } from './compare.ts';
import { conversions } from './convert.ts';
import { estimates } from './estimate.ts';
import { horizontal } from './horizontal.ts';
import { state } from './state.ts';
import { strings } from './strings.ts';

export { FXSAVE_BYTES, readFxsaveImage, writeFxsaveImage } from './fxsave.ts';
export { XSAVE_BYTES, readXsave, writeXsave } from './xsave.ts';

export const sseHelpers: HelperTable = { ...arithmetic, ...comparisons, ...conversions, ...estimates, ...horizontal, ...state, ...strings };
