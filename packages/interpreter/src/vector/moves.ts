import type { CpuState } from '@tally86/core';
import { isImm, type IrOp } from '@tally86/decoder';
import { at16, at32, at8, type Next } from './types.ts';

type Op<N extends IrOp['op']> = Extract<IrOp, { op: N }>;

export function emitVmov({ i32 }: CpuState, op: Op<'vmov'>, next: Next): Next {
  const d = at32(op.d);
  const a = at32(op.a);
  return () => {
    i32[d] = i32[a];
    i32[d + 1] = i32[a + 1];
    i32[d + 2] = i32[a + 2];
    i32[d + 3] = i32[a + 3];
    return next();
  };
}

export function emitVzero({ i32 }: CpuState, op: Op<'vzero'>, next: Next): Next {
  const d = at32(op.d);
  return () => {
    i32[d] = i32[d + 1] = i32[d + 2] = i32[d + 3] = 0;
    return next();
  };
}

/** d (cell) = a lane, zero-extended to 64 bits. */
export function emitVget({ i32, u16, u8 }: CpuState, op: Op<'vget'>, next: Next): Next {
  const d = 2 * op.d;
  switch (op.size) {
    case 8: {
      const a = at32(op.a) + 2 * op.lane;
      return () => {
        i32[d] = i32[a];
        i32[d + 1] = i32[a + 1];
        return next();
      };
    }
    case 4: {
      const a = at32(op.a) + op.lane;
      return () => {
        i32[d] = i32[a];
        i32[d + 1] = 0;
        return next();
      };
    }
    default: {
      const view = op.size === 2 ? u16 : u8;
      const a = (op.size === 2 ? at16(op.a) : at8(op.a)) + op.lane;
      return () => {
        i32[d] = view[a];
        i32[d + 1] = 0;
        return next();
      };
    }
  }
}

/** A lane of d = the low bytes of a. */
export function emitVset({ i32, u16, u8 }: CpuState, op: Op<'vset'>, next: Next): Next {
  if (op.size >= 4) {
    const d = at32(op.d) + (op.size >> 2) * op.lane;
    const wide = op.size === 8;
    if (isImm(op.a)) {
      const { lo, hi } = op.a;
      return () => {
        i32[d] = lo;
        if (wide) i32[d + 1] = hi;
        return next();
      };
    }
    const a = 2 * op.a;
    if (wide) {
      return () => {
        i32[d] = i32[a];
        i32[d + 1] = i32[a + 1];
        return next();
      };
    }
    return () => {
      i32[d] = i32[a];
      return next();
    };
  }
  const view = op.size === 2 ? u16 : u8;
  const d = (op.size === 2 ? at16(op.d) : at8(op.d)) + op.lane;
  if (isImm(op.a)) {
    const { lo } = op.a;
    return () => {
      view[d] = lo;
      return next();
    };
  }
  const a = 2 * op.a;
  return () => {
    view[d] = i32[a];
    return next();
  };
}
