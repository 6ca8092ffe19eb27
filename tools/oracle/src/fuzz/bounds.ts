import type { FuzzCase } from './case.ts';

/** Instructions whose results the architecture gives within a bound only. */
export const isInexact = (test: FuzzCase): boolean => test.family === 'transcendental' || test.family === 'approximate';

/** The smallest normal number, with the error of an approximation. */
const TINY = 2 ** -126 * (1 + 2 ** -11);

/** Relative error of at most 1.5 * 2^-12 of the true value on both sides (SDM vol. 2, RCPPS, RSQRTPS); tiny results may be zeros. */
function closeFloats(a: DataView, b: DataView, at: number): boolean {
  for (let lane = at; lane < at + 16; lane += 4) {
    if (a.getUint32(lane, true) === b.getUint32(lane, true)) continue;
    const x = a.getFloat32(lane, true), y = b.getFloat32(lane, true);
    const tiny = Math.abs(x) <= TINY && Math.abs(y) <= TINY && (x * y > 0 || x === 0 || y === 0);
    if (!tiny && !(Math.abs(x - y) <= Math.abs(x) * 3 * 2 ** -12)) return false;
  }
  return true;
}

/** An 80-bit number as an integer that counts units in the last place. */
function inUlps(view: DataView, at: number): bigint {
  const exponent = view.getUint16(at + 8, true);
  const magnitude = (BigInt(exponent & 0x7fff) << 63n) + (view.getBigUint64(at, true) & (1n << 63n) - 1n);
  return exponent & 0x8000 ? -magnitude : magnitude;
}

/**
 * Whether a field lies within the bound. Transcendentals: one unit in the last place on either side (SDM vol. 1, 8.3.10), and what of the
 * status says how it was rounded. `modelled`: the CPU is the one that our approximations were measured on, so these agree in every bit.
 */
export function withinBound(test: FuzzCase, field: string, native: Uint8Array, ours: Uint8Array, at: number, modelled: boolean): boolean {
  const a = new DataView(native.buffer, native.byteOffset), b = new DataView(ours.buffer, ours.byteOffset);
  if (test.family === 'approximate') return !modelled && field.startsWith('xmm') && closeFloats(a, b, at);
  if (field === 'fsw') return ((a.getUint16(at, true) ^ b.getUint16(at, true)) & ~0x220) === 0; // C1, PE
  if (!field.startsWith('st')) return false;
  const distance = inUlps(a, at) - inUlps(b, at);
  return distance >= -2n && distance <= 2n;
}
