import { MemorySize, Mnemonic } from '../../iced.ts';
import { family, type Lift } from '../family.ts';
import { FORMAT, memory, stack, x87 } from './format.ts';

/** fadd and its like: with a float in memory, or ST(d), ST(s). */
const plain = (name: string): Lift => (c) => {
  if (c.isMemory(0)) {
    const format = c.insn.memorySize === MemorySize.Float32 ? FORMAT.f32 : FORMAT.f64;
    x87(c, `${name}.m`, format, memory(c, format));
  } else x87(c, name, stack(c, 0), stack(c, 1), 0);
};
const popping = (name: string): Lift => (c) => x87(c, name, stack(c, 0), stack(c, 1), 1);
const integer = (name: string): Lift => (c) => {
  const format = c.insn.memorySize === MemorySize.Int16 ? FORMAT.i16 : FORMAT.i32;
  x87(c, `${name}.m`, format, memory(c, format));
};

export const arithmetic = family(() => [
  [Mnemonic.Fadd, plain('add')], [Mnemonic.Faddp, popping('add')], [Mnemonic.Fiadd, integer('add')],
  [Mnemonic.Fmul, plain('mul')], [Mnemonic.Fmulp, popping('mul')], [Mnemonic.Fimul, integer('mul')],
  [Mnemonic.Fsub, plain('sub')], [Mnemonic.Fsubp, popping('sub')], [Mnemonic.Fisub, integer('sub')],
  [Mnemonic.Fsubr, plain('subr')], [Mnemonic.Fsubrp, popping('subr')], [Mnemonic.Fisubr, integer('subr')],
  [Mnemonic.Fdiv, plain('div')], [Mnemonic.Fdivp, popping('div')], [Mnemonic.Fidiv, integer('div')],
  [Mnemonic.Fdivr, plain('divr')], [Mnemonic.Fdivrp, popping('divr')], [Mnemonic.Fidivr, integer('divr')],
]);
