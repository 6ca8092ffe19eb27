import iced from 'iced-x86';
import type { FuzzCase, NativeResult } from './case.ts';

const { Mnemonic } = iced;

/** Condition codes of the x87 status word (SDM vol. 1, figure 8-4). */
export const CONDITION_BITS = { C0: 0x100, C1: 0x200, C2: 0x400, C3: 0x4000 } as const;
const { C0, C1, C2, C3 } = CONDITION_BITS;

export interface UndefinedConditions {
  /** iced's names. */
  readonly mnemonics: RegExp;
  /** Bits of the status word. */
  readonly mask: number;
  /** Undefined only if the CPU left this status word. */
  readonly when?: (status: number) => boolean;
  readonly amd: string;
  /** Our model does what AMD does. */
  readonly modelled: boolean;
}

/** Condition codes that the manual leaves undefined, by mnemonic (SDM vol. 2, "FPU Flags Affected"), and C1 where it is silent. */
export const UNDEFINED_CONDITIONS: readonly UndefinedConditions[] = [
  {
    mnemonics: /^(F(i?(add|mul|subr?|divr?)|(add|mul|subr?|divr?)p|i?ld|i?stp?|isttp|xch|chs|abs|ld(1|l2t|l2e|pi|lg2|ln2|z)|2xm1|yl2x|yl2xp1|patan|xtract|decstp|incstp|sqrt|rndint|scale|bld|bstp)|Fcmov.*)$/i,
    mask: C0 | C2 | C3, amd: 'kept', modelled: true,
  },
  { mnemonics: /^F(sin|cos|sincos|ptan)$/, mask: C0 | C3, amd: 'kept', modelled: true },
  { mnemonics: /^(Fn?(clex|stcw|stenv|stsw)|Fldcw|Fnop|Wait|Fwait)$/, mask: C0 | C1 | C2 | C3, amd: 'kept', modelled: true },
  { mnemonics: /^Ffreep?$/, mask: C0 | C2 | C3, amd: 'kept', modelled: true },
  { mnemonics: /^Ffreep?$/, mask: C1, amd: 'C1 = 0', modelled: false },
  { mnemonics: /^Fcmov/, mask: C1, amd: 'kept; the manual tells C1 for a stack underflow only', modelled: false },
  { mnemonics: /^Fu?comip?$/, mask: C1, amd: 'kept; the manual sets it to 0', modelled: false },
  { mnemonics: /^Fprem1?$/, mask: C0 | C1 | C3, when: (status) => (status & C2) !== 0, amd: 'bits of the partial quotient', modelled: true },
];

/** Bits of the status word that are undefined after `test`. `modelled`: but for those that our model has as the CPU. */
export function undefinedConditions(test: FuzzCase, native: NativeResult, modelled: boolean): number {
  const name = Mnemonic[test.mnemonic]!;
  const status = native.fx[2]! | native.fx[3]! << 8;
  let mask = 0;
  for (const row of UNDEFINED_CONDITIONS) {
    if (row.mnemonics.test(name) && !(modelled && row.modelled) && (row.when?.(status) ?? true)) mask |= row.mask;
  }
  return mask;
}
