import { BYTE, CPU_STATE_BASE, PROT, TLB_REACH, VECTOR, VECTOR_SLOT, VECTOR_STRIDE } from '@tally86/core';
import { isImm, type Ea, type IrOp, type Size } from '@tally86/decoder';
import type { Next } from '../block.ts';
import { SCRATCH, type Machine } from '../machine.ts';
import { emitAddress, type Address } from './address.ts';

type Load = Extract<IrOp, { op: 'load' }>;
type Store = Extract<IrOp, { op: 'store' }>;
type Lea = Extract<IrOp, { op: 'lea' }>;
type Probe = Extract<IrOp, { op: 'probe' }>;
type Linear = Extract<IrOp, { op: 'linear' }>;
type VLoad = Extract<IrOp, { op: 'vload' }>;
type VStore = Extract<IrOp, { op: 'vstore' }>;

/** Emitters of loads, stores and address computation. The fast paths read the TLB in place; a miss goes to the machine's slow paths. */
/** Bytes from the lower half of a vector register to its upper one. */
const UPPER = VECTOR_SLOT.high * VECTOR_STRIDE;

export function memoryEmitters(m: Machine) {
  const { i32, u64, i64 } = m.cpu;
  const mem32 = m.mem32;
  const mem8 = m.mem8;
  const data = m.data;
  const { readBase, writeBase, entries } = m.mmu.tlb;
  const R = readBase >> 2;
  const W = writeBase >> 2;
  const mask = entries - 1;

  /** Host offset of an access that ends inside its page, or 0: look closer. `last` is 4096 − size. */
  function hostRead(lo: number, hi: number, last: number): number {
    const e = R + (((lo >>> 12) & mask) << 2);
    return ((mem32[e]! + TLB_REACH) & -4096) === (lo & -4096) && mem32[e + 3] === hi && (lo & 4095) <= last ? (mem32[e + 2]! + lo) >>> 0 : 0;
  }
  function hostWrite(lo: number, hi: number, last: number): number {
    const e = W + (((lo >>> 12) & mask) << 2);
    return ((mem32[e]! + TLB_REACH) & -4096) === (lo & -4096) && mem32[e + 3] === hi && (lo & 4095) <= last ? (mem32[e + 2]! + lo) >>> 0 : 0;
  }

  // what a load does with its value, by size and extension; p is the host offset, d the destination's low half
  type Take = (p: number, d: number) => void;
  const take: Record<string, Take> = {
    '1/0': (p, d) => { i32[d] = mem8[p]!; i32[d + 1] = 0; },
    '2/0': (p, d) => { i32[d] = data.getUint16(p, true); i32[d + 1] = 0; },
    '4/0': (p, d) => { i32[d] = data.getInt32(p, true); i32[d + 1] = 0; },
    '8/0': (p, d) => { i32[d] = data.getInt32(p, true); i32[d + 1] = data.getInt32(p + 4, true); },
    '1/32': (p, d) => { i32[d] = (mem8[p]! << 24) >> 24; i32[d + 1] = 0; },
    '2/32': (p, d) => { i32[d] = data.getInt16(p, true); i32[d + 1] = 0; },
    '4/32': (p, d) => { i32[d] = data.getInt32(p, true); i32[d + 1] = 0; },
    '1/64': (p, d) => { const v = (mem8[p]! << 24) >> 24; i32[d] = v; i32[d + 1] = v >> 31; },
    '2/64': (p, d) => { const v = data.getInt16(p, true); i32[d] = v; i32[d + 1] = v >> 31; },
    '4/64': (p, d) => { const v = data.getInt32(p, true); i32[d] = v; i32[d + 1] = v >> 31; },
  };
  const SCRATCH_HOST = CPU_STATE_BASE + SCRATCH * 8;

  function slowLoad(k: number, lo: number, hi: number, size: number, rmw: boolean, value: Take, d: number): void {
    m.slowLoad(k, lo, hi, size, rmw);
    value(SCRATCH_HOST, d);
  }

  function plain(ea: Ea): boolean {
    return ea.base >= 0 && ea.seg === 0 && !ea.a32;
  }

  function load(op: Load, k: number, next: Next): Next {
    const { ea, size, rmw } = op;
    const d = 2 * op.d;
    const last = 4096 - size;
    const value = take[`${size}/${op.sext === 32 && size === 4 ? 0 : op.sext}`]!;
    if (rmw) return loadRmw(op, k, next);
    if (plain(ea) && ea.index < 0) {
      const b = 2 * ea.base;
      const disp = ea.disp | 0;
      const dh = disp >> 31;
      switch (`${size}/${op.sext}`) {
        case '8/0': return () => {
          const bl = i32[b]!; const lo = (bl + disp) | 0; const hi = (i32[b + 1]! + dh + (lo >>> 0 < bl >>> 0 ? 1 : 0)) | 0;
          const p = hostRead(lo, hi, 4088);
          if (p !== 0) { i32[d] = data.getInt32(p, true); i32[d + 1] = data.getInt32(p + 4, true); } else slowLoad(k, lo, hi, 8, false, value, d);
          return next();
        };
        case '4/0': return () => {
          const bl = i32[b]!; const lo = (bl + disp) | 0; const hi = (i32[b + 1]! + dh + (lo >>> 0 < bl >>> 0 ? 1 : 0)) | 0;
          const p = hostRead(lo, hi, 4092);
          if (p !== 0) { i32[d] = data.getInt32(p, true); i32[d + 1] = 0; } else slowLoad(k, lo, hi, 4, false, value, d);
          return next();
        };
        case '1/0': return () => {
          const bl = i32[b]!; const lo = (bl + disp) | 0; const hi = (i32[b + 1]! + dh + (lo >>> 0 < bl >>> 0 ? 1 : 0)) | 0;
          const p = hostRead(lo, hi, 4095);
          if (p !== 0) { i32[d] = mem8[p]!; i32[d + 1] = 0; } else slowLoad(k, lo, hi, 1, false, value, d);
          return next();
        };
        default: return () => {
          const bl = i32[b]!; const lo = (bl + disp) | 0; const hi = (i32[b + 1]! + dh + (lo >>> 0 < bl >>> 0 ? 1 : 0)) | 0;
          const p = hostRead(lo, hi, last);
          if (p !== 0) value(p, d); else slowLoad(k, lo, hi, size, false, value, d);
          return next();
        };
      }
    }
    if (plain(ea)) {
      const b = 2 * ea.base;
      const x = 2 * ea.index;
      const disp = ea.disp | 0;
      const dh = disp >> 31;
      const s = ea.shift;
      const back = 32 - s;
      // the address of base + (index << s) + disp; s = 0 has no bits to carry over
      const over = s === 0 ? 0 : -1;
      if (op.sext === 0 && size === 8) return () => {
        const bl = i32[b]!; const xl = i32[x]!; const l1 = (bl + (xl << s)) | 0; const lo = (l1 + disp) | 0;
        const hi = (i32[b + 1]! + ((i32[x + 1]! << s) | ((xl >>> back) & over)) + dh + (l1 >>> 0 < bl >>> 0 ? 1 : 0) + (lo >>> 0 < l1 >>> 0 ? 1 : 0)) | 0;
        const p = hostRead(lo, hi, 4088);
        if (p !== 0) { i32[d] = data.getInt32(p, true); i32[d + 1] = data.getInt32(p + 4, true); } else slowLoad(k, lo, hi, 8, false, value, d);
        return next();
      };
      if (op.sext === 0 && size === 4) return () => {
        const bl = i32[b]!; const xl = i32[x]!; const l1 = (bl + (xl << s)) | 0; const lo = (l1 + disp) | 0;
        const hi = (i32[b + 1]! + ((i32[x + 1]! << s) | ((xl >>> back) & over)) + dh + (l1 >>> 0 < bl >>> 0 ? 1 : 0) + (lo >>> 0 < l1 >>> 0 ? 1 : 0)) | 0;
        const p = hostRead(lo, hi, 4092);
        if (p !== 0) { i32[d] = data.getInt32(p, true); i32[d + 1] = 0; } else slowLoad(k, lo, hi, 4, false, value, d);
        return next();
      };
      if (op.sext === 0 && size === 1) return () => {
        const bl = i32[b]!; const xl = i32[x]!; const l1 = (bl + (xl << s)) | 0; const lo = (l1 + disp) | 0;
        const hi = (i32[b + 1]! + ((i32[x + 1]! << s) | ((xl >>> back) & over)) + dh + (l1 >>> 0 < bl >>> 0 ? 1 : 0) + (lo >>> 0 < l1 >>> 0 ? 1 : 0)) | 0;
        const p = hostRead(lo, hi, 4095);
        if (p !== 0) { i32[d] = mem8[p]!; i32[d + 1] = 0; } else slowLoad(k, lo, hi, 1, false, value, d);
        return next();
      };
      return () => {
        const bl = i32[b]!; const xl = i32[x]!; const l1 = (bl + (xl << s)) | 0; const lo = (l1 + disp) | 0;
        const hi = (i32[b + 1]! + ((i32[x + 1]! << s) | ((xl >>> back) & over)) + dh + (l1 >>> 0 < bl >>> 0 ? 1 : 0) + (lo >>> 0 < l1 >>> 0 ? 1 : 0)) | 0;
        const p = hostRead(lo, hi, last);
        if (p !== 0) value(p, d); else slowLoad(k, lo, hi, size, false, value, d);
        return next();
      };
    }
    const at: Address = { lo: 0, hi: 0 };
    const compute = emitAddress(m, ea, at, true);
    return () => {
      compute();
      const p = hostRead(at.lo, at.hi, last);
      if (p !== 0) value(p, d);
      else slowLoad(k, at.lo, at.hi, size, false, value, d);
      return next();
    };
  }

  function loadRmw(op: Load, k: number, next: Next): Next {
    const { size } = op;
    const d = 2 * op.d;
    const last = 4096 - size;
    const value = take[`${size}/${op.sext === 32 && size === 4 ? 0 : op.sext}`]!;
    const at: Address = { lo: 0, hi: 0 };
    const compute = emitAddress(m, op.ea, at, true);
    return () => {
      compute();
      const p = hostWrite(at.lo, at.hi, last);
      if (p !== 0) value(p, d);
      else slowLoad(k, at.lo, at.hi, size, true, value, d);
      return next();
    };
  }

  type Put = (p: number, a: number) => void;
  const put: Record<Size, Put> = {
    1: (p, a) => { mem8[p] = i32[a]!; },
    2: (p, a) => { data.setInt16(p, i32[a]!, true); },
    4: (p, a) => { data.setInt32(p, i32[a]!, true); },
    8: (p, a) => { data.setInt32(p, i32[a]!, true); data.setInt32(p + 4, i32[a + 1]!, true); },
  };

  function slowStore(k: number, lo: number, hi: number, size: number, a: number): void {
    i32[2 * SCRATCH] = i32[a]!;
    i32[2 * SCRATCH + 1] = i32[a + 1]!;
    m.slowStore(k, lo, hi, size);
  }

  function store(op: Store, k: number, next: Next): Next {
    const { ea, size } = op;
    const last = 4096 - size;
    const value = put[size];
    if (isImm(op.a)) {
      const { lo: vl, hi: vh } = op.a;
      const at: Address = { lo: 0, hi: 0 };
      const compute = emitAddress(m, ea, at, true);
      const s = 2 * SCRATCH;
      return () => {
        i32[s] = vl;
        i32[s + 1] = vh;
        compute();
        const p = hostWrite(at.lo, at.hi, last);
        if (p !== 0) value(p, s);
        else m.slowStore(k, at.lo, at.hi, size);
        return next();
      };
    }
    const a = 2 * op.a;
    if (plain(ea) && ea.index < 0) {
      const b = 2 * ea.base;
      const disp = ea.disp | 0;
      const dh = disp >> 31;
      switch (size) {
        case 8: return () => {
          const bl = i32[b]!; const lo = (bl + disp) | 0; const hi = (i32[b + 1]! + dh + (lo >>> 0 < bl >>> 0 ? 1 : 0)) | 0;
          const p = hostWrite(lo, hi, 4088);
          if (p !== 0) { data.setInt32(p, i32[a]!, true); data.setInt32(p + 4, i32[a + 1]!, true); } else slowStore(k, lo, hi, 8, a);
          return next();
        };
        case 4: return () => {
          const bl = i32[b]!; const lo = (bl + disp) | 0; const hi = (i32[b + 1]! + dh + (lo >>> 0 < bl >>> 0 ? 1 : 0)) | 0;
          const p = hostWrite(lo, hi, 4092);
          if (p !== 0) data.setInt32(p, i32[a]!, true); else slowStore(k, lo, hi, 4, a);
          return next();
        };
        default: return () => {
          const bl = i32[b]!; const lo = (bl + disp) | 0; const hi = (i32[b + 1]! + dh + (lo >>> 0 < bl >>> 0 ? 1 : 0)) | 0;
          const p = hostWrite(lo, hi, last);
          if (p !== 0) value(p, a); else slowStore(k, lo, hi, size, a);
          return next();
        };
      }
    }
    if (plain(ea)) {
      const b = 2 * ea.base;
      const x = 2 * ea.index;
      const disp = ea.disp | 0;
      const dh = disp >> 31;
      const s = ea.shift;
      const back = 32 - s;
      return () => {
        const bl = i32[b]!; const xl = i32[x]!; const l1 = (bl + (xl << s)) | 0; const lo = (l1 + disp) | 0;
        const xh = s === 0 ? i32[x + 1]! : (i32[x + 1]! << s) | (xl >>> back);
        const hi = (i32[b + 1]! + xh + dh + (l1 >>> 0 < bl >>> 0 ? 1 : 0) + (lo >>> 0 < l1 >>> 0 ? 1 : 0)) | 0;
        const p = hostWrite(lo, hi, last);
        if (p !== 0) value(p, a); else slowStore(k, lo, hi, size, a);
        return next();
      };
    }
    const at: Address = { lo: 0, hi: 0 };
    const compute = emitAddress(m, ea, at, true);
    return () => {
      compute();
      const p = hostWrite(at.lo, at.hi, last);
      if (p !== 0) value(p, a);
      else slowStore(k, at.lo, at.hi, size, a);
      return next();
    };
  }

  function lea(op: Lea, next: Next): Next {
    const { ea, w } = op;
    const d = 2 * op.d;
    const disp = ea.disp | 0;
    if (!ea.a32 && ea.base < 0 && ea.index < 0) {
      const value = BigInt.asUintN(w, BigInt(ea.disp));
      const slot = op.d;
      return () => { u64[slot] = value; return next(); };
    }
    if (!ea.a32 && ea.base >= 0) {
      const b = 2 * ea.base;
      if (w === 32) {
        if (ea.index < 0) return () => { i32[d] = i32[b]! + disp; i32[d + 1] = 0; return next(); };
        const x = 2 * ea.index;
        const s = ea.shift;
        return () => { i32[d] = i32[b]! + (i32[x]! << s) + disp; i32[d + 1] = 0; return next(); };
      }
      const dd = op.d;
      const bb = ea.base;
      const big = BigInt(disp);
      if (ea.index < 0) return () => { i64[dd] = i64[bb]! + big; return next(); };
      const xx = ea.index;
      const s = BigInt(ea.shift);
      if (disp === 0) return () => { i64[dd] = i64[bb]! + (i64[xx]! << s); return next(); };
      return () => { i64[dd] = i64[bb]! + (i64[xx]! << s) + big; return next(); };
    }
    const at: Address = { lo: 0, hi: 0 };
    const compute = emitAddress(m, ea, at, false);
    const high = w === 64;
    return () => {
      compute();
      i32[d] = at.lo;
      i32[d + 1] = high ? at.hi : 0;
      return next();
    };
  }

  function linear(op: Linear, next: Next): Next {
    const at: Address = { lo: 0, hi: 0 };
    const compute = emitAddress(m, op.ea, at, true);
    const d = 2 * op.d;
    return () => {
      compute();
      i32[d] = at.lo;
      i32[d + 1] = at.hi;
      return next();
    };
  }

  function probe(op: Probe, k: number, next: Next): Next {
    const at: Address = { lo: 0, hi: 0 };
    const compute = emitAddress(m, op.ea, at, true);
    const access = op.write ? PROT.WRITE : PROT.READ;
    const { bytes } = op;
    return () => {
      compute();
      m.instruction = k;
      const address = m.userAddress(at.lo, at.hi, access);
      m.translate(address, access);
      if ((address % 4096) + bytes > 4096) m.translate(m.userAddressOf(address + bytes - 1 - ((address + bytes - 1) % 4096), access), access);
      return next();
    };
  }

  function vload(op: VLoad, k: number, next: Next): Next {
    const { ea, bytes, aligned } = op;
    const at: Address = { lo: 0, hi: 0 };
    const compute = emitAddress(m, ea, at, true);
    const to = BYTE.vector + VECTOR_STRIDE * op.d;
    const w = to >> 2;
    const last = 4096 - bytes;
    const scratch = new Uint8Array(32);
    const u8 = m.cpu.u8;
    return () => {
      compute();
      const lo = at.lo;
      if (aligned && (lo & (bytes - 1)) !== 0) {
        m.instruction = k;
        m.raise(VECTOR.GP);
      }
      const p = hostRead(lo, at.hi, last);
      if (p !== 0) {
        if (bytes === 16) {
          i32[w] = data.getInt32(p, true);
          i32[w + 1] = data.getInt32(p + 4, true);
          i32[w + 2] = data.getInt32(p + 8, true);
          i32[w + 3] = data.getInt32(p + 12, true);
        } else if (bytes === 8) {
          i32[w] = data.getInt32(p, true);
          i32[w + 1] = data.getInt32(p + 4, true);
          i32[w + 2] = i32[w + 3] = 0;
        } else if (bytes === 4) {
          i32[w] = data.getInt32(p, true);
          i32[w + 1] = i32[w + 2] = i32[w + 3] = 0;
        } else if (bytes === 32) {
          for (let i = 0; i < 4; i++) {
            i32[w + i] = data.getInt32(p + 4 * i, true);
            i32[w + UPPER / 4 + i] = data.getInt32(p + 16 + 4 * i, true);
          }
        } else {
          i32[w] = bytes === 1 ? mem8[p]! : data.getUint16(p, true);
          i32[w + 1] = i32[w + 2] = i32[w + 3] = 0;
        }
      } else {
        m.instruction = k;
        m.loadBytes(m.userAddress(lo, at.hi, PROT.READ), scratch, 0, bytes);
        if (bytes < 16) i32[w] = i32[w + 1] = i32[w + 2] = i32[w + 3] = 0;
        for (let i = 0; i < bytes; i++) u8[i < 16 ? to + i : to + UPPER - 16 + i] = scratch[i]!;
      }
      return next();
    };
  }

  function vstore(op: VStore, k: number, next: Next): Next {
    const { ea, bytes, aligned } = op;
    const at: Address = { lo: 0, hi: 0 };
    const compute = emitAddress(m, ea, at, true);
    const from = BYTE.vector + VECTOR_STRIDE * op.a;
    const w = from >> 2;
    const last = 4096 - bytes;
    const scratch = new Uint8Array(32);
    const u8 = m.cpu.u8;
    const words = bytes >> 2;
    return () => {
      compute();
      const lo = at.lo;
      if (aligned && (lo & (bytes - 1)) !== 0) {
        m.instruction = k;
        m.raise(VECTOR.GP);
      }
      const p = hostWrite(lo, at.hi, last);
      if (p === 0) {
        m.instruction = k;
        if (bytes === 32) {
          scratch.set(u8.subarray(from, from + 16));
          scratch.set(u8.subarray(from + UPPER, from + UPPER + 16), 16);
          m.storeBytes(m.userAddress(lo, at.hi, PROT.WRITE), scratch, 0, bytes);
        } else m.storeBytes(m.userAddress(lo, at.hi, PROT.WRITE), u8, from, bytes);
      } else if (bytes === 32) {
        for (let i = 0; i < 4; i++) {
          data.setInt32(p + 4 * i, i32[w + i]!, true);
          data.setInt32(p + 16 + 4 * i, i32[w + UPPER / 4 + i]!, true);
        }
      } else if (words !== 0) {
        for (let i = 0; i < words; i++) data.setInt32(p + 4 * i, i32[w + i]!, true);
      } else if (bytes === 1) mem8[p] = u8[from]!;
      else data.setInt16(p, i32[w]!, true);
      return next();
    };
  }

  return { load, store, lea, linear, probe, vload, vstore, hostRead, hostWrite };
}
export type MemoryEmitters = ReturnType<typeof memoryEmitters>;
