import { TLB_REACH } from '@tally86/core';
import { isImm, type Ea, type IrOp } from '@tally86/decoder';
import { visitUses, type UseVisitor } from './use.ts';

/** Accesses of a block whose addresses differ by constants: one look into the TLB serves them all. */
export interface AccessGroup {
  /** Offsets of the bytes accessed, [low, high), from the group's common base. */
  low: number;
  high: number;
  write: boolean;
  members: number;
}
export interface Access {
  readonly group: AccessGroup;
  /** Offset of this access from the group's common base. */
  readonly offset: number;
  readonly first: boolean;
}

/** Bytes that a group may span: as far as an entry of the TLB reaches into the next page. */
const MAX_SPAN = TLB_REACH;

interface Value {
  readonly root: number;
  readonly delta: number;
}

/** What an access of `op` is, or null. */
export function accessOf(op: IrOp): { readonly ea: Ea; readonly bytes: number; readonly write: boolean } | null {
  switch (op.op) {
    case 'load': return { ea: op.ea, bytes: op.size, write: op.rmw };
    case 'store': return { ea: op.ea, bytes: op.size, write: true };
    case 'vload': return { ea: op.ea, bytes: op.bytes, write: false };
    case 'vstore': return { ea: op.ea, bytes: op.bytes, write: true };
    default: return null;
  }
}

/** Groups the accesses of a block. `alone`: whether the access at an operation's index, and those that would share its lookup, must be looked up one by one. */
export function groupAccesses(ops: readonly IrOp[], alone: (index: number) => boolean): (Access | null)[] {
  let fresh = 0;
  const values = new Map<number, Value>();
  const value = (slot: number): Value => {
    let v = values.get(slot);
    if (v === undefined) values.set(slot, (v = { root: fresh++, delta: 0 }));
    return v;
  };
  const open = new Map<string, AccessGroup>();
  const split = new Set<string>();
  const found: (Access | null)[] = ops.map(() => null);

  let next: Value | undefined;
  const writes: UseVisitor = {
    read() {},
    readVector() {},
    writeVector() {},
    write(slot) {
      values.set(slot, next ?? { root: fresh++, delta: 0 });
    },
  };
  ops.forEach((op, i) => {
    const access = accessOf(op);
    if (access !== null) {
      const { ea, bytes, write } = access;
      let key: string;
      let offset = ea.disp;
      if (ea.a32) {
        key = '';
      } else if (ea.base < 0 && ea.index < 0) {
        // absolute: one group for each page
        key = ea.seg === 0 ? `p${Math.floor(ea.disp / 4096)}` : `s${ea.seg}`;
      } else {
        const b = ea.base >= 0 ? value(ea.base) : null;
        const x = ea.index >= 0 ? value(ea.index) : null;
        offset += (b?.delta ?? 0) + (x === null ? 0 : x.delta * (1 << ea.shift));
        key = `${b?.root ?? ''}:${x?.root ?? ''}:${ea.shift}:${ea.seg}`;
      }
      if (alone(i)) split.add(key);
      if (split.has(key)) key = '';
      const group = key === '' ? undefined : open.get(key);
      const low = group === undefined ? offset : Math.min(group.low, offset);
      const high = group === undefined ? offset + bytes : Math.max(group.high, offset + bytes);
      if (group !== undefined && high - low <= MAX_SPAN) {
        group.low = low;
        group.high = high;
        if (write) group.write = true;
        group.members++;
        found[i] = { group, offset, first: false };
      } else {
        const begun: AccessGroup = { low: offset, high: offset + bytes, write, members: 1 };
        if (key !== '') open.set(key, begun);
        found[i] = { group: begun, offset, first: true };
      }
    }
    // a helper may change what is mapped where, by a store that breaks copy-on-write
    if (op.op === 'helper' && op.faults) open.clear();
    next = undefined;
    if ((op.op === 'add' || op.op === 'sub') && op.w === 64 && !isImm(op.a) && isImm(op.b) && op.b.hi === op.b.lo >> 31) {
      const v = value(op.a);
      next = { root: v.root, delta: v.delta + (op.op === 'add' ? op.b.lo : -op.b.lo) };
    } else if (op.op === 'mov' && op.w === 64 && !isImm(op.a)) next = value(op.a);
    else if (op.op === 'lea' && op.w === 64 && op.ea.base >= 0 && op.ea.index < 0 && op.ea.seg === 0 && !op.ea.a32) {
      const v = value(op.ea.base);
      next = { root: v.root, delta: v.delta + op.ea.disp };
    }
    if (next !== undefined && Math.abs(next.delta) > 1 << 30) next = undefined;
    visitUses(op, writes);
  });
  return found;
}
