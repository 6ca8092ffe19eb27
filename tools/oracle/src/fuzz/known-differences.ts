import iced from 'iced-x86';
import type { FuzzCase } from './case.ts';
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
