import iced from 'iced-x86';
import type { CaseFault, CaseResult, FuzzCase, NativeResult } from './case.ts';
import { FLAG_BITS, UNDEFINED_FLAGS } from './undefined-flags.ts';

const { Code, Decoder, DecoderOptions, Mnemonic, OpKind, Register } = iced;

/** [mnemonics, byte ranges of the image in memory]: pointers to the last x87 instruction and operand, and reserved bytes. */
const POINTER_FIELDS: readonly (readonly [forms: RegExp, ranges: readonly (readonly [from: number, to: number])[]])[] = [
  [/^Fxsave/, [[6, 24], [28, 32], [416, 512]]],
  [/^Fn?(stenv|save)_m(14|94)byte$/, [[6, 14]]],
  [/^Fn?(stenv|save)_m(28|108)byte$/, [[12, 28]]],
];

/** Which linear addresses a comparison leaves out. */
export function ignoredMemory(test: FuzzCase): (address: number) => boolean {
  const row = POINTER_FIELDS.find(([forms]) => forms.test(Code[test.form]!));
  if (row === undefined || test.target === null) return () => false;
  const target = test.target;
  return (address) => row[1].some(([from, to]) => address >= target + from && address < target + to);
}

/** A way in which CPUs differ beyond flags: where `applies` holds, `fields` are not compared (`fault`: only that there is the same vector, if any). */
export interface KnownDifference {
  readonly mnemonics: RegExp;
  readonly applies: (test: FuzzCase, native: NativeResult, ours: Pick<CaseResult, 'fault'>) => boolean;
  readonly fields: RegExp;
  readonly why: string;
}

const isFault = (fault: CaseFault | null, vector: number): boolean => fault?.vector === vector;
const isMemoryForm = (test: FuzzCase): boolean => test.target !== null;

/** True if some byte of a maskmov is not to be stored. */
function partialMask(test: FuzzCase): boolean {
  const decoder = new Decoder(64, test.code, DecoderOptions.None);
  const instruction = decoder.decode();
  const mask = instruction.op2Register;
  decoder.free();
  instruction.free();
  const wide = mask >= Register.XMM0 && mask <= Register.XMM15;
  const top = (test.fx[3]! >> 3) & 7;
  // mm registers are physical, st registers count from the top
  const at = wide ? 160 + 16 * (mask - Register.XMM0) : 32 + 16 * ((mask - Register.MM0 - top) & 7);
  return test.fx.subarray(at, at + (wide ? 16 : 8)).some((byte) => byte < 0x80);
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    mnemonics: /^(Fx(save|rstor)(64)?|Frstor|Fldenv|Fnsave|Fnstenv)$/, fields: /^fault$/,
    applies: (_, native, ours) => isFault(native.fault, 14) && isFault(ours.fault, 14),
    why: 'which byte of the image is touched first: AMD tries the last one, so the address of #PF and the present bit differ',
  },
  {
    mnemonics: /^Cmps[bwdq]$/, fields: /^fault$/,
    applies: (_, native, ours) => isFault(native.fault, 14) && isFault(ours.fault, 14),
    why: 'which of two operands that both fault is read first',
  },
  {
    mnemonics: /^Ud1$/, fields: /^fault$/,
    applies: (_, native, ours) => isFault(native.fault, 6) && isFault(ours.fault, 14),
    why: 'AMD raises #UD without fetching the ModRM byte',
  },
  {
    mnemonics: /^Maskmov(q|dqu)$/, fields: /./,
    applies: (test, native, ours) => isFault(native.fault, 14) && ours.fault === null && partialMask(test),
    why: 'bytes that are masked off may fault or not (SDM vol. 2, MASKMOVQ: implementation dependent)',
  },
  {
    mnemonics: /^Cvt(t?p[sd]2pi|pi2ps|pi2pd)$/, fields: /^(fsw|ftw|st\d)$/,
    applies: (_, native, ours) => isFault(native.fault, 19) && isFault(ours.fault, 19),
    why: 'whether the MMX state was entered before an unmasked SIMD exception',
  },
  {
    mnemonics: /^Cvtpi2ps$/, fields: /^(fsw|ftw|st\d|fault|rip|xmm\d+|mxcsr)$/,
    applies: (test, native, ours) => isMemoryForm(test) && (native.fault === null && ours.fault === null || isFault(ours.fault, 16) || isFault(native.fault, 16)),
    why: 'from memory: Intel enters the MMX state (and #MF is possible), AMD does not touch x87',
  },
];

