import { FLAG_KIND, REG } from '@tally86/core';
import type { Lift } from '../family.ts';
import { clearUpper, imm8, source, xmm } from './operands.ts';
import { bothForms } from '../vex.ts';

/**
 * pcmpestri, pcmpestrm, pcmpistri, pcmpistrm: helper(index cell, flags cell, a | b << 8, imm), see helpers/sse/strings.
 * The index goes to ecx, the mask to xmm0. Lengths of the explicit forms are rax and rdx, whole with REX.W.
 * These do not want their memory operand aligned.
 */
const compare = (explicit: 0 | 1, wide: 0 | 1, mask: 0 | 1): Lift => (c) => {
  const flags = c.b.temp();
  const index = c.b.temp();
  const name = `${explicit ? 'pcmpestr' : 'pcmpistr'}${mask ? 'm' : 'i'}${wide ? '64' : ''}`;
  const b = source(c, 1, 16, false);
  c.b.helper(name, [index, flags, xmm(c, 0) | (b << 8), imm8(c, 2)], { reads: explicit ? [REG.rax, REG.rdx] : [], writes: [index, flags] });
  if (!mask) c.b.un('mov', 32, index, REG.rcx);
  else clearUpper(c, 0);
  c.b.flags(FLAG_KIND.explicit, 8, flags);
};

export const strings = bothForms([
  ['Pcmpestri', compare(1, 0, 0)], ['Pcmpestri64', compare(1, 1, 0)],
  ['Pcmpestrm', compare(1, 0, 1)], ['Pcmpestrm64', compare(1, 1, 1)],
  ['Pcmpistri', compare(0, 0, 0)], ['Pcmpistrm', compare(0, 0, 1)],
]);
