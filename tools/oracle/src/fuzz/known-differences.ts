import iced from 'iced-x86';
import { initialArena, LAYOUT, REGISTERS, type CaseFault, type CaseResult, type FuzzCase, type NativeResult } from './case.ts';
import { ofInstruction, shiftCount } from './operands.ts';

const { Code, Mnemonic, OpKind, Register, RegisterExt } = iced;

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

/** What both sides made of a case. */
interface Outcome {
  readonly test: FuzzCase;
  readonly native: NativeResult;
  readonly ours: CaseResult;
}

/** A way in which CPUs differ beyond flags: where `applies` holds, `fields` need not agree; what differs is counted. */
export interface KnownDifference {
  readonly mnemonics: RegExp;
  readonly applies: (outcome: Outcome) => boolean;
  readonly fields: RegExp | ((outcome: Outcome) => RegExp);
  readonly why: string;
  /** Our model does what AMD Zen 4 does, and is compared with a CPU of this kind (`isModelledCpu`). */
  readonly modelled?: true;
}

const ANY = /./;
const X87 = /^(f[cst]w|st\d)$/;
/** Canonical with 57 bits, but not with 48. */
const isWide = (address: bigint): boolean => BigInt.asUintN(64, BigInt.asIntN(48, address)) !== address && BigInt.asUintN(64, BigInt.asIntN(57, address)) === address;

const isFault = (fault: CaseFault | null, vector: number): boolean => fault?.vector === vector;
const bothFault = ({ native, ours }: Outcome, vector: number): boolean => isFault(native.fault, vector) && isFault(ours.fault, vector);
const isMemoryForm = ({ test }: Outcome): boolean => test.target !== null;
const statusOf = (fx: Uint8Array): number => fx[2]! | fx[3]! << 8;
/** Sign and exponent of st(0), and its significand. */
const top = ({ test }: Outcome): readonly [exponent: number, significand: bigint] => {
  const view = new DataView(test.fx.buffer, test.fx.byteOffset);
  return [view.getUint16(40, true) & 0x7fff, view.getBigUint64(32, true)];
};
/** |st(0)| > limit: a number, as NaNs and unsupported encodings have defined results. */
function topExceeds(outcome: Outcome, limit: number): boolean {
  const [exponent, significand] = top(outcome);
  if (significand >> 63n === 0n) return false;
  if (exponent === 0x7fff) return significand === 1n << 63n;
  return Number(significand) * 2 ** (exponent - 0x3fff - 63) > limit;
}

/** True if some byte of a maskmov is not to be stored. */
function partialMask({ test }: Outcome): boolean {
  const mask = ofInstruction(test, (instruction) => instruction.op2Register);
  const wide = mask >= Register.XMM0 && mask <= Register.XMM15;
  const first = (test.fx[3]! >> 3) & 7;
  // mm registers are physical, st registers count from the top
  const at = wide ? 160 + 16 * (mask - Register.XMM0) : 32 + 16 * ((mask - Register.MM0 - first) & 7);
  return test.fx.subarray(at, at + (wide ? 16 : 8)).some((byte) => byte < 0x80);
}

/** True if the ten bytes of fbld's operand hold a digit above 9. */
function illegalDigit({ test }: Outcome): boolean {
  const at = test.target! - LAYOUT.arenaBase;
  return initialArena(test).subarray(Math.max(at, 0), Math.max(at + 9, 0)).some((byte) => byte >> 4 > 9 || (byte & 15) > 9);
}

const destination = ({ test }: Outcome): RegExp =>
  ofInstruction(test, (instruction) => new RegExp(`^${REGISTERS[RegisterExt.number(instruction.opRegister(0))]}$`));

/** xmm registers in which what differs is a NaN on both sides. */
function nanRegisters({ test, native, ours }: Outcome): RegExp {
  const a = new DataView(native.fx.buffer, native.fx.byteOffset), b = new DataView(ours.fx.buffer, ours.fx.byteOffset);
  const double = Mnemonic[test.mnemonic]!.endsWith('d');
  const isNan = (view: DataView, at: number): boolean => Number.isNaN(double ? view.getFloat64(at, true) : view.getFloat32(at, true));
  const names = Array.from({ length: 16 }, (_, i) => i).filter((i) => {
    for (let at = 160 + 16 * i; at < 176 + 16 * i; at += double ? 8 : 4) {
      const same = a.getUint32(at, true) === b.getUint32(at, true) && (!double || a.getUint32(at + 4, true) === b.getUint32(at + 4, true));
      if (!same && !(isNan(a, at) && isNan(b, at))) return false;
    }
    return true;
  });
  return new RegExp(`^(${names.map((i) => `xmm${i}`).join('|')})$`);
}

