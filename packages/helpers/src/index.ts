import type { HelperTable } from './context.ts';
import { integerHelpers } from './integer/index.ts';
import { sseHelpers } from './sse/index.ts';
import { x87Helpers } from './x87/index.ts';

export * from './context.ts';
export * from './flags.ts';
export { enterKernel } from './integer/system.ts';
export { FXSAVE_BYTES, readFxsaveImage, readXsave, writeFxsaveImage, writeXsave, xsaveBytes } from './sse/index.ts';

/** All out-of-line operations, by the name that IR helper operations carry. */
export const HELPERS: HelperTable = { ...integerHelpers, ...sseHelpers, ...x87Helpers };