/** x87 condition codes (bits of FSW) that CPUs leave differently. */
const CONDITION_CODES: readonly (readonly [mnemonics: RegExp, mask: number, why: string])[] = [
  [/^Ffreep?$/, 0x200, 'undefined by the SDM; AMD clears C1'],
  [/^Fcmov/, 0x200, 'the SDM tells C1 for a stack underflow only; AMD keeps it otherwise'],
  [/^Fu?comip?$/, 0x200, 'the SDM sets C1 to 0; AMD keeps it'],
];

/** Bits of FSW that need not agree. */
export function undefinedConditionCodes(test: FuzzCase): number {
  const name = Mnemonic[test.mnemonic]!;
  return CONDITION_CODES.reduce((mask, row) => (row[0].test(name) ? mask | row[1] : mask), 0);
}

/** Which fields a comparison leaves out beyond flags. */
export function acceptedFields(test: FuzzCase, native: NativeResult, ours: Pick<CaseResult, 'fault'>): (field: string) => boolean {
  const name = Mnemonic[test.mnemonic]!;
  const rows = KNOWN_DIFFERENCES.filter((row) => row.mnemonics.test(name) && row.applies(test, native, ours));
  return (field) => rows.some((row) => row.fields.test(field));
}

export const isInexact = (test: FuzzCase): boolean => test.family === 'transcendental' || test.family === 'approximate';

/** rcp and rsqrt: relative error below 1.5 * 2^-12 of the true value on both sides. Transcendentals: one unit in the last place on either side. */
export function withinBound(test: FuzzCase, field: string, native: Uint8Array, ours: Uint8Array, at: number): boolean {
  const a = new DataView(native.buffer, native.byteOffset), b = new DataView(ours.buffer, ours.byteOffset);
  if (test.family === 'approximate' && field.startsWith('xmm')) {
    for (let lane = at; lane < at + 16; lane += 4) {
      if (a.getUint32(lane, true) === b.getUint32(lane, true)) continue;
      const x = a.getFloat32(lane, true), y = b.getFloat32(lane, true);
      if (!(Math.abs(x - y) <= Math.abs(x) * 3 * 2 ** -12)) return false;
    }
    return true;
  }
  if (test.family === 'transcendental') {
    if (field === 'fsw') return ((a.getUint16(at, true) ^ b.getUint16(at, true)) & ~0x220) === 0; // C1 and PE say how it was rounded
    if (field.startsWith('st') && a.getUint16(at + 8, true) === b.getUint16(at + 8, true)) {
      const d = a.getBigUint64(at, true) - b.getBigUint64(at, true);
      return d >= -2n && d <= 2n;
    }
  }
  return false;
}

/** The masked shift count and operand size in bits; null if the instruction has none. */
function shiftCount(test: FuzzCase): readonly [count: number, size: number] | null {
  const decoder = new Decoder(64, test.code, DecoderOptions.None);
  const instruction = decoder.decode();
  decoder.free();
  try {
    const name = Code[instruction.code]!;
    const size = Number(/_rm(8|16|32|64)/.exec(name)?.[1] ?? 0);
    if (size === 0) return null;
    const last = instruction.opCount - 1;
    const raw = instruction.opKind(last) === OpKind.Register && instruction.opRegister(last) === Register.CL ? Number(test.gpr[1]! & 0xffn)
      : instruction.opKind(last) === OpKind.Immediate8 ? instruction.immediate8 : 1;
    return [raw & (size === 64 ? 63 : 31), size];
  } finally {
    instruction.free();
  }
}

/** Flags of `rflags` that need not agree after `test`. */
export function undefinedFlagMask(test: FuzzCase): number {
  const name = Mnemonic[test.mnemonic]!;
  let mask = 0;
  for (const row of UNDEFINED_FLAGS) {
    if (!row.mnemonics.test(name)) continue;
    if (row.when !== undefined) {
      const shift = shiftCount(test);
      if (shift === null || !row.when(...shift)) continue;
    }
    for (const flag of row.flags) mask |= FLAG_BITS[flag];
  }
  return mask;
}
