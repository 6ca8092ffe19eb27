import { VECTOR_SLOT } from '@tally86/core';
import { isImm, type Ea, type IrOp, type Operand, type Slot, type VSlot } from '@tally86/decoder';
import type { RegisterSet } from '../region/registers.ts';

/** Calls back for each cell and vector slot that an operation reads or writes. */
export interface UseVisitor {
  read(slot: Slot): void;
  write(slot: Slot): void;
  readVector(slot: VSlot): void;
  writeVector(slot: VSlot): void;
}

/** What helpers do with their arguments: c cell read, C cell written, v vector read, V vector written, x neither, b both a vector read and written. */
const ROLES: readonly (readonly [pattern: RegExp, roles: string])[] = [
  [/^f(32|64)\.comis$/, 'Cvv'],
  [/^f(32|64)(x[248])?\.(add|sub|mul|div|min|max|hadd|hsub|addsub|cmp|dp)$/, 'bvv'],
  [/^f(32|64)(x[248])?\.(sqrt|rcp|rsqrt|round)$/, 'bv'],
  [/^cvtt?s[sd]2si(32|64)$/, 'Cv'],
  [/^cvtsi2s[sd](32|64)$/, 'bc'],
  [/^f(32|64)(x[248])?\.fn?m(add|sub)(sub|add)?$/, 'bvvv'],
  [/^v?cvt/, 'bv'],
  [/^(aes(enc|dec)(last)?|pclmulqdq|sha1\w+|sha256msg\d)$/, 'Vvv'],
  [/^(aesimc|aeskeygenassist)$/, 'Vv'],
  [/^sha256rnds2$/, 'Vvvv'],
  [/^maskmov$/, 'cvv'],
  [/^vmaskload$/, 'Vcv'],
  [/^vmaskstore$/, 'vcv'],
  // the vector of indices is part of the last argument
  [/^vgather$/, 'bbc'],
  // the vectors are both in one argument, see visitUses
  [/^pcmp[ei]str/, 'CC'],
];
/** Helpers whose vector arguments stand for both halves. */
const WIDE = /^(f32x8|f64x4|v)/;
/** The upper halves too that a vector argument of a helper stands for, if any: slots from a lower half. */
export function halvesOf(name: string): readonly number[] {
  return WIDE.test(name) ? [0, VECTOR_SLOT.high] : [0];
}
export function helperRoles(name: string): string | null {
  return ROLES.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

export function visitUses(op: IrOp, v: UseVisitor): void {
  const read = (a: Operand): void => {
    if (!isImm(a)) v.read(a);
  };
  const address = (ea: Ea): void => {
    if (ea.base >= 0) v.read(ea.base);
    if (ea.index >= 0) v.read(ea.index);
  };
  switch (op.op) {
    case 'nop': case 'jump': case 'branchcc': case 'trap': case 'undefined': case 'fetchfault': case 'leave': case 'syscall': break;
    case 'deposit': read(op.a); read(op.b); v.write(op.d); break;
    case 'extract': read(op.a); v.write(op.d); break;
    case 'set': read(op.a); read(op.b); v.write(op.d); break;
    case 'select': read(op.a); read(op.b); read(op.x); read(op.y); v.write(op.d); break;
    case 'load': address(op.ea); v.write(op.d); break;
    case 'store': address(op.ea); read(op.a); break;
    case 'lea': case 'linear': address(op.ea); v.write(op.d); break;
    case 'probe': address(op.ea); break;
    case 'flags': read(op.a); read(op.b); read(op.c); break;
    case 'getcc': case 'getflags': v.write(op.d); break;
    case 'mergeflags': read(op.a); break;
    case 'rotflags': read(op.a); read(op.count); break;
    case 'selectcc': read(op.x); read(op.y); v.write(op.d); break;
    case 'vload':
      address(op.ea); v.writeVector(op.d);
      if (op.bytes === 32) v.writeVector(op.d + VECTOR_SLOT.high);
      break;
    case 'vstore':
      address(op.ea); v.readVector(op.a);
      if (op.bytes === 32) v.readVector(op.a + VECTOR_SLOT.high);
      break;
    case 'v':
      v.readVector(op.a); v.readVector(op.b);
      if (op.name.endsWith('.blendv')) v.readVector(op.imm);
      v.writeVector(op.d);
      break;
    case 'vmov': v.readVector(op.a); v.writeVector(op.d); break;
    case 'vzero': v.writeVector(op.d); break;
    case 'vget': v.readVector(op.a); v.write(op.d); break;
    case 'vset': read(op.a); v.readVector(op.d); v.writeVector(op.d); break;
    case 'helper': {
      op.reads.forEach((s) => v.read(s));
      op.writes.forEach((s) => v.write(s));
      const roles = helperRoles(op.name) ?? '';
      for (let i = 0; i < roles.length; i++) {
        const a = op.args[i] ?? 0;
        if ('vVb'.includes(roles[i]!)) {
          for (const half of halvesOf(op.name)) {
            if (roles[i] !== 'V') v.readVector(a + half);
            if (roles[i] !== 'v') v.writeVector(a + half);
          }
        } else if (roles[i] === 'c') v.read(a);
        else if (roles[i] === 'C') v.write(a);
      }
      if (op.name === 'vgather') for (const half of halvesOf(op.name)) v.readVector((op.args[3]! & 15) + half);
      if (op.name.startsWith('pcmp')) {
        v.readVector(op.args[2]! & 0xff);
        v.readVector(op.args[2]! >> 8);
        if (/m(64)?$/.test(op.name)) v.writeVector(0);
      }
      break;
    }
    case 'jumpind': read(op.a); if (op.sp !== 0) { v.read(4); v.write(4); } break;
    case 'branch': read(op.a); read(op.b); break;
    case 'string':
      for (const r of [0, 1, 6, 7]) {
        v.read(r);
        v.write(r);
      }
      break;
    default:
      read(op.a);
      if ('b' in op) read(op.b);
      v.write(op.d);
  }
}

/** The registers that operations read before they write them, and those that they write. */
export interface BlockUse {
  readonly read: RegisterSet;
  readonly written: RegisterSet;
}

export function usesOf(ops: readonly IrOp[]): BlockUse {
  const read = { gprs: 0, vectors: 0 };
  const written = { gprs: 0, vectors: 0 };
  // an operation writes when it has read
  let gprs = 0;
  let vectors = 0;
  const visitor: UseVisitor = {
    read(slot) {
      if (slot < 16) read.gprs |= (1 << slot) & ~written.gprs;
    },
    write(slot) {
      if (slot < 16) gprs |= 1 << slot;
    },
    readVector(slot) {
      if (slot < VECTOR_SLOT.temp) read.vectors |= (1 << slot) & ~written.vectors;
    },
    writeVector(slot) {
      if (slot < VECTOR_SLOT.temp) vectors |= 1 << slot;
    },
  };
  for (const op of ops) {
    visitUses(op, visitor);
    written.gprs |= gprs;
    written.vectors |= vectors;
  }
  return { read, written };
}
