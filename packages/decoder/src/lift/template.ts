import { ARITH_FLAGS } from '@tally86/core';
import { isImm, type Ea, type Imm, type IrOp } from '../ir/ops.ts';
import { eliminateDeadCode, type Pruned } from '../opt/dead-code.ts';

/** What of an instruction depends on where it lies, or on its displacement. */
export interface Place {
  /** It has a displacement, from the next instruction (`relative`) or from registers. */
  readonly displaced: boolean;
  readonly relative: boolean;
  /** Its target in the operations of the template; or the displacement from registers. */
  readonly target: number;
  /** Bit i: operation i has that for its address. */
  readonly addresses: number;
  /** lea: the target is a constant of its first operation. */
  readonly constant: boolean;
}

/** The meaning of an instruction, by whose operations every instruction of the same bytes is served. */
export class Template {
  readonly length: number;
  readonly mnemonic: string;
  readonly ops: readonly IrOp[];
  /** It is the last one of a block. */
  readonly ends: boolean;
  /** null: its operations are always the same. */
  readonly place: Place | null;
  /** Its immediate operand, as its operations have it, if others differ from it in nothing else. */
  readonly immediate: Imm | null;
  readonly isSigned: boolean;
  /** The flags live behind it that were met so far, and what that left of it: mostly one, and there are many templates. */
  #mask = -1;
  #kept: Pruned | null = null;
  #others: Map<number, Pruned> | null = null;

  constructor(length: number, mnemonic: string, ops: readonly IrOp[], ends: boolean, place: Place | null, immediate: Imm | null = null, isSigned = false) {
    this.length = length;
    this.mnemonic = mnemonic;
    // without the room that a growing array has
    this.ops = ops.slice();
    this.ends = ends;
    this.place = place;
    this.immediate = immediate;
    this.isSigned = isSigned;
  }

  /** The same with another immediate operand. */
  withImmediate(value: Imm): Template {
    const own = this.immediate;
    const ops = this.ops.map((op) => {
      const a = 'a' in op && op.a === own;
      const b = 'b' in op && op.b === own;
      return a || b ? ({ ...op, ...(a && { a: value }), ...(b && { b: value }) } as IrOp) : op;
    });
    return new Template(this.length, this.mnemonic, ops, this.ends, this.place);
  }

  /** Its operations without those that nothing sees where `live` are the flags read behind it. */
  pruned(live: number): Pruned {
    if (this.#kept !== null && this.#mask === live) return this.#kept;
    let pruned = this.#others?.get(live);
    if (pruned !== undefined) return pruned;
    pruned = eliminateDeadCode(this.ops, live);
    if (this.#kept === null) {
      this.#mask = live;
      this.#kept = pruned;
    } else (this.#others ??= new Map()).set(live, pruned);
    return pruned;
  }
}

/** The flags that whatever follows a block may read. */
export const LIVE_AT_END: number = ARITH_FLAGS;

/** Adds the operations of an instruction that lies in front of `next` and has the target (or displacement) `target`, if any. */
export function addPlaced(into: IrOp[], ops: readonly IrOp[], place: Place, next: number, target: number): void {
  const moved = target - place.target;
  const last = ops[ops.length - 1]!;
  // a call: among its operations the return address is the only constant that is stored
  const pushes = 'ret' in last && last.ret !== 0;
  for (let i = 0; i < ops.length; i++) {
    const op = ops[i]!;
    if (((place.addresses >> i) & 1) !== 0) into.push('ea' in op ? addressed(op, shifted(op.ea, moved)) : op);
    else if (i === 0 && place.constant) into.push(withConstant(op, target));
    else into.push(placed(op, pushes, next, target));
  }
}

type Addressed = Extract<IrOp, { ea: Ea }>;
function addressed(op: Addressed, ea: Ea): IrOp {
  switch (op.op) {
    case 'load': return { op: 'load', d: op.d, ea, size: op.size, sext: op.sext, rmw: op.rmw };
    case 'store': return { op: 'store', ea, a: op.a, size: op.size };
    case 'vload': return { op: 'vload', d: op.d, ea, bytes: op.bytes, aligned: op.aligned };
    case 'vstore': return { op: 'vstore', a: op.a, ea, bytes: op.bytes, aligned: op.aligned };
    default: return { ...op, ea };
  }
}
function withConstant(op: IrOp, target: number): IrOp {
  if (op.op === 'mov') return { op: 'mov', w: op.w, d: op.d, a: constant(target) };
  return op.op === 'add' ? { op: 'add', w: op.w, d: op.d, a: op.a, b: constant(target) } : op;
}
function placed(op: IrOp, pushes: boolean, next: number, target: number): IrOp {
  switch (op.op) {
    case 'store': return pushes && isImm(op.a) ? { op: 'store', ea: op.ea, a: constant(next), size: op.size } : op;
    case 'jump': return { op: 'jump', target, kind: op.kind, ret: pushes ? next : 0 };
    case 'jumpind': return pushes ? { op: 'jumpind', a: op.a, kind: op.kind, ret: next, sp: op.sp } : op;
    case 'branchcc': return { op: 'branchcc', cc: op.cc, taken: target, fall: next };
    case 'branch': return { op: 'branch', cond: op.cond, w: op.w, a: op.a, b: op.b, taken: target, fall: next };
    default: return op;
  }
}

function isAbsolute(ea: Ea): boolean {
  return ea.base < 0 && ea.index < 0;
}
function shifted(ea: Ea, by: number): Ea {
  return { base: ea.base, index: ea.index, shift: ea.shift, disp: ea.disp + by, seg: ea.seg, a32: ea.a32 };
}
/** As imm(), for numbers of less than 53 bits, and with less arithmetic on bigints. */
export function constant(value: number): Imm {
  return { imm: value < 0 ? BigInt.asUintN(64, BigInt(value)) : BigInt(value), lo: value | 0, hi: Math.floor(value / 4294967296) };
}

/** What of its place and its displacement the meaning of an instruction was made of. */
export interface Dependence {
  /** The address behind it. */
  readonly next: boolean;
  /** It has an operand relative to rip. */
  readonly relative: boolean;
  /** It is a direct branch. */
  readonly branches: boolean;
  /** An address became a constant: lea. */
  readonly constant: boolean;
  /** The addresses of its memory operand, as the operations have them. */
  readonly addresses: readonly Ea[];
}

/** The place of an instruction with these operations; undefined: nobody knows how to move it. */
export function placeOf(ops: readonly IrOp[], uses: Dependence, displaced: boolean, target: number): Place | undefined {
  const { next, relative, branches } = uses;
  const last = ops[ops.length - 1];
  if (last === undefined || (relative && branches) || ops.length > 30) return undefined;
  switch (last.op) {
    case 'jump': case 'branchcc': case 'branch':
      if (!branches) return undefined;
      break;
    case 'jumpind':
      // of the calls the near ones; and no branch to an address that is none of user space
      if (branches || (next && last.kind !== 'call')) return undefined;
      break;
    default: if (next || branches) return undefined;
  }
  let addresses = 0;
  ops.forEach((op, i) => {
    if ('ea' in op && (relative ? isAbsolute(op.ea) : uses.addresses.includes(op.ea))) addresses |= 1 << i;
  });
  return { displaced, relative: relative || branches, target, addresses, constant: uses.constant };
}
