import { ARITH_FLAGS, CELL, FLAG, FLAG_KIND, TEMP_COUNT } from '@tally86/core';
import { isImm, type Ea, type IrOp, type Operand } from '../ir/ops.ts';

/** Flags that each pair of x86 condition codes reads. */
const CC_READS = [
  FLAG.OF, FLAG.CF, FLAG.ZF, FLAG.CF | FLAG.ZF, FLAG.SF, FLAG.PF, FLAG.SF | FLAG.OF, FLAG.ZF | FLAG.SF | FLAG.OF,
] as const;

/** Does nothing; engines skip it. */
export const NOP: IrOp = { op: 'nop' };

/** Temporaries that are read further down: entry = `generation`, which changes with each call. */
const liveTemps = new Int32Array(TEMP_COUNT);
let generation = 0;

function read(operand: Operand): void {
  if (!isImm(operand) && operand >= CELL.temp) liveTemps[operand - CELL.temp] = generation;
}
function readEa(ea: Ea): void {
  read(ea.base);
  read(ea.index);
}
/** True if the operation that writes this slot can go: a temporary that nobody reads. */
function unread(d: number): boolean {
  return d >= CELL.temp && d < CELL.temp + TEMP_COUNT && liveTemps[d - CELL.temp] !== generation;
}

/** Operations without what nothing can see, and the flags that are live in front of them. */
export interface Pruned {
  readonly ops: readonly IrOp[];
  readonly live: number;
}

/**
 * Drops from one instruction what nothing can see if `live` are the flags that are read behind it: flag records overwritten in full before any
 * reader and before anything that can fault (a signal handler sees the flags of a faulting instruction), and temporaries that only those
 * needed. A dropped operation becomes a no-op. Nothing but flags counts across instructions, temporaries live within one: so a block is what
 * its instructions are, taken backwards from its end, where all flags are live.
 */
export function eliminateDeadCode(all: readonly IrOp[], live: number): Pruned {
  let flags = live;
  let ops = all;
  const drop = (i: number): void => {
    if (ops === all) ops = [...all];
    (ops as IrOp[])[i] = NOP;
  };
  generation = (generation + 1) | 0;
  for (let i = all.length - 1; i >= 0; i--) {
    const op = all[i]!;
    switch (op.op) {
      case 'flags':
        if (flags === 0) { drop(i); break; }
        if (!mayKeep(op)) flags = 0;
        read(op.a); read(op.b); read(op.c);
        break;
      case 'mergeflags':
        if ((flags & op.mask) === 0) { drop(i); break; }
        flags &= ~op.mask;
        read(op.a);
        break;
      case 'rotflags':
        if ((flags & (FLAG.CF | FLAG.OF)) === 0) { drop(i); break; }
        if (isImm(op.count)) flags &= ~(FLAG.CF | FLAG.OF);
        read(op.a); read(op.count);
        break;
      case 'getcc':
        if (unread(op.d)) { drop(i); break; }
        flags |= CC_READS[op.cc >> 1]!;
        break;
      case 'getflags':
        if (unread(op.d)) { drop(i); break; }
        flags = ARITH_FLAGS;
        break;
      case 'selectcc':
        if (unread(op.d)) { drop(i); break; }
        flags |= CC_READS[op.cc >> 1]!;
        read(op.x); read(op.y);
        break;
      case 'load': case 'probe': case 'vload': case 'vstore':
        flags = ARITH_FLAGS;
        readEa(op.ea);
        break;
      case 'store':
        flags = ARITH_FLAGS;
        readEa(op.ea); read(op.a);
        break;
      case 'lea': case 'linear':
        if (unread(op.d)) { drop(i); break; }
        readEa(op.ea);
        break;
      case 'helper':
        // it may look at the flags or fault, and read any temporary that it is given
        flags = ARITH_FLAGS;
        for (const slot of op.args) read(slot);
        for (const slot of op.reads) read(slot);
        break;
      case 'set':
        if (unread(op.d)) { drop(i); break; }
        read(op.a); read(op.b);
        break;
      case 'select':
        if (unread(op.d)) { drop(i); break; }
        read(op.a); read(op.b); read(op.x); read(op.y);
        break;
      case 'deposit':
        if (unread(op.d)) { drop(i); break; }
        read(op.a); read(op.b);
        break;
      case 'extract':
        if (unread(op.d)) { drop(i); break; }
        read(op.a);
        break;
      case 'vget':
        if (unread(op.d)) drop(i);
        break;
      case 'vset':
        read(op.a);
        break;
      case 'jumpind':
        read(op.a);
        break;
      case 'branch':
        read(op.a); read(op.b);
        break;
      case 'nop': case 'v': case 'vmov': case 'vzero':
      case 'jump': case 'branchcc': case 'string': case 'syscall': case 'trap': case 'undefined': case 'fetchfault': case 'leave':
        break;
      default:
        // data operations: one or two operands
        if (unread(op.d)) { drop(i); break; }
        read(op.a);
        if ('b' in op) read(op.b);
    }
  }
  return { ops, live: flags };
}

/** A shift by a count that is known only when it runs: count 0 leaves the flags as they were. */
function mayKeep(op: Extract<IrOp, { op: 'flags' }>): boolean {
  switch (op.kind) {
    case FLAG_KIND.shl: case FLAG_KIND.shr: case FLAG_KIND.sar: return !isImm(op.b);
    case FLAG_KIND.shld: case FLAG_KIND.shrd: return !isImm(op.c);
    default: return false;
  }
}
