import { Mnemonic } from '../../iced.ts';
import { family, type Lift } from '../family.ts';
import { x87 } from './format.ts';

const on = (name: string, ...args: number[]): Lift => (c) => x87(c, name, ...args);

export const functions = family(() => [
  [Mnemonic.Fsqrt, on('sqrt')], [Mnemonic.Frndint, on('rndint')], [Mnemonic.Fabs, on('abs')], [Mnemonic.Fchs, on('chs')],
  [Mnemonic.Fscale, on('scale')], [Mnemonic.Fxtract, on('xtract')], [Mnemonic.Fprem, on('prem', 0)], [Mnemonic.Fprem1, on('prem', 1)],
  [Mnemonic.F2xm1, on('2xm1')], [Mnemonic.Fyl2x, on('yl2x')], [Mnemonic.Fyl2xp1, on('yl2xp1')],
  [Mnemonic.Fsin, on('sin')], [Mnemonic.Fcos, on('cos')], [Mnemonic.Fsincos, on('sincos')], [Mnemonic.Fptan, on('ptan')], [Mnemonic.Fpatan, on('patan')],
]);
