import iced from 'iced-x86';
import type { FuzzCase } from './case.ts';
import { shiftCount } from './operands.ts';

const { Mnemonic } = iced;

/**
 * Flags that the manual leaves undefined (SDM vol. 2, "Flags Affected"), by mnemonic. A difference there is no failure on any CPU: it is
 * counted. undefined.test.ts compares the rows with iced's table.
 */
export const FLAG_BITS = { CF: 1, PF: 4, AF: 0x10, ZF: 0x40, SF: 0x80, OF: 0x800 } as const;
export type FlagName = keyof typeof FLAG_BITS;

export interface UndefinedFlags {
  /** iced's names. */
  readonly mnemonics: RegExp;
  readonly flags: readonly FlagName[];
  /** Undefined only for these shift counts (after masking), of an operand of `size` bits. */
  readonly when?: (count: number, size: number) => boolean;
  /** What AMD Zen 4 does (family 25, model 17; 90,000 instances), for who wants to match it. */
  readonly zen4: string;
  /** Our model does the same, and is compared with a CPU of this kind (`isModelledCpu`). */
  readonly modelled: boolean;
}

const SHIFTED = (count: number): boolean => count !== 0;
const BY_MORE_THAN_1 = (count: number): boolean => count > 1;
const BY_THE_SIZE = (count: number, size: number): boolean => count >= size;
const BY_MORE_THAN_THE_SIZE = (count: number, size: number): boolean => count > size;

export const UNDEFINED_FLAGS: readonly UndefinedFlags[] = [
  { mnemonics: /^(And|Or|Xor|Test)$/, flags: ['AF'], zen4: 'AF = 0', modelled: true },
  { mnemonics: /^(Sh[lr]|Sa[lr])$/, flags: ['AF'], when: SHIFTED, zen4: 'AF = 1', modelled: false },
  { mnemonics: /^(Sh[lr]|Sa[lr]|Ro[lr])$/, flags: ['OF'], when: BY_MORE_THAN_1, zen4: 'the 1-bit rule', modelled: true },
  { mnemonics: /^(Sh[lr]|Sal)$/, flags: ['CF'], when: BY_THE_SIZE, zen4: 'the last bit shifted out, 0 behind it', modelled: true },
  { mnemonics: /^Sh[lr]d$/, flags: ['AF'], when: SHIFTED, zen4: 'AF = 1', modelled: false },
  { mnemonics: /^Sh[lr]d$/, flags: ['OF'], when: BY_MORE_THAN_1, zen4: 'the 1-bit rule on the result: shld OF = sign ^ CF, shrd OF = the two top bits differ', modelled: false },
  { mnemonics: /^Sh[lr]d$/, flags: ['CF', 'PF', 'ZF', 'SF'], when: BY_MORE_THAN_THE_SIZE, zen4: 'not measured: the result is undefined too', modelled: false },
  { mnemonics: /^Rc[lr]$/, flags: ['OF'], when: BY_MORE_THAN_1, zen4: 'the 1-bit rule on the result: rcl OF = sign ^ CF, rcr OF = the two top bits differ', modelled: false },
  { mnemonics: /^I?mul$/i, flags: ['PF', 'AF', 'ZF', 'SF'], zen4: 'kept', modelled: false },
  { mnemonics: /^I?div$/i, flags: ['PF', 'AF', 'ZF', 'SF'], zen4: 'PF = ZF = SF = 0, AF = 1', modelled: false },
  { mnemonics: /^I?div$/i, flags: ['CF', 'OF'], zen4: 'kept', modelled: true },
  { mnemonics: /^Bt[src]?$/, flags: ['PF', 'AF', 'SF', 'OF'], zen4: 'kept', modelled: true },
  { mnemonics: /^Bs[fr]$/, flags: ['CF', 'AF', 'OF'], zen4: '0', modelled: true },
  { mnemonics: /^Bs[fr]$/, flags: ['PF', 'SF'], zen4: 'SF = 0; PF of the result, 1 for a source of 0', modelled: false },
  { mnemonics: /^[LT]zcnt$/, flags: ['PF', 'AF', 'SF'], zen4: 'PF of the result, AF = 0, SF = 0', modelled: false },
  { mnemonics: /^[LT]zcnt$/, flags: ['OF'], zen4: 'not told', modelled: false },
  { mnemonics: /^(Andn|Bls(i|r|msk)|Bzhi)$/, flags: ['PF', 'AF'], zen4: 'AF = 0, PF of the result', modelled: true },
  { mnemonics: /^Bextr$/, flags: ['PF'], zen4: 'of the result', modelled: true },
  { mnemonics: /^Bextr$/, flags: ['AF', 'SF'], zen4: 'not told', modelled: false },
];

/** Bits of rflags that are undefined after `test`. `modelled`: but for those that our model has as the CPU. */
export function undefinedFlags(test: FuzzCase, modelled: boolean): number {
  const name = Mnemonic[test.mnemonic]!;
  let mask = 0;
  for (const row of UNDEFINED_FLAGS) {
    if (!row.mnemonics.test(name) || modelled && row.modelled) continue;
    if (row.when !== undefined) {
      const shift = shiftCount(test);
      if (shift === null || !row.when(...shift)) continue;
    }
    for (const flag of row.flags) mask |= FLAG_BITS[flag];
  }
  return mask;
}
