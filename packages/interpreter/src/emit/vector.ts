import type { CpuState } from '@tally86/core';
import type { IrOp } from '@tally86/decoder';
import type { Next } from '../block.ts';
import { VECTOR_OPS, emitVget, emitVmov, emitVset, emitVzero } from '../vector/index.ts';

type VectorIr = Extract<IrOp, { op: 'v' | 'vmov' | 'vzero' | 'vget' | 'vset' }>;

/** Closures of vector operations on registers. */
export function vectorEmitter(cpu: CpuState): (op: VectorIr, next: Next) => Next {
  return (op, next) => {
    switch (op.op) {
      case 'v': {
        const emit = VECTOR_OPS[op.name];
        if (emit === undefined) throw new Error(`the lifter names a vector operation that does not exist: ${op.name}`);
        return emit(cpu, op, next) as Next;
      }
      case 'vmov': return emitVmov(cpu, op, next) as Next;
      case 'vzero': return emitVzero(cpu, op, next) as Next;
      case 'vget': return emitVget(cpu, op, next) as Next;
      default: return emitVset(cpu, op, next) as Next;
    }
  };
}
