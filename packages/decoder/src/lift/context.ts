import { CELL } from '@tally86/core';
import { Code, OpKind, Register, type Instruction } from '../iced.ts';
import { imm, isImm, type Ea, type Imm, type Operand, type Size, type Slot, type Width } from '../ir/ops.ts';
import { IrBuilder } from './builder.ts';
import { once } from './once.ts';

/** Where an 8-bit to 64-bit general register lives. */
export interface GprPlace {
  readonly slot: Slot;
  /** 8 for ah, ch, dh, bh. */
  readonly pos: 0 | 8;
  readonly size: Size;
}

const gprPlaces = once((): readonly GprPlace[] => {
  const places: GprPlace[] = [];
  for (let i = 0; i < 16; i++) {
    places[Register.RAX + i] = { slot: i, pos: 0, size: 8 };
    places[Register.EAX + i] = { slot: i, pos: 0, size: 4 };
    places[Register.AX + i] = { slot: i, pos: 0, size: 2 };
  }
  // iced's order: AL CL DL BL AH CH DH BH SPL BPL SIL DIL R8L ...
  for (let i = 0; i < 4; i++) {
    places[Register.AL + i] = { slot: i, pos: 0, size: 1 };
    places[Register.AH + i] = { slot: i, pos: 8, size: 1 };
  }
  for (let i = 4; i < 16; i++) places[Register.SPL + i - 4] = { slot: i, pos: 0, size: 1 };
  return places;
});

export function gprPlace(register: Register): GprPlace {
  const place = gprPlaces()[register];
  if (place === undefined) throw new Error(`not a general register: ${register}`);
  return place;
}

/** The width at which an operand of `size` bytes is computed. */
export function widthOf(size: Size): Width {
  return size === 8 ? 64 : 32;
}

const FORM_SIZES: (readonly Size[] | undefined)[] = [];
const NAMED_SIZES: Record<string, Size> = { AL: 1, CL: 1, AX: 2, EAX: 4, RAX: 8 };
/** Operand sizes by iced's name of a form (`Add_rm32_imm8`); operands without one have the first's. */
function formSizes(code: Code): readonly Size[] {
  let sizes = FORM_SIZES[code];
  if (sizes === undefined) {
    const words = Code[code]!.split('_').slice(1);
    const size = (word: string): Size | undefined => {
      const bits = /^(?:r|rm|m|moffs|r32m|r64m)(8|16|32|64)$/.exec(word)?.[1];
      return bits === undefined ? NAMED_SIZES[word] : (Number(bits) / 8) as Size;
    };
    const first = size(words[0] ?? '') ?? 8;
    sizes = words.map((word) => size(word) ?? first);
    FORM_SIZES[code] = sizes;
  }
  return sizes;
}

/** The instruction being lifted, with readers and writers of its operands. One object serves all instructions. */
export class LiftContext {
  readonly b: IrBuilder;
  readonly insn: Instruction;
  readonly features: ReadonlySet<string>;
  #address = 0;
  #next = 0;
  /** Its meaning was made of its address, or in ways of which its bytes do not tell. */
  pinned = false;
  /** What else of its place was asked for; see Dependence. */
  usesNext = false;
  usesRip = false;
  usesTarget = false;
  usesConstant = false;
  /** It has a VEX prefix: see vex(). */
  vex = false;
  addresses: Ea[] = [];
  /** Its immediate operand, as its operations have it, and whether its sign was extended; null: it has none, or one that was looked into. */
  immediate: Imm | null = null;
  isSigned = false;

  constructor(insn: Instruction, features: ReadonlySet<string>) {
    this.b = new IrBuilder();
    this.insn = insn;
    this.features = features;
  }

  /** Kinds of the operands as far as they were asked for (−1: not yet): each getter of iced is a call into WebAssembly. */
  readonly #kinds = [-1, -1, -1, -1, -1];

  start(address: number, length: number): void {
    this.#address = address;
    this.#next = address + length;
    this.pinned = this.usesNext = this.usesRip = this.usesTarget = this.usesConstant = this.vex = false;
    if (this.addresses.length > 0) this.addresses = [];
    this.immediate = null;
    this.#kinds.fill(-1);
    this.b.begin();
  }

  /** Address of the instruction. */
  get address(): number {
    this.pinned = true;
    return this.#address;
  }
  /** Address of the next instruction. */
  get next(): number {
    this.usesNext = true;
    return this.#next;
  }
  /** The target of a direct near branch, as signed: negative in the kernel's half. */
  get target(): number {
    this.usesTarget = true;
    return Number(BigInt.asIntN(64, this.insn.nearBranchTarget));
  }

