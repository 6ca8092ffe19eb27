import { arithmetic } from './arithmetic.ts';
import { logic } from './logic.ts';
import { shifts } from './shifts.ts';
import { shuffles } from './shuffles.ts';
import type { VectorTable } from './types.ts';

export type { LaneOp, Next, VectorEmitter, VectorTable } from './types.ts';
export { emitVget, emitVmov, emitVset, emitVzero } from './moves.ts';

/** The lane operations of the IR by name. */
export const VECTOR_OPS: VectorTable = { ...logic, ...arithmetic, ...shifts, ...shuffles };
