import { CC, CELL, FLAG, REG } from '@tally86/core';
import { Mnemonic } from '../../iced.ts';
import { imm, ONE, ZERO } from '../../ir/ops.ts';
import { family } from '../family.ts';
import { ifFeature } from './operands.ts';

/** The flags that lahf and sahf carry. */
const LOW_FLAGS = FLAG.SF | FLAG.ZF | FLAG.AF | FLAG.PF | FLAG.CF;

/** Single flags (SDM vol. 2). */
export const flagControl = family(() => [
  [Mnemonic.Clc, (c) => c.b.mergeflags(FLAG.CF, ZERO)],
  [Mnemonic.Stc, (c) => c.b.mergeflags(FLAG.CF, ONE)],
  [Mnemonic.Cmc, (c) => c.b.mergeflags(FLAG.CF, c.b.getcc(CC.ae))],
  [Mnemonic.Cld, (c) => void c.b.bin('and', 64, CELL.rflags, imm(~FLAG.DF), CELL.rflags)],
  [Mnemonic.Std, (c) => void c.b.bin('or', 64, CELL.rflags, imm(FLAG.DF), CELL.rflags)],
  [Mnemonic.Lahf, ifFeature('lahf_lm', (c) => {
    const flags = c.b.temp();
    c.b.push({ op: 'getflags', d: flags });
    c.b.deposit(REG.rax, c.b.bin('or', 32, flags, imm(2)), 1, 8);
  })],
  [Mnemonic.Sahf, ifFeature('lahf_lm', (c) => {
    const ah = c.b.temp();
    c.b.push({ op: 'extract', d: ah, a: REG.rax, pos: 8, len: 8 });
    c.b.mergeflags(LOW_FLAGS, ah);
  })],
]);
