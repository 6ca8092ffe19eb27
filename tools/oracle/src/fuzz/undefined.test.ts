import iced from 'iced-x86';
import { describe, expect, it } from 'vitest';
import { initialArena, LAYOUT, type CaseFault, type CaseResult, type FuzzCase, type NativeResult } from './case.ts';
import { compareResults } from './compare.ts';
import { allForms } from './forms.ts';
import { generateCases } from './generate.ts';
import { ofInstruction } from './operands.ts';
import { CONDITION_BITS, UNDEFINED_CONDITIONS } from './undefined-conditions.ts';
import { FLAG_BITS, undefinedFlags, UNDEFINED_FLAGS } from './undefined-flags.ts';

const { CpuidFeature, Code, Decoder, DecoderOptions, Instruction, Mnemonic, RflagsBits } = iced;

type Undefined = Readonly<{ mnemonic: string; names: readonly string[] }>;

/** What iced says of every form of the processors that we know or shall know. */
const byIced: readonly Undefined[] = (() => {
  const features = /^(INTEL8086|INTEL[1234]86|X64|FPU|FPU287|FPU387|LZCNT|BMI1|BMI2)$/;
  const rows: Undefined[] = [];
  for (let code = 1; Code[code] !== undefined; code++) {
    const instruction = new Instruction();
    instruction.code = code;
    const mnemonic = Mnemonic[instruction.mnemonic]!;
    // mov to test and control registers, and what 64-bit mode or a 387 has not
    if (!/^(Mov|Aa[adms]|Da[as]|Fstpnce|Frint2|Frichop|Frinear|Frstpm|Fn?st[ds][wg]|Undoc)$/.test(mnemonic) && [...instruction.cpuidFeatures()].every((feature) => features.test(CpuidFeature[feature]!))) {
      const names = ['CF', 'PF', 'AF', 'ZF', 'SF', 'OF', 'C0', 'C1', 'C2', 'C3'].filter((name) => instruction.rflagsUndefined & RflagsBits[name as 'CF']);
      rows.push({ mnemonic, names });
    }
    instruction.free();
  }
  return rows;
})();

/** What we leave open beyond iced's table: by the text of the manual, or where it is silent (see the rows). */
const BEYOND: readonly (readonly [mnemonics: RegExp, names: readonly string[]])[] = [
  [/^(Sh[lr]|Sa[lr])$/, ['AF', 'OF']], [/^(Sh[lr]|Sal)$/, ['CF']], [/^Sh[lr]d$/, ['CF', 'PF', 'ZF', 'SF']],
  [/^Fcmov|^Fu?comip?$/, ['C1']], [/^Fprem1?$/, ['C0', 'C1', 'C3']], [/^(Fnop|Wait)$/, ['C0', 'C1', 'C2', 'C3']],
];

describe('tables of what the manual leaves undefined', () => {
  const ours = (mnemonic: string): Set<string> => new Set([
    ...UNDEFINED_FLAGS.filter((row) => row.mnemonics.test(mnemonic)).flatMap((row) => row.flags),
    ...UNDEFINED_CONDITIONS.filter((row) => row.mnemonics.test(mnemonic)).flatMap((row) => Object.entries(CONDITION_BITS).filter(([, bit]) => row.mask & bit).map(([name]) => name)),
  ]);

  it('have all that iced has', () => {
    expect(byIced.filter(({ names }) => names.length > 0).length).toBeGreaterThan(200);
    expect(byIced.filter(({ mnemonic, names }) => names.some((name) => !ours(mnemonic).has(name)))).toEqual([]);
  });

  it('have nothing else without a reason', () => {
    const known = new Map<string, Set<string>>();
    for (const { mnemonic, names } of byIced) known.set(mnemonic, new Set([...known.get(mnemonic) ?? [], ...names]));
    const more = [...known].flatMap(([mnemonic, names]) => [...ours(mnemonic)].filter((name) => !names.has(name) && !BEYOND.some(([mnemonics, beyond]) => mnemonics.test(mnemonic) && beyond.includes(name)))
      .map((name) => `${mnemonic} ${name}`));
    expect(more).toEqual([]);
  });

  it('agree with iced instance by instance', () => {
    const wrong = new Set<string>();
    for (const test of generateCases(allForms(), 12_000, 4)) {
      const [byThem, zero] = ofInstruction(test, (instruction) => [instruction.rflagsUndefined, instruction.rflagsModified === 0] as const);
      const mask = undefinedFlags(test, false);
      // a count in cl is not iced's to know
      const byCl = Code[test.form]!.endsWith('_CL') && (test.gpr[1]! & 31n) < 2n;
      if (zero || byCl) continue;
      for (const [name, bit] of Object.entries(FLAG_BITS)) if (byThem & RflagsBits[name as 'CF'] && !(mask & bit)) wrong.add(`${Code[test.form]} ${name}`);
    }
    expect([...wrong]).toEqual([]);
  });
});

