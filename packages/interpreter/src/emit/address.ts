import type { Ea } from '@tally86/decoder';
import type { Machine } from '../machine.ts';

/** An effective address in two halves. */
export interface Address {
  lo: number;
  hi: number;
}

/** A closure that puts the linear address of any `ea` into `out`; the common forms are also inlined by the memory emitters. */
export function emitAddress(m: Machine, ea: Ea, out: Address, withSegment: boolean): () => void {
  const { i32 } = m.cpu;
  const { shift, a32 } = ea;
  const b = 2 * ea.base;
  const x = 2 * ea.index;
  const s = withSegment ? 2 * ea.seg : 0;
  const dLo = Number(BigInt.asIntN(32, BigInt(ea.disp)));
  const dHi = Number(BigInt.asIntN(32, BigInt(ea.disp) >> 32n));
  return () => {
    let lo = dLo;
    let hi = dHi;
    if (b >= 0) {
      const sum = (lo + i32[b]!) | 0;
      hi = (hi + i32[b + 1]! + (sum >>> 0 < lo >>> 0 ? 1 : 0)) | 0;
      lo = sum;
    }
    if (x >= 0) {
      const xl = i32[x]!;
      const add = xl << shift;
      const addHi = shift === 0 ? i32[x + 1]! : (i32[x + 1]! << shift) | (xl >>> (32 - shift));
      const sum = (lo + add) | 0;
      hi = (hi + addHi + (sum >>> 0 < lo >>> 0 ? 1 : 0)) | 0;
      lo = sum;
    }
    if (a32) hi = 0;
    if (s !== 0) {
      const sum = (lo + i32[s]!) | 0;
      hi = (hi + i32[s + 1]! + (sum >>> 0 < lo >>> 0 ? 1 : 0)) | 0;
      lo = sum;
    }
    out.lo = lo;
    out.hi = hi;
  };
}
