import { CELL, FLAG, FLAG_KIND, PROT, REG } from '@tally86/core';
import type { StringOp } from '@tally86/decoder';
import type { Block, Exit, Next } from '../block.ts';
import { SCRATCH, type Machine } from '../machine.ts';
import type { MemoryEmitters } from './memory.ts';

/** Iterations after which a string instruction lets the caller have a look (it goes on where it stopped). */
const SLICE = 1 << 20;
const MASK64 = 0xffff_ffff_ffff_ffffn;
const LOG2: Record<number, number> = { 1: 0, 2: 1, 4: 2, 8: 3 };

/**
 * String instructions. Registers are committed per iteration, so a fault in the middle leaves the state as the CPU does;
 * the elements that lie inside one page on both sides are done in bulk.
 */
export function stringEmitter(m: Machine, memory: MemoryEmitters, exit: (address: number) => Exit) {
  const { cpu, mem8, data } = m;
  const { u64, i32 } = cpu;
  const RF = 2 * CELL.rflags;

  function element(p: number, size: number): bigint {
    switch (size) {
      case 1: return BigInt(mem8[p]!);
      case 2: return BigInt(data.getUint16(p, true));
      case 4: return BigInt(data.getUint32(p, true));
      default: return data.getBigUint64(p, true);
    }
  }

  return function emitString(op: StringOp, k: number): Next {
    const { kind, size, rep, seg, a32, rip } = op;
    const next = exit(op.next);
    const addressMask = a32 ? 0xffff_ffffn : MASK64;
    const repeated = rep !== 'none';
    const compares = kind === 'scas' || kind === 'cmps';
    const readsSource = kind === 'movs' || kind === 'lods' || kind === 'cmps';
    const usesDestination = kind !== 'lods';
    const writes = kind === 'movs' || kind === 'stos';
    const subKind = FLAG_KIND.sub | (LOG2[size]! << 8);

    /** Linear address of the source or destination now; raises if it is outside of user space. */
    function linear(register: number, segment: number, access: number): number {
      const lo = i32[2 * register]!;
      const hi = a32 ? 0 : i32[2 * register + 1]!;
      if (segment === 0 && hi >>> 15 === 0) return hi * 4294967296 + (lo >>> 0);
      const v = (u64[register]! & addressMask) + (segment === 0 ? 0n : u64[segment]!);
      const a = BigInt.asUintN(64, v);
      if (a < 0x8000_0000_0000n) return Number(a);
      return m.userAddress(Number(a & 0xffffffffn) | 0, Number(a >> 32n) | 0, access);
    }
    /** Adds bytes (below 2^31) to an index register at the address size. */
    function advance(register: number, by: number): void {
      const lo = i32[2 * register]!;
      const sum = (lo + by) | 0;
      i32[2 * register] = sum;
      i32[2 * register + 1] = a32 ? 0 : i32[2 * register + 1]! + (by >> 31) + (sum >>> 0 < lo >>> 0 ? 1 : 0);
    }
    function hostOf(address: number, access: number, bytes: number): number {
      const lo = address % 4294967296 | 0;
      const hi = Math.floor(address / 4294967296);
      const p = access === PROT.WRITE ? memory.hostWrite(lo, hi, 4095) : memory.hostRead(lo, hi, 4095);
      if (p !== 0) return p;
      return access === PROT.WRITE ? m.translateStore(address, bytes) : m.translate(address, access);
    }

    /** One element, by the slow paths. Returns whether a comparison found its operands equal. */
    function single(step: number): boolean {
      let equal = false;
      const source = readsSource ? linear(REG.rsi, seg, PROT.READ) : 0;
      const destination = usesDestination ? linear(REG.rdi, 0, writes ? PROT.WRITE : PROT.READ) : 0;
      if (readsSource) m.slowLoad(k, source % 4294967296 | 0, Math.floor(source / 4294967296), size, false);
      if (kind === 'movs' || kind === 'stos') {
        if (kind === 'stos') u64[SCRATCH] = u64[REG.rax]!;
        m.slowStore(k, destination % 4294967296 | 0, Math.floor(destination / 4294967296), size);
      } else if (kind === 'lods') {
        loadAccumulator(u64[SCRATCH]!);
      } else {
        const a = kind === 'cmps' ? u64[SCRATCH]! : BigInt.asUintN(size * 8, u64[REG.rax]!);
        m.slowLoad(k, destination % 4294967296 | 0, Math.floor(destination / 4294967296), size, false);
        const b = u64[SCRATCH]!;
        record(a, b);
        equal = a === b;
      }
      if (readsSource) advance(REG.rsi, step);
      if (usesDestination) advance(REG.rdi, step);
      return equal;
    }
    function loadAccumulator(v: bigint): void {
      if (size === 8) u64[REG.rax] = v;
      else if (size === 4) u64[REG.rax] = v & 0xffff_ffffn;
      else u64[REG.rax] = (u64[REG.rax]! & (size === 1 ? ~0xffn : ~0xffffn) & MASK64) | v;
    }
    function record(a: bigint, b: bigint): void {
      i32[2 * CELL.ccKind] = subKind;
      u64[CELL.ccA] = a;
      u64[CELL.ccB] = b;
    }

    /**
     * Elements in bulk: up to `left`, as many as lie in the present pages. Returns the number done (0: do one by the slow path); `ended`
     * tells that a comparison ended the repetition.
     */
    let ended = false;
    function bulk(left: number, backward: boolean): number {
      const source = readsSource ? linear(REG.rsi, seg, PROT.READ) : 0;
      // the first element faults first, its source before its destination
      if (readsSource) hostOf(source, PROT.READ, size);
      const destination = usesDestination ? linear(REG.rdi, 0, writes ? PROT.WRITE : PROT.READ) : 0;
      let n = left;
      if (readsSource) n = Math.min(n, roomAt(source, backward));
      if (usesDestination) n = Math.min(n, roomAt(destination, backward));
      if (a32) {
        if (readsSource) n = Math.min(n, room32(REG.rsi, backward));
        if (usesDestination) n = Math.min(n, room32(REG.rdi, backward));
      }
      if (n <= 0) return 0;
      if (usesDestination && backward) hostOf(destination, writes ? PROT.WRITE : PROT.READ, size);
      // host offsets of the lowest element; the source's last, as a store may have moved its page
      const below = backward ? (n - 1) * size : 0;
      const q = usesDestination ? hostOf(destination - below, writes ? PROT.WRITE : PROT.READ, n * size) : 0;
      const p = readsSource ? hostOf(source - below, PROT.READ, n * size) : 0;
      if (backward) return downwards(p, q, n);
      const bytes = n * size;
      let done = n;
      ended = false;
      switch (kind) {
        case 'movs':
          if (q <= p || q >= p + bytes) mem8.copyWithin(q, p, p + bytes);
          else if (q - p >= size) {
            // overlapping upwards: each element is read after the earlier ones were written
            for (let i = 0; i < bytes; i++) mem8[q + i] = mem8[p + i]!;
          } else {
            for (let i = 0; i < bytes; i += size) {
              const v = element(p + i, size);
              storeElement(q + i, v);
            }
          }
          break;
        case 'stos': {
          const v = BigInt.asUintN(size * 8, u64[REG.rax]!);
          if (size === 1) mem8.fill(Number(v), q, q + bytes);
          else if (v === 0n) mem8.fill(0, q, q + bytes);
          else for (let i = 0; i < bytes; i += size) storeElement(q + i, v);
          break;
        }
        case 'lods':
          loadAccumulator(element(p + bytes - size, size));
          break;
        case 'scas': {
          const v = BigInt.asUintN(size * 8, u64[REG.rax]!);
          const want = rep === 'repne';
          if (size === 1 && want) {
            const x = Number(v);
            let i = 0;
            while (i < n && mem8[q + i] !== x) i++;
            done = i < n ? i + 1 : n;
            ended = i < n;
            record(v, element(q + done - 1, 1));
            break;
          }
          for (let i = 0; i < n; i++) {
            const e = element(q + i * size, size);
            if ((e === v) === want) { done = i + 1; ended = true; break; }
          }
          record(v, element(q + (done - 1) * size, size));
          break;
        }
        case 'cmps': {
          const want = rep === 'repne';
          for (let i = 0; i < n; i++) {
            if ((element(p + i * size, size) === element(q + i * size, size)) === want) { done = i + 1; ended = true; break; }
          }
          record(element(p + (done - 1) * size, size), element(q + (done - 1) * size, size));
          break;
        }
      }
      if (readsSource) advance(REG.rsi, done * size);
      if (usesDestination) advance(REG.rdi, done * size);
      return done;
    }
    /** How many elements lie in the page of an address, onward from it. */
    function roomAt(address: number, backward: boolean): number {
      const offset = address % 4096;
      if (offset + size > 4096) return 0;
      return backward ? Math.floor(offset / size) + 1 : Math.floor((4096 - offset) / size);
    }
    /** How many before a 32-bit index register wraps. */
    function room32(register: number, backward: boolean): number {
      const v = i32[2 * register]! >>> 0;
      return backward ? Math.floor(v / size) + 1 : Math.floor((0x1_0000_0000 - v) / size);
    }
    /** n elements from the highest down; p and q are the lowest. */
    function downwards(p: number, q: number, n: number): number {
      const bytes = n * size;
      let done = n;
      ended = false;
      switch (kind) {
        case 'movs':
          if (q >= p || q + bytes <= p) mem8.copyWithin(q, p, p + bytes);
          else for (let i = bytes - size; i >= 0; i -= size) storeElement(q + i, element(p + i, size));
          break;
        case 'stos': {
          const v = BigInt.asUintN(size * 8, u64[REG.rax]!);
          for (let i = 0; i < bytes; i += size) storeElement(q + i, v);
          break;
        }
        case 'lods':
          loadAccumulator(element(p, size));
          break;
        default: {
          const want = rep === 'repne';
          const accumulator = BigInt.asUintN(size * 8, u64[REG.rax]!);
          for (let i = 0; i < n; i++) {
            const at = bytes - (i + 1) * size;
            const x = kind === 'cmps' ? element(p + at, size) : accumulator;
            const y = element(q + at, size);
            done = i + 1;
            ended = (x === y) === want;
            if (ended || done === n) {
              record(x, y);
              break;
            }
          }
        }
      }
      if (readsSource) advance(REG.rsi, -done * size);
      if (usesDestination) advance(REG.rdi, -done * size);
      return done;
    }
    function storeElement(q: number, v: bigint): void {
      switch (size) {
        case 1: mem8[q] = Number(v); break;
        case 2: data.setUint16(q, Number(v), true); break;
        case 4: data.setUint32(q, Number(v), true); break;
        default: data.setBigUint64(q, v, true);
      }
    }

    /** Which operand of cmps faults first is not documented; Zen looks at the destination first, but for repeated bytes. */
    function destinationFirst(): void {
      hostOf(linear(REG.rdi, 0, PROT.READ), PROT.READ, size);
    }

    if (!repeated) {
      return () => {
        m.instruction = k;
        if (kind === 'cmps') destinationFirst();
        if (bulk(1, (i32[RF]! & FLAG.DF) !== 0) === 0) single((i32[RF]! & FLAG.DF) !== 0 ? -size : size);
        return next.follow();
      };
    }

    return (): Block | null => {
      m.instruction = k;
      const countHi = a32 ? 0 : i32[2 * REG.rcx + 1]!;
      const countLo = i32[2 * REG.rcx]! >>> 0;
      if (countLo === 0 && countHi === 0) {
        // with a 32-bit count the CPU leaves the high half as it is when nothing is done
        u64[CELL.repCompleted] = u64[CELL.repCompleted]! + 1n;
        u64[CELL.repEmpty] = u64[CELL.repEmpty]! + 1n;
        return next.follow();
      }
      const backward = (i32[RF]! & FLAG.DF) !== 0;
      const step = backward ? -size : size;
      let left = (i32[RF]! & FLAG.TF) !== 0 ? 1 : countHi !== 0 || countLo > SLICE ? SLICE : countLo;
      let over = false;
      while (left > 0 && !over) {
        if (kind === 'cmps' && (size > 1 || u64[REG.rcx] === 1n)) destinationFirst();
        let done = bulk(left, backward);
        if (done === 0) {
          const equal = single(step);
          done = 1;
          ended = compares && equal === (rep === 'repne');
        }
        advance(REG.rcx, -done);
        u64[CELL.repIterations] = u64[CELL.repIterations]! + BigInt(done);
        left -= done;
        over = compares && ended;
      }
      if (!over && (u64[REG.rcx]! & addressMask) !== 0n) {
        // not finished: come back to this instruction
        m.remaining += m.block!.count - k;
        m.setRip(rip);
        m.yielded = true;
        return null;
      }
      u64[CELL.repCompleted] = u64[CELL.repCompleted]! + 1n;
      if (!over) u64[CELL.repExhausted] = u64[CELL.repExhausted]! + 1n;
      return next.follow();
    };
  };
}
