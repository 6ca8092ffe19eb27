/** Names to ask for at the command line; each form is in one family. First match wins. */
const MNEMONICS: readonly (readonly [family: string, mnemonics: RegExp])[] = [
  ['ud', /^Ud\d$/],
  ['transcendental', /^(F2xm1|Fyl2x|Fyl2xp1|Fptan|Fpatan|Fsin|Fcos|Fsincos)$/],
  ['approximate', /^R(cp|sqrt)[ps]s$/],
  ['state', /^(Fxsave|Fxrstor|Fxsave64|Fxrstor64|Ldmxcsr|Stmxcsr)$/],
  ['pcmpstr', /^Pcmp[ei]str/],
  ['crc32', /^Crc32$/],
  ['hint', /^(Prefetch.*|Clflush|[lms]fence|Reservednop|Nop|Pause)$/i],
  ['shift', /^(Ro[lr]|Rc[lr]|S[ah][lr]|Sh[lr]d)$/],
  ['muldiv', /^(I?Mul|I?Div)$/i],
  ['bit', /^(Bt[src]?|Bs[fr]|Popcnt|Bswap)$/],
  ['string', /^(Movs[bwdq]|Cmps[bwdq]|Stos[bwdq]|Lods[bwdq]|Scas[bwdq]|Xlatb)$/],
  ['atomic', /^(Xadd|Cmpxchg.*|Xchg)$/],
  ['stack', /^(Push.*|Pop[wq]?|Popf.*|Enter|Leave)$/],
  ['branch', /^(J\w+|Call|Ret|Loop\w*)$/],
];

/** Sets of families: `--family int` is all of these. */
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  int: ['alu', 'shift', 'muldiv', 'bit', 'string', 'atomic', 'stack', 'branch', 'hint', 'ud', 'crc32'],
  simd: ['mmx', 'sse', 'sse2', 'sse3', 'ssse3', 'sse41', 'sse42', 'convert', 'pcmpstr', 'crc32'],
  fp: ['x87', 'state'],
  /** Results that the architecture gives within a bound only: compared within it. */
  inexact: ['transcendental', 'approximate'],
  all: ['alu', 'shift', 'muldiv', 'bit', 'string', 'atomic', 'stack', 'branch', 'hint', 'ud', 'mmx', 'sse', 'sse2', 'sse3', 'ssse3', 'sse41', 'sse42', 'convert', 'pcmpstr', 'crc32', 'x87', 'state'],
};

const FEATURE_FAMILY: readonly (readonly [feature: string, family: string])[] =
  [['SSE4_2', 'sse42'], ['SSE4_1', 'sse41'], ['SSSE3', 'ssse3'], ['SSE3', 'sse3'], ['SSE2', 'sse2'], ['SSE', 'sse'], ['MMX', 'mmx']];

/** The family of a form. */
export function familyOf(name: string, mnemonic: string, features: readonly string[], operands: readonly string[], privileged: boolean): string {
  if (privileged) return 'ud';
  const vector = operands.some((kind) => kind.startsWith('xmm') || kind.startsWith('mm_'));
  if (vector && mnemonic.startsWith('Cvt')) return 'convert';
  if (!vector || /^(Pcmp[ei]str|Rcp|Rsqrt)/.test(mnemonic)) for (const [family, mnemonics] of MNEMONICS) if (mnemonics.test(mnemonic)) return family;
  if (features.some((f) => f.startsWith('FPU'))) return 'x87';
  if (operands.some((kind) => kind.startsWith('mm_')) || name === 'Emms') return 'mmx';
  for (const [feature, family] of FEATURE_FAMILY) if (features.includes(feature)) return family;
  return 'alu';
}
