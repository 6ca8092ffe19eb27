import iced from 'iced-x86';
import { type FuzzCase, type Patch } from '../fuzz/case.ts';
import { encode, type MemoryOperand } from '../fuzz/encode.ts';
import { allForms, type Form } from '../fuzz/forms.ts';
import { generate } from '../fuzz/generate.ts';
import type { Random } from '../fuzz/random.ts';
import { float32, float64, integer } from '../fuzz/values.ts';
import { PLACES, POINTERS, type Backing, type Deed, type Fixup, type Item, type Program } from './program.ts';

const { Decoder, DecoderOptions, InstructionInfoFactory, OpAccess, OpKind, Register, RegisterExt } = iced;
const { arenaBase, aliasBase, codeBase, tableBase, tableEntries } = PLACES;
const RSP = 4, R14 = 14, R15 = 15;
/** Registers with a job: hardly ever written by random instructions. */
const RESERVED: ReadonlySet<number> = new Set([RSP, R14, R15, ...POINTERS]);

interface Facts {
  /** The bytes are one instruction. */
  readonly one: boolean;
  readonly addressed: readonly number[];
  readonly written: readonly number[];
}
function factsOf(code: Uint8Array): Facts {
  const decoder = new Decoder(64, code, DecoderOptions.None);
  const instruction = decoder.decode();
  const factory = new InstructionInfoFactory();
  const info = factory.info(instruction);
  const number = (register: iced.Register): number => RegisterExt.number(RegisterExt.fullRegister(register));
  const written: number[] = [];
  for (const used of info.usedRegisters()) {
    if (RegisterExt.isGPR(used.register) && used.access !== OpAccess.Read && used.access !== OpAccess.CondRead && used.access !== OpAccess.NoMemAccess) written.push(number(used.register));
    used.free();
  }
  const addressed: number[] = [];
  for (let i = 0; i < instruction.opCount; i++) {
    if (instruction.opKind(i) !== OpKind.Memory) continue;
    for (const register of [instruction.memoryBase, instruction.memoryIndex]) if (register !== Register.None && RegisterExt.isGPR(register)) addressed.push(number(register));
  }
  const one = instruction.length === code.length;
  for (const thing of [info, factory, instruction, decoder]) thing.free();
  return { one, addressed, written };
}

/** An address in the arena: about half of them so that accesses around it cross into another page. */
const nearby = (r: Random): number => arenaBase + (r.chance(0.55) ? 4096 * r.below(4) + r.below(4096) : 4096 * (1 + r.below(4)) - r.below(140) + 40);

const imm64 = (value: bigint): number[] => Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
const imm32 = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >>> 24) & 0xff];
/** mov register, imm64 */
const movAbsolute = (register: number, value: bigint): number[] => [0x48 | (register >> 3), 0xb8 | (register & 7), ...imm64(value)];
/** The address of a block, or of a byte behind it, into a register. */
const addressOfBlock = (register: number, block: number, plus = 0): Item =>
  ({ bytes: movAbsolute(register, 0n), fixups: [{ at: 2, kind: 'abs64', block, plus, behind: 0 }] });

const relative = (opcode: readonly number[], block: number, plus = 0, tail: readonly number[] = []): Item => {
  const fixup: Fixup = { at: opcode.length, kind: 'rel32', block, plus, behind: tail.length };
  return { bytes: [...opcode, 0, 0, 0, 0, ...tail], fixups: [fixup] };
};

/** What to make programs of. */
export interface Kit {
  readonly forms: readonly Form[];
  /** Those with a memory operand in ModRM. */
  readonly addressing: readonly Form[];
  /** Also runs of arithmetic on numbers as programs have them, with the precision exception recorded already. */
  readonly numbers: boolean;
}
/** @param families names of families; branches are made here, not by forms. */
export function kitOf(families: readonly string[], numbers = false): Kit {
  const forms = allForms().filter((form) => families.includes(form.family) && !form.branch && form.family !== 'ud');
  return { forms, addressing: forms.filter((form) => form.modrm !== null && form.rm !== 'register' && form.addressSize !== 32 && form.mnemonicName !== 'Lea'), numbers };
}