/** A rep of addresses of 32 bits that has nothing to do. */
const emptyRep32 = ({ test }: Outcome): boolean => (test.gpr[1]! & 0xffff_ffffn) === 0n && ofInstruction(test, (instruction) =>
  (instruction.hasRepPrefix || instruction.hasRepnePrefix) && [instruction.op0Kind, instruction.op1Kind].some((kind) =>
    kind === OpKind.MemoryESEDI || kind === OpKind.MemorySegESI));

const isLocked = ({ test }: Outcome): boolean => ofInstruction(test, (instruction) =>
  instruction.hasLockPrefix || instruction.mnemonic === Mnemonic.Xchg && instruction.op0Kind === OpKind.Memory);

/** A VEX form with a prefix 67: addresses of 32 bits. */
const hasAddress32 = ({ test: { code } }: Outcome): boolean => code.subarray(0, code.findIndex((byte) => byte === 0xc4 || byte === 0xc5)).includes(0x67);

/** Faults of one class, whose order the manual leaves to the CPU (SDM vol. 3, table "Priority Among Concurrent Events"). */
const UNORDERED = new Set([11, 12, 13, 14, 16, 17, 19]);
const faultOrder = ({ native, ours }: Outcome): boolean =>
  native.fault !== null && ours.fault !== null && UNORDERED.has(native.fault.vector) && UNORDERED.has(ours.fault.vector);

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    mnemonics: /^(Fx(save|rstor)(64)?|Frstor|Fldenv|Fnsave|Fnstenv)$/, fields: /^fault$/, applies: faultOrder,
    why: 'which byte of the image is touched first: AMD tries the last one, so the address of #PF and the present bit differ; whether alignment is checked before',
  },
  {
    mnemonics: /^Cmps[bwdq]$/, fields: /^fault$/, applies: faultOrder,
    why: 'which of two operands that both fault is read first',
  },
  {
    mnemonics: /^Call$/, fields: /^fault$/, applies: faultOrder,
    why: 'whether the stack is written before a target that is not canonical is refused; AMD writes',
  },
  {
    mnemonics: /^Ud1$/, fields: /^fault$/,
    applies: ({ native, ours }) => isFault(native.fault, 6) && isFault(ours.fault, 14),
    why: 'AMD raises #UD without fetching the ModRM byte',
  },
  {
    mnemonics: /^Maskmov(q|dqu)$/, fields: /./,
    applies: (outcome) => isFault(outcome.native.fault, 14) && outcome.ours.fault === null && partialMask(outcome),
    why: 'bytes that are masked off may fault or not (SDM vol. 2, MASKMOVQ: implementation dependent)',
  },
  {
    mnemonics: /^Cvt(t?p[sd]2pi|pi2ps|pi2pd)$/, fields: /^(fsw|ftw|st\d)$/,
    applies: (outcome) => bothFault(outcome, 19),
    why: 'whether the MMX state was entered before an unmasked SIMD exception',
  },
  {
    mnemonics: /^Cvtpi2ps$/, fields: /^(fsw|ftw|st\d|fault|rip|xmm\d+|mxcsr)$/,
    applies: (outcome) => isMemoryForm(outcome) && (outcome.native.fault === null && outcome.ours.fault === null || isFault(outcome.ours.fault, 16) || isFault(outcome.native.fault, 16)),
    why: 'from memory: Intel enters the MMX state (and #MF is possible), AMD does not touch x87',
  },
  {
    mnemonics: ANY, fields: ANY,
    applies: ({ native, ours }) => (isFault(ours.fault, 13) || isFault(ours.fault, 12))
      && (isFault(native.fault, 14) && isWide(native.fault!.address) || native.fault === null && isWide(native.rip)),
    why: 'addresses of 57 bits: what is not canonical on our machine is on one whose kernel uses five levels of page tables',
  },
  {
    mnemonics: ANY, fields: ANY,
    applies: (outcome) => isFault(outcome.native.fault, 17) && (outcome.test.rflags & 0x40000) === 0 && isLocked(outcome),
    why: 'a locked access across cache lines: #AC where the kernel has the CPU detect split locks (SDM vol. 3, 10.1.2.3)',
  },
  {
    mnemonics: /^(V?ldmxcsr|Fxrstor(64)?)$/i, fields: ANY,
    applies: ({ native, ours }) => isFault(ours.fault, 13) && native.fault === null && (native.fx[26]! & 2) !== 0,
    why: 'bit 17 of MXCSR: AMD takes it (MM, misaligned operands; its MXCSR_MASK is 0x2ffff), Intel and we raise #GP',
  },
  {
    mnemonics: /^Vp?maskmov(p[sd]|[dq])$/, fields: /^fault$/,
    applies: (outcome) => {
      if (!bothFault(outcome, 14)) return false;
      const [a, b] = [outcome.native.fault!, outcome.ours.fault!];
      return a.errorCode === b.errorCode && a.address === BigInt.asUintN(32, b.address) && hasAddress32(outcome);
    },
    why: 'where an element lies that runs over the end of 32-bit addresses: AMD cuts the address of each element',
  },
  {
    mnemonics: /^Bs[fr]$/, fields: destination, modelled: true,
    applies: ({ native }) => native.fault === null && (native.rflags & 0x40) !== 0,
    why: 'the destination for a source of 0 is undefined; some CPUs keep 32 of its bits, some 64',
  },
  {
    mnemonics: /^Fprem1?$/, fields: /^st0$/, modelled: true,
    applies: ({ native, ours }) => (statusOf(native.fx) & statusOf(ours.fx) & 0x400) !== 0,
    why: 'how far a partial remainder goes: by an exponent of 32 to 63',
  },
  {
    mnemonics: /^F2xm1$/, fields: /^(st0|fsw)$/, modelled: true, applies: (outcome) => topExceeds(outcome, 1),
    why: 'the result for an argument outside of [-1, 1] is undefined',
  },
  {
    mnemonics: /^Fyl2xp1$/, fields: /^(st\d|fsw)$/, modelled: true, applies: (outcome) => topExceeds(outcome, 1 - Math.SQRT1_2),
    why: 'the result for an argument beyond 1 - √½ is undefined',
  },
  {
    mnemonics: /^Fbld$/, fields: /^(st\d|fsw)$/, modelled: true, applies: illegalDigit,
    why: 'the result for what is no decimal digit is undefined',
  },
  {
    mnemonics: /^Fld$/, fields: X87, modelled: true,
    applies: (outcome) => isMemoryForm(outcome) && (outcome.test.fx[0]! & 2) === 0 && ((statusOf(outcome.native.fx) | statusOf(outcome.ours.fx)) & 2) !== 0,
    why: 'whether the load goes ahead when a denormal operand is not masked',
  },
  {
    mnemonics: /^Dpp[sd]$/, fields: nanRegisters, modelled: true, applies: () => true,
    why: 'which NaN comes out of several sums',
  },
  {
    mnemonics: ANY, fields: /^fault$/, modelled: true,
    applies: (outcome) => outcome.native.fault?.vector !== outcome.ours.fault?.vector && faultOrder(outcome),
    why: 'which of several faults of one class is raised',
  },
  {
    mnemonics: ANY, fields: /^fault$/, modelled: true,
    applies: (outcome) => {
      if (!bothFault(outcome, 14)) return false;
      const [a, b] = [outcome.native.fault!.address, outcome.ours.fault!.address];
      return a >> 12n !== b >> 12n && a - b < 512n && b - a < 512n;
    },
    why: 'on which page an access fails that may be made on neither of two',
  },
  {
    mnemonics: /^(Fxsave(64)?|Fnsave|Fnstenv|Enter)$/, fields: /^memory/, modelled: true, applies: (outcome) => bothFault(outcome, 14),
    why: 'what was stored before a fault',
  },
  {
    mnemonics: /^(Sh[lr]d?|Sa[lr]|Ro[lr]|Rc[lr])$/, fields: ANY, modelled: true,
    applies: ({ test, native, ours }) => isFault(native.fault ?? ours.fault, 14) && (native.fault === null || ours.fault === null) && (shiftCount(test)?.[0] ?? 1) === 0,
    why: 'whether a shift by 0 stores',
  },
  {
    mnemonics: /^(Movs|Cmps|Stos|Lods|Scas)[bwdq]$/, fields: /^r(cx|si|di)$/, modelled: true, applies: emptyRep32,
    why: 'whether a rep of 32-bit addresses that does nothing clears the upper halves of its registers',
  },
  {
    mnemonics: /^(J.*|Call|Ret|Loop.*)$/, fields: /^(rip|rsp|memory.*)$/, modelled: true, applies: (outcome) => bothFault(outcome, 13),
    why: 'whether a branch to an address that is not canonical fails before it or behind it',
  },
];

/** Why a field of `outcome` need not agree; null: it must. `modelled`: the CPU is the one that our model follows. */
export function allowance(outcome: Outcome, modelled: boolean): (field: string) => string | null {
  const name = Mnemonic[outcome.test.mnemonic]!;
  const rows = KNOWN_DIFFERENCES.filter((row) => row.mnemonics.test(name) && !(modelled && row.modelled === true) && row.applies(outcome))
    .map(({ fields, why }) => [fields instanceof RegExp ? fields : fields(outcome), why] as const);
  return (field) => rows.find(([fields]) => fields.test(field))?.[1] ?? null;
}
