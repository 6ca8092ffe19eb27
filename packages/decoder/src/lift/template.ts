import { ARITH_FLAGS } from '@tally86/core';
import { isImm, type Ea, type Imm, type IrOp } from '../ir/ops.ts';
import { eliminateDeadCode, type Pruned } from '../opt/dead-code.ts';

/** What of an instruction depends on where it lies. */
export interface Place {
  /** Where in its bytes the displacement is that leads from its end to its target, and how many bytes that has; 0, 0: there is none. */
  readonly at: number;
  readonly size: 0 | 1 | 4;
  /** Its target in the operations of the template. */
  readonly target: number;
}

/** The meaning of an instruction, by whose operations every instruction of the same bytes is served. */
export class Template {
  readonly length: number;
  readonly mnemonic: string;
  readonly ops: readonly IrOp[];
  /** It is the last one of a block. */
  readonly ends: boolean;
  /** null: its operations are the same everywhere. */
  readonly place: Place | null;
  /** The flags live behind it that were met so far, and what that left of it. */
  readonly #masks: number[] = [];
  readonly #pruned: Pruned[] = [];

  constructor(length: number, mnemonic: string, ops: readonly IrOp[], ends: boolean, place: Place | null) {
    this.length = length;
    this.mnemonic = mnemonic;
    this.ops = ops;
    this.ends = ends;
    this.place = place;
  }

  /** Its operations without those that nothing sees where `live` are the flags read behind it. */
  pruned(live: number): Pruned {
    const at = this.#masks.indexOf(live);
    if (at >= 0) return this.#pruned[at]!;
    const pruned = eliminateDeadCode(this.ops, live);
    this.#masks.push(live);
    this.#pruned.push(pruned);
    return pruned;
  }
}

/** The flags that whatever follows a block may read. */
export const LIVE_AT_END: number = ARITH_FLAGS;

/** Adds the operations of an instruction that lies in front of `next` and, if its place tells of one, has the target `target`. */
export function addPlaced(into: IrOp[], ops: readonly IrOp[], place: Place, next: number, target: number): void {
  const moved = target - place.target;
  const last = ops[ops.length - 1]!;
  // a call: among its operations the return address is the only constant that is stored
  const pushes = 'ret' in last && last.ret !== 0;
  for (const op of ops) into.push(placed(op, pushes, next, moved, target));
}

function placed(op: IrOp, pushes: boolean, next: number, moved: number, target: number): IrOp {
  switch (op.op) {
    case 'load': return isAbsolute(op.ea) ? { op: 'load', d: op.d, ea: shifted(op.ea, moved), size: op.size, sext: op.sext, rmw: op.rmw } : op;
    case 'store':
      if (isAbsolute(op.ea)) return { op: 'store', ea: shifted(op.ea, moved), a: op.a, size: op.size };
      return pushes && isImm(op.a) ? { op: 'store', ea: op.ea, a: immAddress(next), size: op.size } : op;
    case 'vload': return isAbsolute(op.ea) ? { op: 'vload', d: op.d, ea: shifted(op.ea, moved), bytes: op.bytes, aligned: op.aligned } : op;
    case 'vstore': return isAbsolute(op.ea) ? { op: 'vstore', a: op.a, ea: shifted(op.ea, moved), bytes: op.bytes, aligned: op.aligned } : op;
    case 'lea': case 'probe': case 'linear': return isAbsolute(op.ea) ? { ...op, ea: shifted(op.ea, moved) } : op;
    case 'mov':
      // of lea; see isMovable
      return isImm(op.a) ? { op: 'mov', w: op.w, d: op.d, a: immAddress(target) } : op;
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
  return { base: -1, index: -1, shift: ea.shift, disp: ea.disp + by, seg: ea.seg, a32: ea.a32 };
}
/** An address of user space as a constant; imm() does any constant, at the price of more arithmetic on bigints. */
function immAddress(address: number): Imm {
  return { imm: BigInt(address), lo: address | 0, hi: Math.floor(address / 4294967296) };
}

/** What of its place the meaning of an instruction was made of. */
export interface Dependence {
  /** The address behind it. */
  readonly next: boolean;
  /** It has an operand relative to rip. */
  readonly relative: boolean;
  /** It is a direct branch. */
  readonly branches: boolean;
}

/** Whether addPlaced knows how to move an instruction with these operations, target included. */
export function isMovable(ops: readonly IrOp[], { next, relative, branches }: Dependence, target: number): boolean {
  const last = ops[ops.length - 1];
  if (last === undefined || (relative && branches)) return false;
  // lea becomes a constant; nothing else that is moved puts one into a cell
  const lea = ops.length === 1 && last.op === 'mov' && last.w === 64 && isImm(last.a) && last.a.imm === BigInt(target);
  if (!lea && ops.some((op) => op.op === 'mov' && isImm(op.a))) return false;
  switch (last.op) {
    case 'jump': case 'branchcc': case 'branch': return branches;
    // of the calls the near ones; and no branch to an address that is none of user space
    case 'jumpind': return !branches && (!next || last.kind === 'call');
    default: return !next && !branches;
  }
}
