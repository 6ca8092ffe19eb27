/**
 * The intermediate representation: three-address operations over 64-bit cells of the CPU state (see core's cpu-layout).
 * A slot is a cell index: 0 to 15 are the general registers, CELL.temp and up the temporaries, fsBase and gsBase readable cells.
 * 32-bit operations read the low halves and write the result zero-extended to 64 bits, as x86 does.
 * Precise faults: within one instruction every operation that can fault comes before the first write to architectural state,
 * but for `rep` (which commits per iteration). Temporaries live within one instruction only.
 */
import type { FlagKind, Vector } from '@tally86/core';

export type Slot = number;

/** A constant: its 64 bits as unsigned bigint and as two signed halves. */
export interface Imm {
  readonly imm: bigint;
  readonly lo: number;
  readonly hi: number;
}
export type Operand = Slot | Imm;

export type Width = 32 | 64;
/** Bytes of a memory access or operand. */
export type Size = 1 | 2 | 4 | 8;

/** Effective address: segment base + ((base + (index << shift) + disp) mod 2^64, or mod 2^32 with a32). */
export interface Ea {
  /** −1: none. */
  readonly base: Slot;
  readonly index: Slot;
  readonly shift: 0 | 1 | 2 | 3;
  /** A signed 32-bit displacement, or with neither base nor index any address below 2^47 (rip-relative). */
  readonly disp: number;
  /** 0, or the cell of the segment base (CELL.fsBase, CELL.gsBase). */
  readonly seg: Slot;
  readonly a32: boolean;
}

export type BinaryOp =
  | 'add' | 'sub' | 'and' | 'or' | 'xor' | 'mul'
  /** Counts are taken modulo the width. */
  | 'shl' | 'shr' | 'sar' | 'rotl' | 'rotr';
/** High 64 bits of the product (64-bit only). */
export type WideOp = 'mulhu' | 'mulhs';
/** clz and ctz of 0 give the width. sextN and zextN take the low N bits. */
export type UnaryOp = 'mov' | 'neg' | 'not' | 'bswap' | 'clz' | 'ctz' | 'popcnt' | 'sext8' | 'sext16' | 'sext32' | 'zext8' | 'zext16' | 'zext32';
export type Cond = 'eq' | 'ne' | 'ltu' | 'leu' | 'gtu' | 'geu' | 'lts' | 'les' | 'gts' | 'ges';

export interface BinaryIr { readonly op: BinaryOp; readonly w: Width; readonly d: Slot; readonly a: Operand; readonly b: Operand }
export interface WideIr { readonly op: WideOp; readonly w: 64; readonly d: Slot; readonly a: Operand; readonly b: Operand }
export interface UnaryIr { readonly op: UnaryOp; readonly w: Width; readonly d: Slot; readonly a: Operand }

export type DataOp =
  | BinaryIr
  | WideIr
  | UnaryIr
  /** d = a with its bits [pos, pos + len) replaced by the low bits of b: writes of al, ah, ax. */
  | { readonly op: 'deposit'; readonly d: Slot; readonly a: Operand; readonly b: Operand; readonly pos: 0 | 8; readonly len: 8 | 16 }
  /** d = bits [pos, pos + len) of a, zero-extended. */
  | { readonly op: 'extract'; readonly d: Slot; readonly a: Operand; readonly pos: 0 | 8; readonly len: 8 | 16 }
  /** d = cond(a, b) ? 1 : 0 */
  | { readonly op: 'set'; readonly cond: Cond; readonly w: Width; readonly d: Slot; readonly a: Operand; readonly b: Operand }
  /** d = cond(a, b) at width w ? x : y, x and y whole cells */
  | { readonly op: 'select'; readonly cond: Cond; readonly w: Width; readonly d: Slot; readonly a: Operand; readonly b: Operand; readonly x: Operand; readonly y: Operand };

