import type { Random } from './random.ts';
import { fill, float80, type LaneKind } from './values.ts';

/** Kinds of values a family's vector registers and memory operands hold, with repetition for weight. */
const LANES: Readonly<Record<string, readonly LaneKind[]>> = {
  sse: ['f32', 'f32', 'f32', 'int'], sse2: ['f64', 'f64', 'int', 'int', 'f32'], sse3: ['f32', 'f64', 'int'], ssse3: ['int'],
  sse41: ['int', 'int', 'f32', 'f64'], sse42: ['int'], convert: ['f32', 'f64', 'int'], approximate: ['f32'], pcmpstr: ['text'], mmx: ['int'],
  avx: ['int', 'int', 'f32', 'f64'], avx2: ['int'], avxfloat: ['f32', 'f64', 'f32', 'f64', 'int'],
  avxconvert: ['f32', 'f64', 'int'], gather: ['int'], fma: ['f32', 'f64', 'f32', 'f64', 'int'], f16c: ['f32', 'f16', 'f32', 'int'], crypto: ['int'],
  x87: ['f80'], transcendental: ['f80'],
};

export const lanesOf = (family: string): readonly LaneKind[] => LANES[family] ?? ['int'];

/** FXSAVE64 image: x87 with some stack, MXCSR, xmm registers (SDM vol. 1, tables 10-2 and 8-3). */
export function randomFx(r: Random, family: string): Uint8Array {
  const fx = new Uint8Array(512);
  const view = new DataView(fx.buffer);
  const x87 = family === 'x87' || family === 'transcendental' || family === 'state';
  const lanes = lanesOf(family);
  randomX87(r, view, x87, family === 'mmx' || family === 'convert');
  view.setUint32(24, randomMxcsr(r, lanes.some((kind) => kind.startsWith('f')) && !x87 || family === 'state'), true);
  view.setUint32(28, 0xffff, true);
  const kind = r.pick(lanes);
  const shared = r.chance(0.7);
  for (let i = 0; i < 16; i++) fill(r, shared ? kind : r.pick(lanes), view, 160 + 16 * i, 16);
  return fx;
}

export function randomMxcsr(r: Random, vary: boolean): number {
  if (!vary) return 0x1f80;
  let mxcsr = 0x1f80;
  if (r.chance(0.5)) mxcsr |= r.below(4) << 13;
  if (r.chance(0.2)) mxcsr |= 0x8000; // flush to zero
  if (r.chance(0.2)) mxcsr |= 0x40; // denormals are zeros
  if (r.chance(0.3)) mxcsr |= r.below(64);
  if (r.chance(0.15)) mxcsr &= ~(r.below(64) << 7);
  return mxcsr;
}

/** Control, status and tag words; ES and B as the masks say. `vary`: not only the state at reset. */
function randomX87(r: Random, view: DataView, vary: boolean, mmx: boolean): void {
  let fcw = 0x37f;
  let fsw = r.below(8) << 11;
  if (vary) {
    if (r.chance(0.5)) fcw = fcw & ~0xc00 | r.below(4) << 10;
    if (r.chance(0.4)) fcw = fcw & ~0x300 | r.pick([0, 0x200, 0x300]);
    if (r.chance(0.15)) fcw &= ~r.below(64);
    fsw |= r.below(16) << 8 & 0x700 | r.below(2) << 14;
    if (r.chance(0.3)) fsw |= r.below(128) & (r.chance(0.8) ? fcw | 0x40 : 0x7f);
  } else if (mmx && r.chance(0.03)) { fcw &= ~1; fsw |= 1; }
  if (fsw & ~fcw & 0x3f) fsw |= 0x8080;
  view.setUint16(0, fcw, true);
  view.setUint16(2, fsw, true);
  view.setUint8(4, vary ? (r.chance(0.5) ? 0xff : r.below(256)) : r.chance(0.8) ? 0 : r.below(256));
  for (let i = 0; i < 8; i++) {
    if (mmx) {
      fill(r, 'int', view, 32 + 16 * i, 8);
      view.setUint16(40 + 16 * i, r.chance(0.7) ? 0xffff : r.below(65536), true);
    } else float80(r, view, 32 + 16 * i);
  }
}