  kind(i: number): OpKind {
    const known = this.#kinds[i]!;
    return known >= 0 ? known : (this.#kinds[i] = this.insn.opKind(i));
  }
  isMemory(i: number): boolean {
    return this.kind(i) === OpKind.Memory;
  }
  isRegister(i: number): boolean {
    return this.kind(i) === OpKind.Register;
  }

  /** The memory operand; computes nothing yet. A 64-bit absolute address (moffs64) goes through a temporary. */
  ea(): Ea {
    const ea = this.#ea();
    this.addresses.push(ea);
    return ea;
  }
  #ea(): Ea {
    const { insn } = this;
    const base = insn.memoryBase;
    // a vector of indices is the instruction's own matter
    const index = insn.memoryIndex >= Register.XMM0 ? Register.None : insn.memoryIndex;
    const seg = insn.memorySegment === Register.FS ? CELL.fsBase : insn.memorySegment === Register.GS ? CELL.gsBase : 0;
    const disp = BigInt.asIntN(64, insn.memoryDisplacement);
    if (base === Register.RIP || base === Register.EIP) {
      // iced gives the absolute address of rip-relative operands
      if (base === Register.RIP) this.usesRip = true;
      else this.pinned = true;
      return { base: -1, index: -1, shift: 0, disp: Number(disp), seg, a32: base === Register.EIP };
    }
    const a32 = isRegister32(base) || isRegister32(index) || (base === Register.None && index === Register.None && insn.memoryDisplSize === 4);
    const shift = [0, 0, 1, 1, 2, 2, 2, 2, 3][insn.memoryIndexScale] as 0 | 1 | 2 | 3;
    const baseSlot = base === Register.None ? -1 : gprPlace(base).slot;
    const indexSlot = index === Register.None ? -1 : gprPlace(index).slot;
    if (disp < -0x8000_0000n || disp > 0x7fff_ffffn) {
      if (a32) return { base: baseSlot, index: indexSlot, shift, disp: Number(BigInt.asIntN(32, disp)), seg, a32 };
      const t = this.b.un('mov', 64, imm(disp));
      return { base: t, index: -1, shift: 0, disp: 0, seg, a32: false };
    }
    return { base: baseSlot, index: indexSlot, shift, disp: Number(disp), seg, a32 };
  }

  /** Size in bytes of operand i as the form of the instruction has it (r8, rm16, EAX, m64 ...). */
  formSize(i: number): Size {
    return formSizes(this.insn.code)[i]!;
  }

  /** Size in bytes of operand i; for memory operands the caller tells (`memory`). */
  size(i: number, memory: Size = 8): Size {
    return this.isRegister(i) ? gprPlace(this.insn.opRegister(i)).size : memory;
  }

  /** Reads a general register: low bits valid, whatever above (`raw`). High byte registers come extracted. */
  reg(register: Register): Operand {
    const place = gprPlace(register);
    if (place.pos === 0) return place.slot;
    const d = this.b.temp();
    this.b.push({ op: 'extract', d, a: place.slot, pos: 8, len: 8 });
    return d;
  }

  /** Immediate operand i, sign-extended as the instruction form says. */
  imm(i: number): Imm {
    const kind = this.kind(i);
    this.isSigned = kind === OpKind.Immediate8to16 || kind === OpKind.Immediate8to32 || kind === OpKind.Immediate8to64 || kind === OpKind.Immediate32to64;
    return (this.immediate = imm(BigInt.asIntN(64, this.insn.immediate(i))));
  }

  /** Operand i at `size` bytes. Bits above the size are unspecified: use readZ or readS where they matter. Memory is loaded into a temporary. */
  read(i: number, size: Size, rmw = false): Operand {
    switch (this.kind(i)) {
      case OpKind.Register:
        return this.reg(this.insn.opRegister(i));
      case OpKind.Memory:
        return this.b.load(this.ea(), size, this.b.temp(), 0, rmw);
      default:
        return this.imm(i);
    }
  }

  /** Operand i, zero-extended to 64 bits. */
  readZ(i: number, size: Size): Operand {
    return this.isMemory(i) ? this.read(i, size) : this.zext(this.read(i, size), size);
  }

  /** Operand i, sign-extended to `width` (32: zero above). */
  readS(i: number, size: Size, width: Width): Operand {
    if (this.isMemory(i)) {
      if (size === 8 || (size === 4 && width === 32)) return this.read(i, size);
      return this.b.load(this.ea(), size, this.b.temp(), width);
    }
    return this.sext(this.read(i, size), size, width);
  }

  #lookInto(a: Imm): void {
    if (a === this.immediate) this.immediate = null;
  }
  zext(a: Operand, size: Size): Operand {
    if (size === 8) return a;
    if (isImm(a)) {
      this.#lookInto(a);
      return imm(BigInt.asUintN(size * 8, a.imm));
    }
    return this.b.un(size === 1 ? 'zext8' : size === 2 ? 'zext16' : 'zext32', 64, a);
  }
  sext(a: Operand, size: Size, width: Width): Operand {
    if (size === 8) return a;
    if (isImm(a)) {
      this.#lookInto(a);
      return imm(BigInt.asUintN(width, BigInt.asIntN(size * 8, a.imm)));
    }
    if (size === 4 && width === 32) return this.zext(a, 4);
    return this.b.un(size === 1 ? 'sext8' : size === 2 ? 'sext16' : 'sext32', width, a);
  }

  /** Writes a general register as x86 does: 32 bits zero-extend, 8 and 16 bits leave the rest. */
  writeReg(register: Register, value: Operand): void {
    const { slot, pos, size } = gprPlace(register);
    if (size === 8) this.b.un('mov', 64, value, slot);
    else if (size === 4) this.b.un('mov', 32, value, slot);
    else this.b.push({ op: 'deposit', d: slot, a: slot, b: value, pos, len: size === 1 ? 8 : 16 });
  }

  /** Writes operand i (register or memory) at `size` bytes. For memory, emit before any register or flag write: it can fault. */
  write(i: number, size: Size, value: Operand): void {
    if (this.isRegister(i)) this.writeReg(this.insn.opRegister(i), value);
    else this.b.store(this.ea(), size, value);
  }
}

function isRegister32(register: Register): boolean {
  return (register >= Register.EAX && register <= Register.R15D) || register === Register.EIP;
}
