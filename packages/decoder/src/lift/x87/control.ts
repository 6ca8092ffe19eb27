import { CELL, REG } from '@tally86/core';
import { MemorySize, Mnemonic } from '../../iced.ts';
import { family, type Lift } from '../family.ts';
import { address, stack, x87 } from './format.ts';

const simple = (name: string, ...args: number[]): Lift => (c) => x87(c, name, ...args);
/** The forms with a wait in front raise #MF first. */
const waiting = (lift: Lift): Lift => (c) => {
  x87(c, 'wait');
  return lift(c);
};

const storeControl: Lift = (c) => c.b.store(c.ea(), 2, CELL.fcw);
const storeStatus: Lift = (c) => {
  const t = c.b.temp();
  x87(c, 'stsw', t);
  if (c.isMemory(0)) c.b.store(c.ea(), 2, t);
  else c.b.push({ op: 'deposit', d: REG.rax, a: REG.rax, b: t, pos: 0, len: 16 });
};
/** Images in the 28-byte or, with an operand-size prefix, the 14-byte layout. */
const image = (name: string): Lift => (c) => {
  const size = c.insn.memorySize;
  x87(c, name, address(c), size === MemorySize.FpuEnv14 || size === MemorySize.FpuState94 ? 1 : 0);
};

export const control = family(() => [
  [Mnemonic.Wait, simple('wait')], [Mnemonic.Fnop, simple('wait')],
  [Mnemonic.Fninit, simple('init')], [Mnemonic.Finit, waiting(simple('init'))],
  [Mnemonic.Fnclex, simple('clex')], [Mnemonic.Fclex, waiting(simple('clex'))],
  [Mnemonic.Fldcw, waiting((c) => x87(c, 'ldcw', c.b.load(c.ea(), 2)))],
  [Mnemonic.Fnstcw, storeControl], [Mnemonic.Fstcw, waiting(storeControl)],
  [Mnemonic.Fnstsw, storeStatus], [Mnemonic.Fstsw, waiting(storeStatus)],
  [Mnemonic.Fnstenv, image('stenv')], [Mnemonic.Fstenv, waiting(image('stenv'))], [Mnemonic.Fldenv, image('ldenv')],
  [Mnemonic.Fnsave, image('save')], [Mnemonic.Fsave, waiting(image('save'))], [Mnemonic.Frstor, image('rstor')],
  [Mnemonic.Fincstp, simple('turn', 1)], [Mnemonic.Fdecstp, simple('turn', -1)],
  [Mnemonic.Ffree, (c) => x87(c, 'free', stack(c, 0), 0)], [Mnemonic.Ffreep, (c) => x87(c, 'free', stack(c, 0), 1)],
]);