/** An instruction whose operand lies near a pointer: neighbours share pages, and now and then a page ends between them. */
function nearPointer(r: Random, kit: Kit): Item | null {
  const form = r.pick(kit.addressing);
  const base = r.chance(0.1) ? RSP : r.pick(POINTERS);
  const index = r.chance(0.15) ? R15 : null;
  const displacement = r.chance(0.9) ? r.below(120) - 40 : r.below(8000) - 4000;
  const rm: MemoryOperand = { base, index, scale: r.pick([1, 2, 4, 8] as const), displacement, displacementSize: displacement >= -128 && displacement < 128 ? 1 : 4, ripRelative: false };
  const code = encode(form, {
    extraPrefixes: form.lock && r.chance(0.15) ? [0xf0] : [], vvvv: r.below(16), is4: r.below(16), open: r.below(8), reg: r.below(form.operands.includes('seg_reg') ? 6 : 16), rm, opcodeRegister: 0, rex: 0,
    immediates: form.immediates.map(() => integer(r)),
  });
  const { one, written } = factsOf(code);
  if (!one || written.some((w) => RESERVED.has(w))) return null;
  return { bytes: [...code] };
}

/** Any instruction, with the values in registers that make it do something, put there before it. */
function anything(r: Random, kit: Kit, patches: Patch[]): Item[] | null {
  const test: FuzzCase = generate(r, r.pick(kit.forms));
  const { one, addressed, written } = factsOf(test.code);
  if (!one || (written.some((w) => RESERVED.has(w)) && !r.chance(0.02))) return null;
  patches.push(...test.patches);
  const wanted = new Set(addressed);
  if (/^(string|muldiv|atomic|shift)$/.test(test.family)) for (const register of [0, 1, 2, 6, 7]) if (r.chance(0.6)) wanted.add(register);
  if (/^(string|sse|sse2|mmx|alu)$/.test(test.family) && r.chance(0.3)) wanted.add(3).add(7);
  const before = [...wanted].filter((register) => !RESERVED.has(register) && r.chance(0.85)).map((register): Item => ({ bytes: movAbsolute(register, test.gpr[register]!) }));
  return [...before, { bytes: [...test.code] }];
}

/** Instructions of compilers: moves, additions and comparisons of registers, pushes and pops, pointers that wander. */
function ordinary(r: Random): Item {
  const low = (): number => r.pick([0, 1, 2, 3, 6, 7]);
  const pointer = r.pick(POINTERS);
  const rexB = pointer >> 3;
  switch (r.below(12)) {
    case 0: return { bytes: [0x48, r.pick([0x01, 0x29, 0x21, 0x31, 0x09, 0x39, 0x85, 0x89, 0x11, 0x19]), 0xc0 | low() << 3 | low()] };
    case 1: return { bytes: [r.pick([0x01, 0x29, 0x21, 0x31, 0x39, 0x85, 0x89]), 0xc0 | low() << 3 | low()] };
    case 2: return { bytes: [0x50 | low()] };
    case 3: return { bytes: [0x58 | low()] };
    // add pointer, imm8; lea pointer, [pointer + imm8]
    case 4: return { bytes: [0x48 | rexB, 0x83, 0xc0 | pointer & 7, r.below(64) - 24 & 0xff] };
    case 5: return { bytes: [0x48 | rexB | rexB << 2, 0x8d, 0x40 | (pointer & 7) << 3 | pointer & 7, ...((pointer & 7) === 4 ? [0x24] : []), r.below(32) & 0xff] };
    case 6: return { bytes: movAbsolute(pointer, BigInt(nearby(r))) };
    case 7: return { bytes: [0xb8 | low(), ...imm32(r.u32())] };
    case 8: return { bytes: [0x83, 0xf8 | low(), r.below(4)] };
    case 9: return { bytes: r.pick([[0xf8], [0xf9], [0xf5], [0xfc], [0xfc], [0xfd], [0x9c, 0x58], [0x9f], [0x9e], [0x0f, 0x90 | r.below(16), 0xc0 | low()]]) };
    case 10: return { bytes: [0x48, 0x0f, 0x40 | r.below(16), 0xc0 | low() << 3 | low()] };
    default: return { bytes: [0x41, r.pick([0x01, 0x03]), 0x40 | low() << 3 | 5, r.below(64)] };
  }
}

