import { BYTE, CELL, VECTOR_SLOT, VECTOR_STRIDE, vectorOffset, type CpuState } from '@tally86/core';
import {
  MXCSR_MASK, initX87, initXmm, mxcsrOf, putMxcsr, putX87Control, putX87Registers, putXmm, takeX87, takeXmm,
} from './fxsave.ts';

/** State components (SDM vol. 1, 13.1). */
export const X87 = 1;
export const SSE = 2;
/** Upper halves of the ymm registers. */
export const AVX = 4;
const HEADER = 512;
/** Bytes of an image with x87 and SSE: the legacy area and the header. The upper halves follow, in the compacted form too. */
const LEGACY_BYTES = 576;
const AVX_BYTES = 256;
/** Bytes of an image with the components of a mask. */
export function xsaveBytes(mask: number): number {
  return (mask & AVX) !== 0 ? LEGACY_BYTES + AVX_BYTES : LEGACY_BYTES;
}
/** XCOMP_BV bit 63: the image is compacted. */
const COMPACTED = 0x8000_0000_0000_0000n;

/** Components that differ from their initial configuration (XINUSE; SDM vol. 1, 13.6). */
export function componentsInUse(cpu: CpuState): number {
  const { u64, u8 } = cpu;
  let used = 0;
  if (u64[CELL.fcw] !== 0x37fn) used |= X87;
  for (const cell of [CELL.fsw, CELL.ftop, CELL.ftw, CELL.fop, CELL.fip, CELL.fdp]) if (u64[cell] !== 0n) used |= X87;
  for (let i = 0; i < 8; i++) for (let k = 0; k < 10; k++) if (u8[BYTE.x87 + 16 * i + k] !== 0) used |= X87;
  for (let i = 0; i < 16; i++) for (let k = 0; k < 16; k++) if (u8[BYTE.vector + i * VECTOR_STRIDE + k] !== 0) used |= SSE;
  for (let i = vectorOffset(VECTOR_SLOT.high); i < vectorOffset(VECTOR_SLOT.temp); i++) if (u8[i] !== 0) used |= AVX;
  return used;
}

/** Puts the components of `mask` into an image. */
function putComponents(cpu: CpuState, into: Uint8Array, mask: number, wide: boolean): void {
  if ((mask & X87) !== 0) {
    putX87Control(cpu, into, wide);
    putX87Registers(cpu, into);
  }
  if ((mask & SSE) !== 0) putXmm(cpu, into);
  if ((mask & AVX) !== 0) into.set(upperHalves(cpu), LEGACY_BYTES);
}
const upperHalves = (cpu: CpuState): Uint8Array => cpu.u8.subarray(vectorOffset(VECTOR_SLOT.high), vectorOffset(VECTOR_SLOT.temp));

/**
 * XSAVE (`optimise`: XSAVEOPT) on an image that holds what memory held: writes the components of `mask` and XSTATE_BV.
 * XSAVEOPT leaves components in their initial configuration alone.
 */
export function writeXsave(cpu: CpuState, image: Uint8Array, mask: number, wide: boolean, optimise: boolean): void {
  const used = componentsInUse(cpu) & mask;
  putComponents(cpu, image, optimise ? used : mask, wide);
  if ((mask & (SSE | AVX)) !== 0) putMxcsr(cpu, image);
  image[HEADER] = (image[HEADER] & ~mask) | used;
}

/** XSAVEC: the compacted form, which for these components has the same places. MXCSR counts as part of SSE. */
export function writeXsavec(cpu: CpuState, image: Uint8Array, mask: number, wide: boolean): void {
  let used = componentsInUse(cpu) & mask;
  if ((mask & SSE) !== 0 && cpu.u64[CELL.mxcsr] !== 0x1f80n) used |= SSE;
  putComponents(cpu, image, used, wide);
  if ((used & SSE) !== 0) putMxcsr(cpu, image);
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  view.setBigUint64(HEADER, BigInt(used), true);
  view.setBigUint64(HEADER + 8, COMPACTED | BigInt(mask), true);
}

/** XRSTOR of a whole image; false, with nothing changed, if it is #GP. `compact`: the CPU knows the compacted form. */
export function readXsave(cpu: CpuState, image: Uint8Array, mask: number, xcr0: number, wide: boolean, compact: boolean): boolean {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const present = view.getBigUint64(HEADER, true);
  const layout = view.getBigUint64(HEADER + 8, true);
  const all = BigInt(xcr0);
  if ((present & ~all) !== 0n) return false;
  const compacted = (layout & COMPACTED) !== 0n;
  if (compacted) {
    const listed = layout & ~COMPACTED;
    if (!compact || (listed & ~all) !== 0n || (present & ~listed) !== 0n) return false;
    for (let i = 16; i < 64; i++) if (image[HEADER + i] !== 0) return false;
  } else if (layout !== 0n || view.getBigUint64(HEADER + 16, true) !== 0n) return false;
  const load = Number(present) & mask;
  // the standard form loads MXCSR even where SSE gets its initial configuration
  const loadsMxcsr = compacted ? (load & SSE) !== 0 : (mask & (SSE | AVX)) !== 0;
  const mxcsr = loadsMxcsr ? mxcsrOf(image) : 0x1f80;
  if ((mxcsr & ~MXCSR_MASK) !== 0) return false;
  if ((mask & X87) !== 0) {
    if ((load & X87) !== 0) takeX87(cpu, image, wide);
    else initX87(cpu);
  }
  if ((mask & (SSE | AVX)) !== 0 && (loadsMxcsr || (mask & SSE) !== 0)) cpu.u64[CELL.mxcsr] = BigInt(mxcsr);
  if ((mask & SSE) !== 0) {
    if ((load & SSE) !== 0) takeXmm(cpu, image);
    else initXmm(cpu);
  }
  if ((mask & AVX) !== 0) {
    if ((load & AVX) !== 0) upperHalves(cpu).set(image.subarray(LEGACY_BYTES, LEGACY_BYTES + AVX_BYTES));
    else upperHalves(cpu).fill(0);
  }
  return true;
}
