import { CELL, REG, TEMP_COUNT, TLB_REACH } from '@tally86/core';
import { isImm, type Ea, type IrOp } from '@tally86/decoder';
import { visitUses, type UseVisitor } from './use.ts';

/** Accesses whose addresses differ by constants, in a block and in those that only it leads to: one look into the TLB, by the first of them, serves them all. */
export interface AccessGroup {
  /** Offsets of the bytes accessed, [low, high), from the group's common base. */
  low: number;
  high: number;
  write: boolean;
  members: number;
  /** The block that looks. */
  readonly home: number;
  /** Number of its host address among those that are kept on the same way; −1: nobody else wants it. */
  kept: number;
}
export interface Access {
  readonly group: AccessGroup;
  /** Offset of this access from the group's common base. */
  readonly offset: number;
  readonly first: boolean;
}

/** Bytes that a group may span: as far as an entry of the TLB reaches into the next page. */
const MAX_SPAN = TLB_REACH;
/** The same for accesses that come later and perhaps not at all: for those a lookup should not fail. */
const LATER_SPAN = 256;
/** Host addresses that are kept on one way, at the most: each takes room in frames on the host's stack. */
const MOST_KEPT = 40;

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

/** A block, and how it goes on. */
export interface GroupedBlock {
  readonly ops: readonly IrOp[];
  /** What its end adds to rsp. */
  readonly sp: number;
  /** Blocks that only its end leads to, and that nothing comes in between. */
  readonly next: readonly number[];
  /** Whether the access at an operation's index, and those that would share its lookup, must be looked up one by one. */
  alone(index: number): boolean;
}

/** What is known at a place. */
interface Place {
  /** Cells in terms of what they were at some earlier place. */
  readonly values: Map<number, Value>;
  readonly open: Map<string, AccessGroup>;
  /** Keys of groups that are no more. */
  readonly split: Set<string>;
  /** Groups on the way there. */
  groups: number;
}

/** Groups the accesses of a block and of those behind it, by block. */
export function groupAccesses(root: number, blockAt: (index: number) => GroupedBlock): ReadonlyMap<number, readonly (Access | null)[]> {
  const all = new Map<number, readonly (Access | null)[]>();
  const order: { readonly index: number; readonly parent: number }[] = [];
  const fresh = { next: 0 };
  const work = [{ index: root, parent: -1, at: { values: new Map<number, Value>(), open: new Map<string, AccessGroup>(), split: new Set<string>(), groups: 0 } satisfies Place as Place }];
  while (work.length > 0) {
    const { index, parent, at } = work.pop()!;
    const { next, sp, ...block } = blockAt(index);
    order.push({ index, parent });
    const found = groupIn(index, block, at, fresh);
    all.set(index, found);
    for (const access of found) if (access?.first === true) at.groups++;
    if (next.length === 0 || at.groups > MOST_KEPT) continue;
    const stack = at.values.get(REG.rsp);
    if (sp !== 0 && stack !== undefined) at.values.set(REG.rsp, { root: stack.root, delta: stack.delta + sp });
    // temporaries mean something within a block only
    for (const slot of at.values.keys()) if (slot >= CELL.temp && slot < CELL.temp + TEMP_COUNT) at.values.delete(slot);
    next.forEach((later, i) => {
      const own = i === next.length - 1 ? at : { values: new Map(at.values), open: new Map(at.open), split: new Set(at.split), groups: at.groups };
      work.push({ index: later, parent: index, at: own });
    });
  }
  const kept = new Map<number, number>([[-1, 0]]);
  for (const { index, parent } of order) {
    let number = kept.get(parent)!;
    for (const access of all.get(index)!) if (access?.first === true && access.group.members > 1) access.group.kept = number++;
    kept.set(index, number);
  }
  return all;
}

/** Groups the accesses of one block, from what is known at its start, which becomes what is known at its end. */
function groupIn(home: number, { ops, alone }: Pick<GroupedBlock, 'ops' | 'alone'>, { values, open, split }: Place, fresh: { next: number }): (Access | null)[] {
  const value = (slot: number): Value => {
    let v = values.get(slot);
    if (v === undefined) values.set(slot, (v = { root: fresh.next++, delta: 0 }));
    return v;
  };
  const found: (Access | null)[] = ops.map(() => null);

  let next: Value | undefined;
  const writes: UseVisitor = {
    read() {},
    readVector() {},
    writeVector() {},
    write(slot) {
      values.set(slot, next ?? { root: fresh.next++, delta: 0 });
    },
  };
  ops.forEach((op, i) => {
    const access = accessOf(op);
    if (access !== null) {
      const { ea, bytes, write } = access;
      const segment = ea.seg === 0 ? null : value(ea.seg);
      const seg = segment === null ? '' : `s${segment.root}`;
      let key: string;
      let offset = ea.disp + (segment?.delta ?? 0);
      if (ea.a32) {
        key = '';
      } else if (ea.base < 0 && ea.index < 0) {
        // absolute: one group for each page
        key = seg === '' ? `p${Math.floor(ea.disp / 4096)}` : seg;
      } else {
        const b = ea.base >= 0 ? value(ea.base) : null;
        const x = ea.index >= 0 ? value(ea.index) : null;
        offset += (b?.delta ?? 0) + (x === null ? 0 : x.delta * (1 << ea.shift));
        key = `${b?.root ?? ''}:${x?.root ?? ''}:${ea.shift}:${seg}`;
      }
      if (alone(i)) split.add(key);
      if (split.has(key)) key = '';
      const group = key === '' ? undefined : open.get(key);
      const low = group === undefined ? offset : Math.min(group.low, offset);
      const high = group === undefined ? offset + bytes : Math.max(group.high, offset + bytes);
      const isSure = group?.home === home;
      const isCovered = group !== undefined && low === group.low && high === group.high;
      // a lookup for writing finds nothing where one only reads: it is for what is sure to come
      if (group !== undefined && (isCovered || high - low <= (isSure ? MAX_SPAN : LATER_SPAN)) && (isSure || group.write || !write)) {
        group.low = low;
        group.high = high;
        if (write) group.write = true;
        group.members++;
        found[i] = { group, offset, first: false };
      } else {
        const begun: AccessGroup = { low: offset, high: offset + bytes, write, members: 1, home, kept: -1 };
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
    // its end adds a constant to rsp: see GroupedBlock.sp
    if (op.op !== 'jumpind') visitUses(op, writes);
  });
  return found;
}