interface Change {
  readonly fault?: CaseFault;
  readonly rip?: bigint;
  readonly flags?: number;
  readonly gpr?: Readonly<Record<number, bigint>>;
  readonly fcw?: number;
  readonly fsw?: number;
  readonly mxcsr?: number;
  readonly st0?: readonly [bigint, number];
  readonly xmm0?: readonly number[];
}

const pf = (address: bigint, errorCode = 4): CaseFault => ({ vector: 14, errorCode, address });
const fault = (vector: number): CaseFault => ({ vector, errorCode: 0, address: 0n });

/** A case of the bytes `code` with `before`, and what became of it. */
function outcome(code: readonly number[], before: Change, change: Change): readonly [FuzzCase, NativeResult] {
  const bytes = Uint8Array.from(code);
  const decoder = new Decoder(64, bytes, DecoderOptions.None);
  const instruction = decoder.decode();
  const fx = new Uint8Array(512);
  const view = new DataView(fx.buffer);
  view.setUint16(0, 0x37f, true);
  view.setUint32(24, 0x1f80, true);
  const apply = (to: Change, image: Uint8Array, gpr: BigUint64Array): void => {
    const at = new DataView(image.buffer);
    if (to.fcw !== undefined) at.setUint16(0, to.fcw, true);
    if (to.fsw !== undefined) at.setUint16(2, to.fsw, true);
    if (to.mxcsr !== undefined) at.setUint32(24, to.mxcsr, true);
    if (to.st0 !== undefined) { at.setBigUint64(32, to.st0[0], true); at.setUint16(40, to.st0[1], true); }
    to.xmm0?.forEach((value, i) => at.setUint32(160 + 4 * i, value, true));
    for (const [i, value] of Object.entries(to.gpr ?? {})) gpr[Number(i)] = value;
  };
  const gpr = new BigUint64Array(16);
  apply(before, fx, gpr);
  const test: FuzzCase = {
    code: bytes, codeOffset: 0, int3: true, gpr, rflags: before.flags ?? 0x202, fsBase: 0n, gsBase: 0n, fx, ymmHigh: new Uint8Array(256), patches: [],
    family: 'test', form: instruction.code, mnemonic: instruction.mnemonic, target: instruction.memorySize === 0 ? null : LAYOUT.arenaBase,
  };
  instruction.free();
  decoder.free();
  const [imageAfter, gprAfter] = [fx.slice(), gpr.slice()];
  apply(change, imageAfter, gprAfter);
  return [test, {
    fault: change.fault ?? null, rip: change.rip ?? BigInt(LAYOUT.codeBase), rflags: change.flags ?? test.rflags, gpr: gprAfter, fx: imageAfter, ymmHigh: test.ymmHigh, changes: [],
  }];
}

const ONE = [1n << 63n, 0x3fff] as const, TWO = [1n << 63n, 0x4000] as const, THREE = [3n << 62n, 0x4000] as const;
const { CF, PF, AF, ZF, SF, OF } = FLAG_BITS;
const NAN = 0x7fc00000;