export type MemoryOp =
  /** Zero-extends, or with sext sign-extends to `sext` bits (32: then zero to 64). rmw: the page must be writable too (a store follows). */
  | { readonly op: 'load'; readonly d: Slot; readonly ea: Ea; readonly size: Size; readonly sext: 0 | Width; readonly rmw: boolean }
  | { readonly op: 'store'; readonly ea: Ea; readonly a: Operand; readonly size: Size }
  /** d = the effective address without segment base, at width w (16 is a deposit by the lifter). */
  | { readonly op: 'lea'; readonly w: Width; readonly d: Slot; readonly ea: Ea }
  /** Faults as an access of `bytes` at ea would, without accessing. */
  | { readonly op: 'probe'; readonly ea: Ea; readonly bytes: number; readonly write: boolean }
  /** d (64-bit slot) = linear address of ea, segment base included: for helpers that access memory. */
  | { readonly op: 'linear'; readonly d: Slot; readonly ea: Ea };

export type FlagOp =
  /**
   * Records the arithmetic flags of an operation (FLAG_KIND tells what a, b, c are) at operand size `size`.
   * Shifts (shl, shr, sar: count b; shld, shrd: count c) by a count in a slot that turns out to be 0 leave the flags as they were.
   */
  | { readonly op: 'flags'; readonly kind: FlagKind; readonly size: Size; readonly a: Operand; readonly b: Operand; readonly c: Operand }
  /** d = 1 if the x86 condition code (0 to 15) holds, else 0. */
  | { readonly op: 'getcc'; readonly d: Slot; readonly cc: number }
  /** d = the six arithmetic flags at their RFLAGS places. */
  | { readonly op: 'getflags'; readonly d: Slot }
  /** Replaces the flags of `mask` (constant, subset of ARITH_FLAGS) by those bits of a; the others stay. */
  | { readonly op: 'mergeflags'; readonly mask: number; readonly a: Operand }
  /** CF and OF of a rotate by `count` whose result is `a`: left: CF = bit 0, OF = top bit xor CF; right: CF = top bit, OF = the two top bits differ. Count 0: none. */
  | { readonly op: 'rotflags'; readonly right: boolean; readonly size: Size; readonly a: Slot; readonly count: Operand }
  /** d = cc holds ? x : y, at width w */
  | { readonly op: 'selectcc'; readonly cc: number; readonly w: Width; readonly d: Slot; readonly x: Operand; readonly y: Operand };

/**
 * A vector slot of 128 bits: 0 to 15 are the xmm registers, 16 to 31 the upper halves of the ymm registers, 32 to 63 temporaries, of which those from
 * 48 up are upper halves too. Operations on a register's lower half leave the upper one as it is.
 */
export type VSlot = number;
export type VectorOp =
  /** Loads up to 16 bytes, zero above up to 128 bits; or 32 bytes, to d and the slot of its upper half. aligned: #GP if the address is no multiple of the size. */
  | { readonly op: 'vload'; readonly d: VSlot; readonly ea: Ea; readonly bytes: 1 | 2 | 4 | 8 | 16 | 32; readonly aligned: boolean }
  | { readonly op: 'vstore'; readonly a: VSlot; readonly ea: Ea; readonly bytes: 1 | 2 | 4 | 8 | 16 | 32; readonly aligned: boolean }
  /** A lane operation by name, `d = name(a, b, imm)`; engines keep a table of them. Operands it does not use are 0. */
  | { readonly op: 'v'; readonly name: string; readonly d: VSlot; readonly a: VSlot; readonly b: VSlot; readonly imm: number }
  | { readonly op: 'vmov'; readonly d: VSlot; readonly a: VSlot }
  | { readonly op: 'vzero'; readonly d: VSlot }
  /** d (cell) = lane of a, zero-extended. */
  | { readonly op: 'vget'; readonly d: Slot; readonly a: VSlot; readonly lane: number; readonly size: Size }
  /** Replaces one lane of d by the low bytes of a (cell or constant). */
  | { readonly op: 'vset'; readonly d: VSlot; readonly lane: number; readonly size: Size; readonly a: Operand };

