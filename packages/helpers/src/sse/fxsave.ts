import { BYTE, CELL, VECTOR_STRIDE, type CpuState } from '@tally86/core';

/** Bytes of the area that FXSAVE defines; those behind it, up to 512, belong to software. */
export const FXSAVE_BYTES = 416;
export const MXCSR_MASK = 0xffff;

/** FCW to FDP, with the two instruction and data pointers as 64-bit offsets (`wide`) or 32-bit offsets with selectors of 0. */
export function putX87Control(cpu: CpuState, into: Uint8Array, wide: boolean): void {
  const { i32, u32 } = cpu;
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  view.setUint16(0, i32[2 * CELL.fcw], true);
  view.setUint16(2, (i32[2 * CELL.fsw] & ~0x3800) | ((i32[2 * CELL.ftop] & 7) << 11), true);
  view.setUint8(4, i32[2 * CELL.ftw]);
  view.setUint8(5, 0);
  view.setUint16(6, i32[2 * CELL.fop], true);
  view.setUint32(8, u32[2 * CELL.fip], true);
  view.setUint32(12, wide ? u32[2 * CELL.fip + 1] : 0, true);
  view.setUint32(16, u32[2 * CELL.fdp], true);
  view.setUint32(20, wide ? u32[2 * CELL.fdp + 1] : 0, true);
}

export function putMxcsr(cpu: CpuState, into: Uint8Array): void {
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  view.setUint32(24, cpu.u32[2 * CELL.mxcsr], true);
  view.setUint32(28, MXCSR_MASK, true);
}

/** ST(0) to ST(7), each 10 bytes in 16. */
export function putX87Registers(cpu: CpuState, into: Uint8Array): void {
  const top = cpu.i32[2 * CELL.ftop];
  for (let i = 0; i < 8; i++) {
    const from = BYTE.x87 + 16 * ((top + i) & 7);
    for (let k = 0; k < 10; k++) into[32 + 16 * i + k] = cpu.u8[from + k];
    into.fill(0, 32 + 16 * i + 10, 48 + 16 * i);
  }
}

export function putXmm(cpu: CpuState, into: Uint8Array): void {
  for (let i = 0; i < 16; i++) {
    const from = BYTE.vector + i * VECTOR_STRIDE;
    into.set(cpu.u8.subarray(from, from + 16), 160 + 16 * i);
  }
}

/** Takes what putX87Control and putX87Registers put. The summary bits of FSW follow from its flags and the masks. */
export function takeX87(cpu: CpuState, from: Uint8Array, wide: boolean): void {
  const { u8, u64 } = cpu;
  const view = new DataView(from.buffer, from.byteOffset, from.byteLength);
  const fcw = (view.getUint16(0, true) & 0x1f7f) | 0x40;
  let fsw = view.getUint16(2, true);
  const top = (fsw >> 11) & 7;
  fsw &= 0x477f;
  if ((fsw & ~fcw & 0x3f) !== 0) fsw |= 0x8080;
  u64[CELL.fcw] = BigInt(fcw);
  u64[CELL.fsw] = BigInt(fsw);
  u64[CELL.ftop] = BigInt(top);
  u64[CELL.ftw] = BigInt(from[4]);
  u64[CELL.fop] = BigInt(view.getUint16(6, true) & 0x7ff);
  u64[CELL.fip] = wide ? view.getBigUint64(8, true) : BigInt(view.getUint32(8, true));
  u64[CELL.fdp] = wide ? view.getBigUint64(16, true) : BigInt(view.getUint32(16, true));
  for (let i = 0; i < 8; i++) {
    const to = BYTE.x87 + 16 * ((top + i) & 7);
    for (let k = 0; k < 10; k++) u8[to + k] = from[32 + 16 * i + k];
    u8.fill(0, to + 10, to + 16);
  }
}

/** x87 as FNINIT leaves it, and all registers zero. */
export function initX87(cpu: CpuState): void {
  for (const cell of [CELL.fsw, CELL.ftop, CELL.ftw, CELL.fop, CELL.fip, CELL.fdp]) cpu.u64[cell] = 0n;
  cpu.u64[CELL.fcw] = 0x37fn;
  cpu.u8.fill(0, BYTE.x87, BYTE.x87 + 128);
}

export function takeXmm(cpu: CpuState, from: Uint8Array): void {
  for (let i = 0; i < 16; i++) cpu.u8.set(from.subarray(160 + 16 * i, 176 + 16 * i), BYTE.vector + i * VECTOR_STRIDE);
}
export function initXmm(cpu: CpuState): void {
  for (let i = 0; i < 16; i++) cpu.u8.fill(0, BYTE.vector + i * VECTOR_STRIDE, BYTE.vector + i * VECTOR_STRIDE + 16);
}

/** The MXCSR of an image. */
export function mxcsrOf(from: Uint8Array): number {
  return new DataView(from.buffer, from.byteOffset, from.byteLength).getUint32(24, true);
}

/** Writes the first 416 bytes of an FXSAVE64 image (SDM vol. 1, 10.5.1); the rest of `into` stays. */
export function readFxsaveImage(cpu: CpuState, into: Uint8Array, wide = true): void {
  putX87Control(cpu, into, wide);
  putMxcsr(cpu, into);
  putX87Registers(cpu, into);
  putXmm(cpu, into);
}

/** Loads an FXSAVE64 image; false, with nothing changed, if it would be #GP (reserved bits of MXCSR). */
export function writeFxsaveImage(cpu: CpuState, from: Uint8Array, wide = true): boolean {
  const mxcsr = mxcsrOf(from);
  if ((mxcsr & ~MXCSR_MASK) !== 0) return false;
  takeX87(cpu, from, wide);
  cpu.u64[CELL.mxcsr] = BigInt(mxcsr);
  takeXmm(cpu, from);
  return true;
}
