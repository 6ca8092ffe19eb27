import { MemorySize, Mnemonic } from '../../iced.ts';
import type { LiftContext } from '../context.ts';
import { family, type Lift } from '../family.ts';
import { address, destination, FORMAT, memory, stack, x87, type Format } from './format.ts';

function floatFormat(c: LiftContext): Format {
  switch (c.insn.memorySize) {
    case MemorySize.Float32: return FORMAT.f32;
    case MemorySize.Float64: return FORMAT.f64;
    default: return FORMAT.f80;
  }
}
function integerFormat(c: LiftContext): Format {
  switch (c.insn.memorySize) {
    case MemorySize.Int16: return FORMAT.i16;
    case MemorySize.Int32: return FORMAT.i32;
    default: return FORMAT.i64;
  }
}

const fld: Lift = (c) => {
  // iced gives the register form as fld st0, st(i) or fld st(i)
  if (!c.isMemory(c.insn.opCount - 1)) return x87(c, 'load.r', stack(c, c.insn.opCount - 1));
  const format = floatFormat(c);
  x87(c, 'load', format, memory(c, format));
};
const fild: Lift = (c) => {
  const format = integerFormat(c);
  x87(c, 'load', format, memory(c, format));
};
const fst = (pop: 0 | 1): Lift => (c) => {
  if (c.isMemory(0)) x87(c, 'store', floatFormat(c), destination(c, floatFormat(c)), pop, 0);
  else x87(c, 'store.r', stack(c, 0), pop);
};
const fist = (pop: 0 | 1, truncate: 0 | 1): Lift => (c) => x87(c, 'store', integerFormat(c), destination(c, integerFormat(c)), pop, truncate);

const exchange: Lift = (c) => x87(c, 'exchange', stack(c, 1));
const move = (cc: number): Lift => (c) => {
  const holds = c.b.getcc(cc);
  x87(c, 'cmov', stack(c, 1), holds);
};
const constant = (which: number): Lift => (c) => x87(c, 'constant', which);

export const transfer = family(() => [
  [Mnemonic.Fld, fld], [Mnemonic.Fild, fild], [Mnemonic.Fbld, (c) => x87(c, 'load', FORMAT.bcd, address(c))],
  [Mnemonic.Fst, fst(0)], [Mnemonic.Fstp, fst(1)], [Mnemonic.Fstpnce, fst(1)],
  [Mnemonic.Fist, fist(0, 0)], [Mnemonic.Fistp, fist(1, 0)], [Mnemonic.Fisttp, fist(1, 1)],
  [Mnemonic.Fbstp, (c) => x87(c, 'store', FORMAT.bcd, destination(c, FORMAT.bcd), 1, 0)],
  [Mnemonic.Fxch, exchange],
  [Mnemonic.Fcmovb, move(2)], [Mnemonic.Fcmovnb, move(3)], [Mnemonic.Fcmove, move(4)], [Mnemonic.Fcmovne, move(5)],
  [Mnemonic.Fcmovbe, move(6)], [Mnemonic.Fcmovnbe, move(7)], [Mnemonic.Fcmovu, move(10)], [Mnemonic.Fcmovnu, move(11)],
  [Mnemonic.Fld1, constant(0)], [Mnemonic.Fldl2t, constant(1)], [Mnemonic.Fldl2e, constant(2)], [Mnemonic.Fldpi, constant(3)],
  [Mnemonic.Fldlg2, constant(4)], [Mnemonic.Fldln2, constant(5)], [Mnemonic.Fldz, constant(6)],
]);
