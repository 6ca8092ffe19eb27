import { CELL, FLAG, FLAG_KIND, PROT, REG } from '@tally86/core';
import type { StringOp } from '@tally86/decoder';
import type { Block, Exit, Next } from '../block.ts';
import { SCRATCH, type Machine } from '../machine.ts';

/** Iterations after which a string instruction lets the caller have a look (it goes on where it stopped). */
const SLICE = 1 << 20;
const MASK64 = 0xffff_ffff_ffff_ffffn;
const LOG2: Record<number, number> = { 1: 0, 2: 1, 4: 2, 8: 3 };

/**
 * String instructions. Registers are committed per iteration, so a fault in the middle leaves the state as the CPU does;
 * the elements that lie inside one page on both sides are done in bulk.
 */
export function stringEmitter(m: Machine, exit: (address: number) => Exit) {
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
      const v = (u64[register]! & addressMask) + (segment === 0 ? 0n : u64[segment]!);
      const a = BigInt.asUintN(64, v);
      if (a < 0x8000_0000_0000n) return Number(a);
      return m.userAddress(Number(a & 0xffffffffn) | 0, Number(a >> 32n) | 0, access);
    }
    function advance(register: number, by: bigint): void {
      u64[register] = (u64[register]! + by) & addressMask;
    }

    /** One element, by the slow paths. Returns whether a comparison found its operands equal. */
    function single(step: bigint): boolean {
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
     * Elements in bulk, forward only: up to `left`, as many as lie in the present pages. Returns the number done (0: do one by the slow
     * path); `ended` tells that a comparison ended the repetition.
     */
    let ended = false;
    function bulk(left: number): number {
      const source = readsSource ? linear(REG.rsi, seg, PROT.READ) : 0;
      const destination = usesDestination ? linear(REG.rdi, 0, writes ? PROT.WRITE : PROT.READ) : 0;
      let n = left;
      if (readsSource) n = Math.min(n, Math.floor((4096 - (source % 4096)) / size));
      if (usesDestination) n = Math.min(n, Math.floor((4096 - (destination % 4096)) / size));
      if (a32) {
        if (readsSource) n = Math.min(n, Math.floor((0x1_0000_0000 - Number(u64[REG.rsi]! & addressMask)) / size));
        if (usesDestination) n = Math.min(n, Math.floor((0x1_0000_0000 - Number(u64[REG.rdi]! & addressMask)) / size));
      }
      if (n <= 0) return 0;
      const p = readsSource ? m.translate(source, PROT.READ) : 0;
      const q = usesDestination ? (writes ? m.translateStore(destination, n * size) : m.translate(destination, PROT.READ)) : 0;
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
      const by = BigInt(done * size);
      if (readsSource) advance(REG.rsi, by);
      if (usesDestination) advance(REG.rdi, by);
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

    if (!repeated) {
      return () => {
        m.instruction = k;
        single((i32[RF]! & FLAG.DF) !== 0 ? BigInt(-size) : BigInt(size));
        return next.follow();
      };
    }

    return (): Block | null => {
      m.instruction = k;
      const count = u64[REG.rcx]! & addressMask;
      if (count === 0n) {
        // with a 32-bit count the CPU leaves the high half as it is when nothing is done
        u64[CELL.repCompleted] = u64[CELL.repCompleted]! + 1n;
        u64[CELL.repEmpty] = u64[CELL.repEmpty]! + 1n;
        return next.follow();
      }
      const backward = (i32[RF]! & FLAG.DF) !== 0;
      const step = BigInt(backward ? -size : size);
      let left = count > BigInt(SLICE) ? SLICE : Number(count);
      let over = false;
      while (left > 0 && !over) {
        let done = 0;
        if (!backward) done = bulk(left);
        if (done === 0) {
          const equal = single(step);
          done = 1;
          ended = compares && equal === (rep === 'repne');
        }
        u64[REG.rcx] = (u64[REG.rcx]! - BigInt(done)) & addressMask;
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
