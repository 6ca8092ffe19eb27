/**
 * Flags that the manual leaves undefined (SDM vol. 2, "Flags Affected") and on which CPUs differ: not compared unless `--strict`.
 *
 * Undefined flags on which they agree are compared and have no row here: AF = 0 after and, or, xor, test; OF after shifts and
 * rol / ror by more than 1 as by the 1-bit rule; CF = 0 after shl / shr by more than the width; CF, AF, OF = 0 after bsf and bsr,
 * and their destination kept for a source of 0; OF, SF, AF, PF kept by bt, bts, btr, btc; CF and OF kept by div and idiv.
 * `zen4` is what the CPU these rows were measured on does (AMD family 25, model 17; 90,000 instances), for who wants to match it.
 */
export const FLAG_BITS = { CF: 1, PF: 4, AF: 0x10, ZF: 0x40, SF: 0x80, OF: 0x800 } as const;
export type FlagName = keyof typeof FLAG_BITS;

export interface UndefinedFlags {
  /** iced's names. */
  readonly mnemonics: RegExp;
  readonly flags: readonly FlagName[];
  /** Undefined only for these shift counts (after masking), of an operand of `size` bits. */
  readonly when?: (count: number, size: number) => boolean;
  readonly zen4: string;
}

export const UNDEFINED_FLAGS: readonly UndefinedFlags[] = [
  { mnemonics: /^(Shl|Sal|Shr|Sar)$/, flags: ['AF'], when: (count) => count !== 0, zen4: 'AF = 1' },
  { mnemonics: /^Sh[lr]d$/, flags: ['AF'], when: (count) => count !== 0, zen4: 'AF = 1' },
  { mnemonics: /^Sh[lr]d$/, flags: ['OF'], when: (count) => count > 1, zen4: 'the 1-bit rule on the result: shld OF = sign ^ CF, shrd OF = the two top bits differ' },
  { mnemonics: /^Rc[lr]$/, flags: ['OF'], when: (count) => count > 1, zen4: 'the 1-bit rule on the result: rcl OF = sign ^ CF, rcr OF = the two top bits differ' },
  { mnemonics: /^I?mul$/i, flags: ['PF', 'AF', 'ZF', 'SF'], zen4: 'kept' },
  { mnemonics: /^I?div$/i, flags: ['PF', 'AF', 'ZF', 'SF'], zen4: 'PF = ZF = SF = 0, AF = 1' },
  { mnemonics: /^Bs[fr]$/, flags: ['PF', 'SF'], zen4: 'SF = 0; PF of the result, 1 for a source of 0' },
];
