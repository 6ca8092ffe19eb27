/** Names to ask for at the command line; each form is in one family. First match wins. */
const MNEMONICS: readonly (readonly [family: string, mnemonics: RegExp])[] = [
  ['ud', /^Ud\d$/],
  ['transcendental', /^(F2xm1|Fyl2x|Fyl2xp1|Fptan|Fpatan|Fsin|Fcos|Fsincos)$/],
  ['approximate', /^V?r(cp|sqrt)[ps]s$/i],
  ['state', /^(Fxsave|Fxrstor|Fxsave64|Fxrstor64|Ldmxcsr|Stmxcsr)$/],
  ['pcmpstr', /^V?pcmp[ei]str/i],
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
  v3: ['avx', 'avx2', 'avxfloat', 'avxconvert', 'gather', 'bmi', 'adx', 'fma', 'f16c', 'crypto'],
  simd: ['mmx', 'sse', 'sse2', 'sse3', 'ssse3', 'sse41', 'sse42', 'convert', 'pcmpstr', 'crc32'],
  fp: ['x87', 'state'],
  /** Results that the architecture gives within a bound only: compared within it. */
  inexact: ['transcendental', 'approximate'],
  all: ['alu', 'shift', 'muldiv', 'bit', 'string', 'atomic', 'stack', 'branch', 'hint', 'ud', 'mmx', 'sse', 'sse2', 'sse3', 'ssse3', 'sse41', 'sse42', 'convert', 'pcmpstr', 'crc32', 'x87', 'state',
    'avx', 'avx2', 'avxfloat', 'avxconvert', 'gather', 'bmi', 'adx', 'fma', 'f16c', 'crypto'],
};

/** Families that are features. */
const NEWER: readonly (readonly [family: string, features: RegExp])[] =
  [['bmi', /^(BMI\d|LZCNT|MOVBE)$/], ['adx', /^ADX$/], ['fma', /^FMA$/], ['f16c', /^F16C$/], ['crypto', /^(AES|PCLMULQDQ|SHA)$/]];

/** VEX forms that compute with numbers. */
const AVX_FLOATS = /^V(add|sub|mul|div|min|max|sqrt|round|cmp|u?comi|hadd|hsub|addsub|dp)[ps]?[ds]/;

const FEATURE_FAMILY: readonly (readonly [feature: string, family: string])[] =
  [['SSE4_2', 'sse42'], ['SSE4_1', 'sse41'], ['SSSE3', 'ssse3'], ['SSE3', 'sse3'], ['SSE2', 'sse2'], ['SSE', 'sse'], ['MMX', 'mmx']];

/** The family of a form. */
export function familyOf(name: string, mnemonic: string, features: readonly string[], operands: readonly string[], privileged: boolean): string {
  if (privileged) return 'ud';
  for (const [family, names] of NEWER) if (features.some((f) => names.test(f))) return family;
  if (features.some((f) => f.startsWith('AVX')) && !/^Vp?(cmp[ei]str|rcp|rsqrt)/i.test(mnemonic)) {
    if (mnemonic.includes('gather')) return 'gather';
    if (mnemonic.startsWith('Vcvt')) return 'avxconvert';
    if (AVX_FLOATS.test(mnemonic)) return 'avxfloat';
    return features.includes('AVX2') ? 'avx2' : 'avx';
  }
  const vector = operands.some((kind) => kind.startsWith('xmm') || kind.startsWith('mm_'));
  if (vector && mnemonic.startsWith('Cvt')) return 'convert';
  if (!vector || /^V?(Pcmp[ei]str|Rcp|Rsqrt)/i.test(mnemonic)) for (const [family, mnemonics] of MNEMONICS) if (mnemonics.test(mnemonic)) return family;
  if (features.some((f) => f.startsWith('FPU'))) return 'x87';
  if (operands.some((kind) => kind.startsWith('mm_')) || name === 'Emms') return 'mmx';
  for (const [feature, family] of FEATURE_FAMILY) if (features.includes(feature)) return family;
  return 'alu';
}
