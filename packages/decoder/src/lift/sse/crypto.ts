import { Mnemonic } from '../../iced.ts';
import { family, type Lift } from '../family.ts';
import { bothForms } from '../vex.ts';
import { clearUpper, first, imm8, source, xmm } from './operands.ts';

/** helper(d, a, b, imm), named as the instruction. */
const binary = (name: string, immediate = false): Lift => (c) => {
  const d = xmm(c, 0);
  const b = source(c, first(c) + 1);
  c.b.helper(name, [d, xmm(c, first(c)), b, immediate ? imm8(c, first(c) + 2) : 0]);
  clearUpper(c, d);
};
/** helper(d, a, 0, imm) */
const unary = (name: string, immediate = false): Lift => (c) => {
  const d = xmm(c, 0);
  c.b.helper(name, [d, source(c, 1), 0, immediate ? imm8(c, 2) : 0]);
  clearUpper(c, d);
};
/** No VEX forms; the immediate chooses one of four functions. The operand need not be aligned, on AMD's Zen 4. */
const sha = (name: string): Lift => (c) => {
  c.b.helper(name, [xmm(c, 0), xmm(c, 0), source(c, 1, 16, false), name === 'sha1rnds4' ? imm8(c, 2) & 3 : 0]);
};

export const aes = bothForms([
  ['Aesenc', binary('aesenc')], ['Aesenclast', binary('aesenclast')], ['Aesdec', binary('aesdec')], ['Aesdeclast', binary('aesdeclast')],
  ['Aesimc', unary('aesimc')], ['Aeskeygenassist', unary('aeskeygenassist', true)],
]);
export const carryless = bothForms([['Pclmulqdq', binary('pclmulqdq', true)]]);
export const hashes = family(() => (['Sha1rnds4', 'Sha1nexte', 'Sha1msg1', 'Sha1msg2', 'Sha256rnds2', 'Sha256msg1', 'Sha256msg2'] as const)
  .map((name) => [Mnemonic[name] as Mnemonic, sha(name.toLowerCase())] as const));