/** [name, bytes, before, the CPU's, ours; what may differ, which fields may not; which may not on the CPU that we follow] */
const ROWS: readonly (readonly [string, readonly number[], Change, Change, Change, readonly string[], readonly string[], (readonly string[])?])[] = [
  ['bsf, flags', [0x48, 0x0f, 0xbc, 0xc1], {}, { flags: CF | PF | AF | SF | OF }, { flags: 0 }, ['CF', 'PF', 'AF', 'SF', 'OF'], [], ['rflags']],
  ['bsf, ZF', [0x48, 0x0f, 0xbc, 0xc1], {}, { flags: ZF | CF }, { flags: 0 }, ['CF'], ['rflags']],
  ['bsf of 0, the destination', [0x0f, 0xbc, 0xc1], {}, { flags: ZF, gpr: { 0: 5n } }, { flags: ZF, gpr: { 0: 7n } }, ['register'], [], ['rax']],
  ['bsf of 0, another register', [0x0f, 0xbc, 0xc1], {}, { flags: ZF, gpr: { 1: 5n } }, { flags: ZF }, [], ['rcx']],
  ['bsf of 1, the destination', [0x0f, 0xbc, 0xc1], {}, { flags: 0, gpr: { 0: 5n } }, { flags: 0, gpr: { 0: 7n } }, [], ['rax']],
  ['a fault leaves flags', [0x48, 0x0f, 0xbc, 0x00], {}, { fault: pf(0n), flags: CF }, { fault: pf(0n), flags: 0 }, [], ['rflags']],
  ['shl by 1', [0x48, 0xd1, 0xe0], {}, { flags: AF }, { flags: 0 }, ['AF'], []],
  ['shl by 1, OF', [0x48, 0xd1, 0xe0], {}, { flags: OF }, { flags: 0 }, [], ['rflags']],
  ['shl by 2, OF', [0x48, 0xc1, 0xe0, 2], {}, { flags: OF }, { flags: 0 }, ['OF'], [], ['rflags']],
  ['shl by 2, CF', [0x48, 0xc1, 0xe0, 2], {}, { flags: CF }, { flags: 0 }, [], ['rflags']],
  ['shl of 8 bits by 8, CF', [0xc0, 0xe0, 8], {}, { flags: CF }, { flags: 0 }, ['CF'], [], ['rflags']],
  ['sar of 8 bits by 8, CF', [0xc0, 0xf8, 8], {}, { flags: CF }, { flags: 0 }, [], ['rflags']],
  ['shl by cl = 0', [0x48, 0xd3, 0xe0], { gpr: { 1: 64n } }, { flags: AF }, { flags: 0 }, [], ['rflags']],
  ['and', [0x21, 0xc8], {}, { flags: AF | SF }, { flags: 0 }, ['AF'], ['rflags']],
  ['mul', [0xf7, 0xe1], {}, { flags: PF | AF | ZF | SF }, { flags: 0 }, ['PF', 'AF', 'ZF', 'SF'], []],
  ['mul, CF', [0xf7, 0xe1], {}, { flags: CF }, { flags: 0 }, [], ['rflags']],
  ['div', [0xf7, 0xf1], {}, { flags: CF | OF }, { flags: 0 }, ['CF', 'OF'], [], ['rflags']],
  ['bt, ZF', [0x0f, 0xa3, 0xc8], {}, { flags: OF | ZF }, { flags: 0 }, ['OF'], ['rflags']],
  ['add', [0x01, 0xc8], {}, { flags: AF }, { flags: 0 }, [], ['rflags']],
  ['fld1, C3', [0xd9, 0xe8], {}, { fsw: 0x4000 }, { fsw: 0 }, ['C3'], [], ['fsw']],
  ['fld1, C1', [0xd9, 0xe8], {}, { fsw: 0x200 }, { fsw: 0 }, [], ['fsw']],
  ['fcom, C3', [0xd8, 0xd1], {}, { fsw: 0x4000 }, { fsw: 0 }, [], ['fsw']],
  ['fadd, C0 and PE', [0xd8, 0xc1], {}, { fsw: 0x120 }, { fsw: 0 }, ['C0'], ['fsw']],
  ['fcomi, C1', [0xdb, 0xf1], {}, { fsw: 0x200 }, { fsw: 0 }, ['C1'], []],
  ['fprem, partial on both sides', [0xd9, 0xf8], {}, { fsw: 0x400, st0: ONE }, { fsw: 0x500, st0: TWO }, ['C0', 'st'], [], ['fsw', 'st0']],
  ['fprem, complete', [0xd9, 0xf8], {}, { fsw: 0, st0: ONE }, { fsw: 0x100, st0: TWO }, [], ['fsw', 'st0']],
  ['f2xm1 of 2', [0xd9, 0xf0], { st0: TWO }, { st0: ONE }, { st0: THREE }, ['st'], [], ['st0']],
  ['f2xm1 of 1', [0xd9, 0xf0], { st0: ONE }, { st0: ONE }, { st0: THREE }, [], ['st0']],
  ['fyl2xp1 of 1', [0xd9, 0xf9], { st0: ONE }, { st0: ONE }, { st0: THREE }, ['st'], [], ['st0']],
  ['fyl2xp1 of 1/4', [0xd9, 0xf9], { st0: [1n << 63n, 0x3ffd] }, { st0: ONE }, { st0: THREE }, [], ['st0']],
  ['fbld of no digits', [0xdf, 0x20], {}, { st0: ONE }, { st0: THREE }, ['st'], [], ['st0']],
  ['fld of a denormal that traps', [0xd9, 0x00], { fcw: 0x37d }, { fsw: 0xb882, st0: ONE }, { fsw: 0x8082 }, ['fsw', 'st'], [], ['fsw', 'st0']],
  ['fld of a denormal', [0xd9, 0x00], {}, { fsw: 0x3802, st0: ONE }, { fsw: 2 }, [], ['fsw', 'st0']],
  ['dpps, two NaNs', [0x66, 0x0f, 0x3a, 0x40, 0xc1, 0xff], {}, { xmm0: [NAN, NAN, 1, 1] }, { xmm0: [NAN + 1, NAN, 1, 1] }, ['xmm'], [], ['xmm0']],
  ['dpps, a number', [0x66, 0x0f, 0x3a, 0x40, 0xc1, 0xff], {}, { xmm0: [NAN, 2, 1, 1] }, { xmm0: [NAN + 1, 1, 1, 1] }, [], ['xmm0']],
  ['movaps, #GP or #PF', [0x0f, 0x28, 0x00], {}, { fault: pf(1n) }, { fault: fault(13) }, ['fault'], [], ['fault']],
  ['movaps, #GP or none', [0x0f, 0x28, 0x00], {}, { fault: fault(13) }, {}, [], ['fault']],
  ['call, the stack or the target', [0xff, 0xd0], {}, { fault: pf(1n) }, { fault: fault(13) }, ['fault'], []],
  ['cmpsb, either operand', [0xa6], {}, { fault: pf(1n) }, { fault: fault(13) }, ['fault'], []],
  ['cmpsb, #UD', [0xa6], {}, { fault: pf(1n) }, { fault: fault(6) }, [], ['fault']],
  ['fxsave, alignment or segment', [0x0f, 0xae, 0x04, 0x24], {}, { fault: fault(12) }, { fault: fault(13) }, ['fault'], []],
  ['div, #DE or #PF', [0xf7, 0x30], {}, { fault: fault(0) }, { fault: pf(1n) }, [], ['fault']],
  ['mov across two bad pages', [0x48, 0x8b, 0x00], {}, { fault: pf(0x20005000n) }, { fault: pf(0x20004ffcn, 5) }, ['fault'], [], ['fault']],
  ['mov, the wrong byte', [0x48, 0x8b, 0x00], {}, { fault: pf(0x20005008n) }, { fault: pf(0x20005000n) }, [], ['fault']],
  ['mov of an address of 57 bits', [0x48, 0x8b, 0x00], {}, { fault: pf(1n << 50n) }, { fault: fault(13) }, ['fault'], []],
  ['mov of a kernel address', [0x48, 0x8b, 0x00], {}, { fault: pf(0xffff_8000_0000_0000n) }, { fault: fault(13) }, ['fault'], [], ['fault']],
  ['jmp to an address of 57 bits', [0xff, 0xe0], {}, { rip: 1n << 50n }, { fault: fault(13) }, ['fault', 'rip'], []],
  ['a split lock', [0xf0, 0x01, 0x00], {}, { fault: fault(17) }, { gpr: { 0: 1n } }, ['fault', 'register'], []],
  ['#AC without a lock', [0x01, 0x00], {}, { fault: fault(17) }, {}, [], ['fault']],
  ['shift of memory by 0', [0xd3, 0x20], {}, { fault: pf(0x20004000n, 7) }, {}, ['fault'], [], ['fault']],
  ['shift of memory by 1', [0xd1, 0x20], {}, { fault: pf(0x20004000n, 7) }, {}, [], ['fault']],
  ['ldmxcsr of bit 17', [0x0f, 0xae, 0x10], {}, { mxcsr: 0x2_4b3b }, { fault: fault(13) }, ['fault', 'mxcsr'], []],
  ['vldmxcsr of bit 17', [0xc5, 0xf8, 0xae, 0x10], {}, { mxcsr: 0x2_4b3b }, { fault: fault(13) }, ['fault', 'mxcsr'], []],
  ['fxrstor of bit 17', [0x0f, 0xae, 0x08], {}, { mxcsr: 0x2_1f80 }, { fault: fault(13) }, ['fault', 'mxcsr'], []],
  ['vldmxcsr of bits that are allowed', [0xc5, 0xf8, 0xae, 0x10], {}, { mxcsr: 0x4b3b }, { fault: fault(13) }, [], ['fault', 'mxcsr']],
  ['vldmxcsr of bit 16', [0xc5, 0xf8, 0xae, 0x10], {}, { fault: fault(13) }, { mxcsr: 0x1_4b3b }, [], ['fault', 'mxcsr']],
  ['vmaskmovpd over the end of 32-bit addresses', [0x67, 0xc4, 0xe2, 0x2d, 0x2f, 0x28], {}, { fault: pf(0xcn, 6) }, { fault: pf(0x1_0000_000cn, 6) }, ['fault'], []],
  ['vmaskmovpd over the end, 64-bit addresses', [0xc4, 0xe2, 0x2d, 0x2f, 0x28], {}, { fault: pf(0xcn, 6) }, { fault: pf(0x1_0000_000cn, 6) }, [], ['fault']],
  ['vmaskmovpd, the wrong element', [0x67, 0xc4, 0xe2, 0x2d, 0x2f, 0x28], {}, { fault: pf(0x4n, 6) }, { fault: pf(0x1_0000_000cn, 6) }, [], ['fault']],
  ['rep movsb of nothing, 32-bit addresses', [0x67, 0xf3, 0xa4], { gpr: { 1: 1n << 32n } }, { gpr: { 1: 0n } }, {}, ['register'], [], ['rcx']],
  ['rep movsb of nothing', [0xf3, 0xa4], { gpr: { 1: 1n << 32n } }, { gpr: { 1: 0n } }, {}, [], ['rcx']],
];

describe('a comparison', () => {
  it.each(ROWS.map((row) => ({ name: row[0], row })))('$name', ({ row: [, code, before, theirs, mine, allowed, wrong, wrongIfModelled] }) => {
    const [test, native] = outcome(code, before, theirs);
    const [, other] = outcome(code, before, mine);
    const ours: CaseResult = { ...other, arena: initialArena(test).subarray(0, LAYOUT.arenaWritable) };
    const lenient = compareResults(test, native, ours);
    expect(lenient.differences.map(({ field }) => field)).toEqual(wrong);
    expect([...lenient.allowed].sort()).toEqual([...allowed].sort());
    expect(compareResults(test, native, ours, { undefined: 'modelled' }).differences.map(({ field }) => field)).toEqual(wrongIfModelled ?? wrong);
    expect(compareResults(test, native, ours, { undefined: 'compared' }).differences.length).toBeGreaterThanOrEqual((wrongIfModelled ?? wrong).length);
  });
});