/** Exponents at which fast ways of arithmetic end: of all numbers in one program, or of one in thirty. */
const LIMITS = [512, -512, 1023, -1022, -1040, 64, -64, 127, -126, -140] as const;
interface Numbers {
  f64(): Uint8Array;
  f32(): Uint8Array;
}
function numbersOf(r: Random): Numbers {
  const limit = r.chance(0.3) ? r.pick(LIMITS) : null;
  const number = (): number => {
    const sign = r.chance(0.3) ? -1 : 1;
    if (r.chance(limit === null ? 0.03 : 0.6)) return sign * (1 + r.below(1024) / 1024) * 2 ** ((limit ?? r.pick(LIMITS)) + r.below(3) - 1);
    return sign * (r.chance(0.4) ? (1 + r.below(2000)) / 8 : r.u32() / 2 ** r.below(62));
  };
  return {
    f64: () => new Uint8Array(r.chance(0.03) ? new BigUint64Array([float64(r)]).buffer : new Float64Array([number()]).buffer),
    f32: () => new Uint8Array(r.chance(0.03) ? new Uint32Array([float32(r)]).buffer : new Float32Array([number()]).buffer),
  };
}

/** Operations on xmm0 to xmm7 and pointers, of one precision: addsd, mulsd, subsd, mostly. */
function arithmetic(r: Random): Item[] {
  const prefix = r.chance(0.6) ? 0xf2 : 0xf3;
  const packed = r.chance(0.15);
  return Array.from({ length: 2 + r.below(8) }, (): Item => {
    const operands = 0xc0 | r.below(8) << 3 | r.below(8);
    const opcode = r.chance(0.75) ? r.pick([0x58, 0x59, 0x5c]) : r.pick([0x5e, 0x5d, 0x5f, 0x51]);
    switch (r.below(14)) {
      case 0: return { bytes: [0x66, 0x0f, r.pick([0x2e, 0x2f]), operands] };
      case 1: return { bytes: [prefix, 0x48, 0x0f, r.pick([0x2a, 0x2c, 0x2d]), operands] };
      case 2: return { bytes: [0x0f, r.pick([0x28, 0x14, 0x57, 0x54]), operands] };
      case 3: return { bytes: [prefix, 0x0f, 0x10, operands] };
      // from and to memory, by r13
      case 4: return { bytes: [prefix, 0x41, 0x0f, r.pick([0x10, 0x11, opcode]), 0x45 | r.below(8) << 3, 8 * r.below(8)] };
      case 5: return { bytes: [prefix, 0x0f, 0x5a, operands] };
      default: return { bytes: packed ? [...(prefix === 0xf2 ? [0x66] : []), 0x0f, opcode, operands] : [prefix, 0x0f, opcode, operands] };
    }
  });
}
/** An FXSAVE image whose vectors hold numbers; the precision exception is recorded, mostly. */
function numbersInVectors(r: Random, numbers: Numbers, image: Uint8Array): Uint8Array {
  const fx = image.slice();
  new DataView(fx.buffer).setUint32(24, r.chance(0.8) ? 0x1fa0 : r.pick([0x1f80, 0x3fa0, 0x9fe0, 0x1fbf]), true);
  const wide = r.chance(0.6);
  for (let at = 160; at < 416; at += wide ? 8 : 4) fx.set(wide ? numbers.f64() : numbers.f32(), at);
  return fx;
}

