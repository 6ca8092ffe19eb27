import { BYTE, CELL, VECTOR } from '@tally86/core';
import type { Helper, HelperTable } from '../context.ts';
import { BUSY, C1, ES, unitOf, type Unit } from './unit.ts';

/** Bits of FCW that can be written; bit 6 reads as 1 (SDM vol. 1, 8.1.5). */
const FCW_BITS = 0x1f7f;
const FCW_ONE = 0x40;

/** (): raises #MF for a pending exception: fwait, and in front of other waiting instructions. */
const wait: Helper = (h) => {
  const u = unitOf(h);
  return () => {
    if ((u.status & ES) !== 0) h.raise(VECTOR.MF);
  };
};

function setControl(u: Unit, value: number): void {
  u.h.cpu.u64[CELL.fcw] = BigInt((value & FCW_BITS) | FCW_ONE);
  u.summarise();
}
function statusWord(u: Unit): number {
  return u.status | (u.top << 11);
}
function setStatusWord(u: Unit, value: number): void {
  u.top = (value >> 11) & 7;
  u.status = value & 0x477f;
  u.summarise();
}
function initialise(u: Unit): void {
  const { u64 } = u.h.cpu;
  u64[CELL.fcw] = 0x37fn;
  for (const cell of [CELL.fsw, CELL.ftop, CELL.ftw, CELL.fop, CELL.fip, CELL.fdp]) u64[cell] = 0n;
}

/** (cell): fldcw. */
const loadControl: Helper = (h) => {
  const u = unitOf(h);
  return (cell) => {
    if ((u.status & ES) !== 0) h.raise(VECTOR.MF);
    setControl(u, h.cpu.i32[2 * cell]! & 0xffff);
  };
};
/** (cell): the status word into a cell. */
const readStatus: Helper = (h) => {
  const u = unitOf(h);
  return (cell) => void (h.cpu.u64[cell] = BigInt(statusWord(u)));
};
/** (): fnclex. */
const clear: Helper = (h) => {
  const u = unitOf(h);
  return () => void (u.status &= ~(0x7f | ES | BUSY));
};
const init: Helper = (h) => {
  const u = unitOf(h);
  return () => initialise(u);
};
/** (by): fincstp, fdecstp. */
const turn: Helper = (h) => {
  const u = unitOf(h);
  return (by) => {
    u.begin();
    u.top += by;
    u.status &= ~C1;
  };
};
/** (i, pop): ffree, ffreep. */
const free: Helper = (h) => {
  const u = unitOf(h);
  return (i, pop) => {
    u.begin();
    u.free(i);
    if (pop !== 0) u.pop();
  };
};

/** The two-bit tag of each physical register (SDM vol. 1, 8.1.7). */
function fullTags(u: Unit): number {
  const { u16, u32 } = u.h.cpu;
  let tags = 0;
  for (let i = 0; i < 8; i++) {
    let tag = 3;
    if ((u.tags & (1 << i)) !== 0) {
      const at = BYTE.x87 + 16 * i;
      const e = u16[(at + 8) >> 1]! & 0x7fff;
      const hi = u32[(at + 4) >> 2]!;
      if (e === 0 && hi === 0 && u32[at >> 2] === 0) tag = 1;
      else tag = e !== 0 && e !== 0x7fff && hi >= 0x80000000 ? 0 : 2;
    }
    tags |= tag << (2 * i);
  }
  return tags;
}

const ENVIRONMENT_BYTES: readonly number[] = [28, 14];

/** The environment in its protected-mode layout of 32-bit (28 bytes) or 16-bit (14 bytes) fields (SDM vol. 1, 8.1.10). Selectors are 0. */
function packEnvironment(u: Unit, into: DataView, small: number): void {
  const { u32 } = u.h.cpu;
  const fip = u32[2 * CELL.fip]!;
  const fdp = u32[2 * CELL.fdp]!;
  if (small !== 0) {
    [u.control, statusWord(u), fullTags(u), fip & 0xffff, 0, fdp & 0xffff, 0].forEach((v, i) => into.setUint16(2 * i, v, true));
    return;
  }
  const high = 0xffff0000;
  [u.control | high, statusWord(u) | high, fullTags(u) | high, fip, u32[2 * CELL.fop]! << 16, fdp, high].forEach((v, i) => into.setUint32(4 * i, v >>> 0, true));
}
function unpackEnvironment(u: Unit, from: DataView, small: number): void {
  const { u64 } = u.h.cpu;
  const field = small !== 0 ? (i: number) => from.getUint16(2 * i, true) : (i: number) => from.getUint32(4 * i, true);
  u64[CELL.fcw] = BigInt((field(0) & FCW_BITS) | FCW_ONE);
  setStatusWord(u, field(1) & 0xffff);
  const tags = field(2);
  let abridged = 0;
  for (let i = 0; i < 8; i++) if (((tags >> (2 * i)) & 3) !== 3) abridged |= 1 << i;
  u.tags = abridged;
  u64[CELL.fip] = BigInt(field(3));
  u64[CELL.fdp] = BigInt(field(5));
  u64[CELL.fop] = small !== 0 ? 0n : BigInt((field(4) >>> 16) & 0x7ff);
}

/** (cell of the linear address, 1 for the 16-bit layout): fnstenv; masks all exceptions afterwards. */
const storeEnvironment: Helper = (h) => {
  const u = unitOf(h);
  return (cell, small) => {
    const bytes = new Uint8Array(ENVIRONMENT_BYTES[small]!);
    packEnvironment(u, new DataView(bytes.buffer), small);
    h.write(cell, 0, bytes);
    setControl(u, u.control | 63);
  };
};
const loadEnvironment: Helper = (h) => {
  const u = unitOf(h);
  return (cell, small) => {
    if ((u.status & ES) !== 0) h.raise(VECTOR.MF);
    const bytes = new Uint8Array(ENVIRONMENT_BYTES[small]!);
    h.read(cell, 0, bytes);
    unpackEnvironment(u, new DataView(bytes.buffer), small);
  };
};
/** (cell, small): fnsave: environment and registers from ST(0) on, then as fninit. */
const save: Helper = (h) => {
  const u = unitOf(h);
  return (cell, small) => {
    const n = ENVIRONMENT_BYTES[small]!;
    const bytes = new Uint8Array(n + 80);
    packEnvironment(u, new DataView(bytes.buffer), small);
    for (let i = 0; i < 8; i++) {
      const at = BYTE.x87 + 16 * ((u.top + i) & 7);
      bytes.set(h.cpu.u8.subarray(at, at + 10), n + 10 * i);
    }
    h.write(cell, 0, bytes);
    initialise(u);
  };
};
const restore: Helper = (h) => {
  const u = unitOf(h);
  return (cell, small) => {
    if ((u.status & ES) !== 0) h.raise(VECTOR.MF);
    const n = ENVIRONMENT_BYTES[small]!;
    const bytes = new Uint8Array(n + 80);
    h.read(cell, 0, bytes);
    unpackEnvironment(u, new DataView(bytes.buffer), small);
    for (let i = 0; i < 8; i++) {
      const at = BYTE.x87 + 16 * ((u.top + i) & 7);
      h.cpu.u8.set(bytes.subarray(n + 10 * i, n + 10 * i + 10), at);
    }
  };
};

export const control: HelperTable = {
  'x87.wait': wait, 'x87.ldcw': loadControl, 'x87.stsw': readStatus, 'x87.clex': clear, 'x87.init': init, 'x87.turn': turn, 'x87.free': free,
  'x87.stenv': storeEnvironment, 'x87.ldenv': loadEnvironment, 'x87.save': save, 'x87.rstor': restore,
};