/**
 * An out-of-line operation of the helpers package, called as name(args[0], …, args[3]) with plain integers: slot numbers or constants, as the helper
 * documents. It reads and writes cells itself. reads / writes: the cells (slots) it touches beside control state; vreads / vwrites likewise.
 */
export interface HelperOp {
  readonly op: 'helper';
  readonly name: string;
  readonly args: readonly number[];
  readonly reads: readonly Slot[];
  readonly writes: readonly Slot[];
  /** It may raise an exception or access memory. */
  readonly faults: boolean;
}

/** Ends of blocks. Addresses are guest addresses. */
export type EndOp =
  /** ret: the return address that a call pushed. */
  | { readonly op: 'jump'; readonly target: number; readonly kind: 'jump' | 'call' | 'fall'; readonly ret: number }
  /** #GP if the target is not canonical; only then `sp` is added to rsp. */
  | { readonly op: 'jumpind'; readonly a: Slot; readonly kind: 'jump' | 'call' | 'ret'; readonly ret: number; readonly sp: number }
  | { readonly op: 'branchcc'; readonly cc: number; readonly taken: number; readonly fall: number }
  | { readonly op: 'branch'; readonly cond: Cond; readonly w: Width; readonly a: Operand; readonly b: Operand; readonly taken: number; readonly fall: number }
  /** One string instruction, with or without a repeat prefix; itself a loop of its own. */
  | StringOp
  | { readonly op: 'syscall'; readonly next: number }
  /** Raises an exception; rip becomes `rip`. */
  | { readonly op: 'trap'; readonly vector: Vector; readonly errorCode: number; readonly rip: number }
  /** #UD: bytes that are no instruction of the CPU model. */
  | { readonly op: 'undefined'; readonly rip: number; readonly bytes: Uint8Array; readonly text: string }
  /** The byte at `address` of the instruction at `rip` cannot be fetched: #PF. */
  | { readonly op: 'fetchfault'; readonly rip: number; readonly address: number }
  /** State that translation depends on, or the trap flag, may have changed: leave through the dispatcher. */
  | { readonly op: 'leave'; readonly next: number };

export interface StringOp {
  readonly op: 'string';
  readonly kind: 'movs' | 'stos' | 'lods' | 'scas' | 'cmps';
  readonly size: Size;
  readonly rep: 'none' | 'rep' | 'repe' | 'repne';
  /** Segment base cell of the source (rsi), 0: none. The destination has none. */
  readonly seg: Slot;
  readonly a32: boolean;
  /** The instruction's own address, and that of the next. */
  readonly rip: number;
  readonly next: number;
}

/** Left where an optimisation dropped an operation; engines skip it. */
export interface NopOp {
  readonly op: 'nop';
}

export type IrOp = DataOp | MemoryOp | FlagOp | VectorOp | HelperOp | EndOp | NopOp;

export interface IrInstruction {
  readonly address: number;
  readonly length: number;
  /** Index of its first operation in the block. */
  readonly first: number;
  readonly mnemonic: string;
}

/** A straight run of instructions; the last operation is the only EndOp. A fetch fault ends a block before the bytes that cannot be read. */
export interface IrBlock {
  readonly address: number;
  /** Behind the last instruction's last byte. */
  readonly end: number;
  readonly instructions: readonly IrInstruction[];
  readonly ops: readonly IrOp[];
}

/** A constant operand. */
export function imm(value: bigint | number): Imm {
  const u = BigInt.asUintN(64, BigInt(value));
  return { imm: u, lo: Number(u & 0xffffffffn) | 0, hi: Number(u >> 32n) | 0 };
}
export function isImm(operand: Operand): operand is Imm {
  return typeof operand === 'object';
}
export const ZERO: Imm = imm(0);
export const ONE: Imm = imm(1);