/** Stores into code, by its address, its other view, or relative to rip; what they change is an immediate, a condition, or anything. */
function selfModifying(r: Random, backing: Backing, blocks: number): Item[] {
  const block = r.below(blocks);
  const plus = r.chance(0.7) ? 1 : r.below(12);
  const value = r.chance(0.7) ? r.below(256) : 0x70 | r.below(16);
  switch (backing === 'shared' ? r.below(4) : r.below(3)) {
    case 0: return [relative([0xc6, 0x05], block, plus, [value])];
    // inc dword [rip + …]
    case 1: return [relative([0xff, 0x05], block, plus)];
    // through rdi, by a string operation
    case 2: return [addressOfBlock(7, block, plus), { bytes: [0xb9, ...imm32(r.below(4))] }, { bytes: r.pick([[0xaa], [0xf3, 0xaa], [0xab], [0xf3, 0xab], [0xf3, 0xa4]]) }];
    default: return [addressOfBlock(7, block, plus + aliasBase - codeBase), { bytes: [0xc6, 0x07, value] }];
  }
}

/** Questions to the machine, and images of much state, which forms leave out: engines have to agree on them all the same. */
function machine(r: Random): Item[] {
  const state = (...bytes: readonly number[]): Item[] => [
    // now and then not aligned, or where it cannot be written
    { bytes: movAbsolute(7, BigInt(arenaBase + (r.chance(0.9) ? 64 * r.below(300) : r.below(0x5000)))) },
    { bytes: [0xb8, ...imm32(r.below(8))] }, { bytes: [0x31, 0xd2] }, { bytes },
  ];
  switch (r.below(8)) {
    case 0: return [{ bytes: [0xb8, ...imm32(r.pick([0, 1, 7, 13, 0x8000_0000, 0x8000_0001, r.u32()]))] }, { bytes: [0xb9, ...imm32(r.below(3))] }, { bytes: [0x0f, 0xa2] }];
    case 1: return [{ bytes: [0x0f, 0x31] }];
    case 2: return [{ bytes: [0x0f, 0x01, 0xf9] }];
    case 3: return [{ bytes: [0xb9, ...imm32(r.chance(0.8) ? 0 : r.below(3))] }, { bytes: [0x0f, 0x01, 0xd0] }];
    // xsave, xsavec, and the xrstor of what one of them wrote
    case 4: return state(0x0f, 0xae, 0x27);
    case 5: return state(0x0f, 0xc7, 0x27);
    case 6: return [...state(...r.pick([[0x0f, 0xae, 0x27], [0x0f, 0xc7, 0x27]])), ...r.chance(0.5) ? [{ bytes: [0x0f, 0x57, 0xc9] }] : [], { bytes: [0x0f, 0xae, 0x2f] }];
    default: return state(0x0f, 0xae, 0x2f);
  }
}

