import { ARITH_FLAGS } from '@tally86/core';
import type { IrOp } from '../ir/ops.ts';

/**
 * Drops flag records that nothing can see: overwritten in full before any reader, and before any operation that can fault
 * (a signal handler sees the flags of a faulting instruction). Runs backwards over one block; flags are live at its end.
 * Instruction starts (IrInstruction.first) stay valid: a dropped record becomes a no-op that is removed by compaction in the engines.
 */
export function eliminateDeadFlags(ops: IrOp[]): IrOp[] {
  let live = true;
  for (let i = ops.length - 1; i >= 0; i--) {
    const op = ops[i]!;
    switch (op.op) {
      case 'flags':
        if (live) live = false;
        else ops[i] = NOP;
        break;
      case 'mergeflags':
        // reads what it does not replace
        if (!live) ops[i] = NOP;
        else live = op.mask !== ARITH_FLAGS;
        break;
      case 'getcc': case 'getflags': case 'selectcc':
      case 'load': case 'store': case 'probe': case 'vload': case 'vstore':
      case 'branchcc': case 'string': case 'syscall': case 'trap':
        live = true;
        break;
      case 'helper':
        // a helper may look at the flags or fault; only pure ones let a record die across them
        live = true;
        break;
      default:
    }
  }
  return ops;
}

/** Does nothing; engines skip it. */
export const NOP: IrOp = { op: 'nop' };
