import { MemorySize, Mnemonic } from '../../iced.ts';
import { family, type Lift } from '../family.ts';
import { FORMAT, memory, stack, x87 } from './format.ts';

const compare = (pops: 0 | 1 | 2, quiet: 0 | 1): Lift => (c) => {
  if (c.insn.opCount > 0 && c.isMemory(0)) {
    const format = c.insn.memorySize === MemorySize.Float32 ? FORMAT.f32 : FORMAT.f64;
    x87(c, 'com.m', format, memory(c, format), pops);
    return;
  }
  x87(c, 'com', c.insn.opCount === 0 ? 1 : stack(c, c.insn.opCount - 1), pops, quiet);
};
const integer = (pop: 0 | 1): Lift => (c) => {
  const format = c.insn.memorySize === MemorySize.Int16 ? FORMAT.i16 : FORMAT.i32;
  x87(c, 'com.m', format, memory(c, format), pop);
};
const intoFlags = (pop: 0 | 1, quiet: 0 | 1): Lift => (c) => x87(c, 'comi', stack(c, 1), pop, quiet);

export const comparison = family(() => [
  [Mnemonic.Fcom, compare(0, 0)], [Mnemonic.Fcomp, compare(1, 0)], [Mnemonic.Fcompp, compare(2, 0)],
  [Mnemonic.Fucom, compare(0, 1)], [Mnemonic.Fucomp, compare(1, 1)], [Mnemonic.Fucompp, compare(2, 1)],
  [Mnemonic.Ficom, integer(0)], [Mnemonic.Ficomp, integer(1)],
  [Mnemonic.Fcomi, intoFlags(0, 0)], [Mnemonic.Fcomip, intoFlags(1, 0)], [Mnemonic.Fucomi, intoFlags(0, 1)], [Mnemonic.Fucomip, intoFlags(1, 1)],
  [Mnemonic.Ftst, (c) => x87(c, 'tst')], [Mnemonic.Fxam, (c) => x87(c, 'xam')],
]);