/** The end of a block. */
function ending(r: Random, index: number, blocks: number): Item[] {
  const to = r.chance(0.3) ? index + 1 : r.chance(0.4) ? Math.max(0, index - r.below(4)) : r.below(blocks);
  switch (r.below(20)) {
    case 0: case 1: case 2: case 3: case 4: return [relative([0x0f, 0x80 | r.below(16)], to)];
    // counts r15 down: a loop
    case 5: case 6: case 7: return [{ bytes: [0x49, 0x83, 0xef, 1] }, relative([0x0f, 0x85], Math.max(0, index - r.below(3))), { bytes: [0x41, 0xbf, ...imm32(1 + r.below(12))] }];
    case 8: return [{ bytes: [0x83, 0xf8 | r.below(4), r.below(4)] }, relative([0x0f, 0x80 | r.below(16)], to)];
    case 9: return [relative([0xe9], to)];
    case 10: case 11: return [relative([0xe8], to)];
    case 12: case 13: return [{ bytes: r.chance(0.8) ? [0xc3] : [0xc2, 8 * r.below(3), 0] }];
    // through the table by r14: add r14d, n; and r14d, 15; jmp or call [r14 * 8 + table]
    case 14: case 15: return [
      { bytes: [0x41, 0x83, 0xc6, 1 + r.below(5)] }, { bytes: [0x41, 0x83, 0xe6, tableEntries - 1] },
      { bytes: [0x42, 0xff, r.chance(0.75) ? 0x24 : 0x14, 0xf5, ...imm32(tableBase)] },
    ];
    case 16: return [addressOfBlock(0, to), { bytes: [0xff, r.chance(0.6) ? 0xe0 : 0xd0] }];
    case 17: return [{ bytes: [0x0f, 0x05] }];
    case 18: {
      // loop, loope, loopne, jrcxz around a short jump
      const opcode = 0xe0 + r.below(4);
      return [{ bytes: [0xb9, ...imm32(r.below(3))] }, { bytes: [opcode, 2] }, { bytes: [0xeb, 5] }, relative([0xe9], to)];
    }
    default: return r.chance(0.5) ? [] : [{ bytes: r.pick([[0xcc], [0x0f, 0x0b], [0xf4], [0x90], [0x68, ...imm32(0x202 | r.u32() & 0xdd5), 0x9d]]) }];
  }
}

const DEEDS: readonly Deed[] = ['nothing', 'readOnly', 'writable', 'zeroed', 'patched', 'codeReadOnly', 'codeWritable', 'dropped', 'segment', 'rounding'];

/** A random program. Deterministic in the state of `r`. */
export function generateProgram(r: Random, kit: Kit): Program {
  const count = 2 + r.below(9);
  const backing = r.pick(['anonymous', 'anonymous', 'private', 'shared'] as const);
  const patches: Patch[] = [];
  const changing = r.chance(0.3);
  const blocks = Array.from({ length: count }, (_, index): Item[] => {
    const items: Item[] = [];
    for (let n = r.below(7); n >= 0; n--) {
      const kind = r.below(100);
      if (changing && kind < 12) items.push(...selfModifying(r, backing, count));
      else if (kit.numbers && kind < 60) items.push(...arithmetic(r));
      else if (kind >= 97) items.push(...machine(r));
      else if (kind < 40) items.push(ordinary(r));
      else if (kind < 70) {
        const item = nearPointer(r, kit);
        if (item !== null) items.push(item);
      } else items.push(...anything(r, kit, patches) ?? []);
    }
    items.push(...ending(r, index, count));
    return items;
  });
  const { gpr: values, rflags, fsBase, gsBase, fx, ymmHigh } = generate(r, r.pick(kit.forms));
  const gpr = values.slice();
  const numbers = numbersOf(r);
  if (kit.numbers) for (let offset = 0; offset < 0x4000; offset += 8) if (r.chance(0.5)) patches.push({ offset, bytes: numbers.f64() });
  for (const pointer of POINTERS) gpr[pointer] = BigInt(nearby(r));
  gpr[R14] = BigInt(r.below(tableEntries));
  gpr[R15] = BigInt(1 + r.below(8));
  const slices: number[] = [];
  for (let total = 0; total < 900;) {
    const slice = r.chance(0.3) ? 1 + r.below(20) : r.chance(0.5) ? 20 + r.below(100) : 400;
    slices.push(slice);
    total += slice;
  }
  return {
    blocks, offset: r.chance(0.5) ? r.below(64) : 4096 - r.below(200), backing, state: { gpr, rflags, fsBase, gsBase, fx: kit.numbers ? numbersInVectors(r, numbers, fx) : fx, ymmHigh }, patches,
    deeds: Array.from({ length: 8 }, () => r.pick(DEEDS)), slices,
  };
}
