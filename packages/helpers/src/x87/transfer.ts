import {
  bcdToF80, f32ToF80, f64ToF80, f80ToBcd, f80ToF32, f80ToF64, f80ToInteger, i32ToF80, i64ToF80, loadConstant, readF80, WordPair, writeF80, type ConstantName,
} from '@tally86/softfloat';
import type { Helper, HelperTable } from '../context.ts';
import { FORMAT, FORMAT_BYTES } from './memory-format.ts';
import { setIndefinite, unitOf } from './unit.ts';

/** (format, cell): pushes a number; the cell holds its bits, or for 80-bit formats its linear address. */
const load: Helper = (h) => {
  const u = unitOf(h);
  const { u32, i32 } = h.cpu;
  const { r } = u;
  const bytes = new Uint8Array(10);
  const view = new DataView(bytes.buffer);
  return (format, cell) => {
    const ctx = u.begin();
    if (format === FORMAT.f80 || format === FORMAT.bcd) h.read(cell, 0, bytes);
    if (!u.isEmpty(-1)) {
      if (u.stackFault(true)) u.push(setIndefinite(r));
      return;
    }
    const lo = i32[2 * cell]!;
    let done = true;
    switch (format) {
      case FORMAT.f32: done = f32ToF80(r, lo >>> 0, ctx); break;
      case FORMAT.f64: done = f64ToF80(r, u32[2 * cell + 1]!, lo >>> 0, ctx); break;
      case FORMAT.f80: readF80(r, view, 0); break;
      case FORMAT.i16: i32ToF80(r, (lo << 16) >> 16); break;
      case FORMAT.i32: i32ToF80(r, lo); break;
      case FORMAT.i64: i64ToF80(r, u32[2 * cell + 1]!, lo >>> 0); break;
      default: bcdToF80(r, bytes, 0);
    }
    u.finish();
    if (done) u.push(r);
  };
};

/** (format, cell of the linear address, pop, truncate): stores ST(0). Nothing changes if the store faults. */
const store: Helper = (h) => {
  const u = unitOf(h);
  const { a } = u;
  const pair = new WordPair();
  const buffers = FORMAT_BYTES.map((n) => new Uint8Array(n));
  const views = buffers.map((b) => new DataView(b.buffer));
  return (format, cell, pop, truncate) => {
    const ctx = u.begin();
    const bytes = buffers[format]!;
    const view = views[format]!;
    const empty = u.isEmpty(0);
    if (empty) {
      if ((u.control & 1) === 0) {
        u.stackFault(false);
        return;
      }
      indefinite(format, bytes, view);
    } else {
      u.get(0, a);
      let done = true;
      switch (format) {
        case FORMAT.f32:
          done = f80ToF32(pair, a, ctx);
          view.setUint32(0, pair.lo, true);
          break;
        case FORMAT.f64:
          done = f80ToF64(pair, a, ctx);
          view.setUint32(0, pair.lo, true);
          view.setUint32(4, pair.hi, true);
          break;
        case FORMAT.f80: writeF80(a, view, 0); break;
        case FORMAT.i16:
          done = f80ToInteger(pair, a, 16, truncate !== 0, ctx);
          view.setUint16(0, pair.lo & 0xffff, true);
          break;
        case FORMAT.i32:
          done = f80ToInteger(pair, a, 32, truncate !== 0, ctx);
          view.setUint32(0, pair.lo, true);
          break;
        case FORMAT.i64:
          done = f80ToInteger(pair, a, 64, truncate !== 0, ctx);
          view.setUint32(0, pair.lo, true);
          view.setUint32(4, pair.hi, true);
          break;
        default: done = f80ToBcd(bytes, 0, a, ctx);
      }
      if (!done) {
        u.finish();
        return;
      }
    }
    h.write(cell, 0, bytes);
    if (empty) u.stackFault(false);
    else u.finish();
    if (pop !== 0) u.pop();
  };
};

/** What a masked stack underflow stores (SDM vol. 1, table 4-3 and 4.8.3.7). */
function indefinite(format: number, bytes: Uint8Array, view: DataView): void {
  bytes.fill(0);
  switch (format) {
    case FORMAT.f32: view.setUint32(0, 0xffc00000, true); break;
    case FORMAT.f64: view.setUint32(4, 0xfff80000, true); break;
    case FORMAT.i16: view.setUint16(0, 0x8000, true); break;
    case FORMAT.i32: view.setUint32(0, 0x80000000, true); break;
    case FORMAT.i64: view.setUint32(4, 0x80000000, true); break;
    default:
      // the indefinite number, and the packed BCD indefinite, which has the same bytes
      view.setUint32(4, 0xc0000000, true);
      view.setUint16(8, 0xffff, true);
  }
}

/** (i): pushes ST(i). */
const loadRegister: Helper = (h) => {
  const u = unitOf(h);
  return (i) => {
    u.begin();
    const empty = u.isEmpty(i);
    if (empty || !u.isEmpty(-1)) {
      // an underflow goes before an overflow
      if (u.stackFault(!empty)) u.push(setIndefinite(u.r));
      return;
    }
    u.get(i, u.r);
    u.finish(false);
    u.push(u.r);
  };
};

/** (i, pop): ST(i) = ST(0). */
const storeRegister: Helper = (h) => {
  const u = unitOf(h);
  return (i, pop) => {
    u.begin();
    if (u.isEmpty(0)) {
      if (!u.stackFault(false)) return;
      u.set(i, setIndefinite(u.r));
    } else {
      u.get(0, u.r);
      u.finish(false);
      u.set(i, u.r);
    }
    if (pop !== 0) u.pop();
  };
};

/** (i): exchanges ST(0) and ST(i). */
const exchange: Helper = (h) => {
  const u = unitOf(h);
  const { a, b } = u;
  return (i) => {
    u.begin();
    const zero = u.isEmpty(0);
    const other = u.isEmpty(i);
    u.get(0, a);
    u.get(i, b);
    if (zero || other) {
      if (!u.stackFault(false)) return;
      if (zero) setIndefinite(a);
      if (other) setIndefinite(b);
    } else u.finish(false);
    u.set(0, b);
    u.set(i, a);
  };
};

/** (i, cell): ST(0) = ST(i) if the cell is not 0. */
const conditionalMove: Helper = (h) => {
  const u = unitOf(h);
  return (i, cell) => {
    u.begin();
    if (u.isEmpty(0) || u.isEmpty(i)) {
      // the condition does not matter then
      if (u.stackFault(false)) u.set(0, setIndefinite(u.r));
      return;
    }
    u.finish(false);
    if (h.cpu.i32[2 * cell] !== 0) u.set(0, u.get(i, u.r));
  };
};

export const CONSTANTS: readonly ConstantName[] = ['one', 'l2t', 'l2e', 'pi', 'lg2', 'ln2', 'zero'];
/** (index in CONSTANTS): pushes a constant. */
const constant: Helper = (h) => {
  const u = unitOf(h);
  return (which) => {
    const ctx = u.begin();
    if (!u.isEmpty(-1)) {
      if (u.stackFault(true)) u.push(setIndefinite(u.r));
      return;
    }
    loadConstant(u.r, CONSTANTS[which]!, ctx.rounding);
    u.finish(false);
    u.push(u.r);
  };
};

export const transfer: HelperTable = {
  'x87.load': load, 'x87.store': store, 'x87.load.r': loadRegister, 'x87.store.r': storeRegister,
  'x87.exchange': exchange, 'x87.cmov': conditionalMove, 'x87.constant': constant,
};
