/** Sets of registers as bits: general ones, and vectors (bit n: xmm register n; bit 16 + n: its upper half). */
export interface RegisterSet {
  readonly gprs: number;
  readonly vectors: number;
}

export const NO_REGISTERS: RegisterSet = { gprs: 0, vectors: 0 };

export const union = (a: RegisterSet, b: RegisterSet): RegisterSet => ({ gprs: a.gprs | b.gprs, vectors: a.vectors | b.vectors });
export const without = (a: RegisterSet, b: RegisterSet): RegisterSet => ({ gprs: a.gprs & ~b.gprs, vectors: a.vectors & ~b.vectors });
