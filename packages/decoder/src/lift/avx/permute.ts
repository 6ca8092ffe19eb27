import type { VSlot } from '../../ir/ops.ts';
import type { LiftContext } from '../context.ts';
import type { Lift } from '../family.ts';
import { clearUpper, halves, HIGH, imm8, lane, source, vload, vmov, vstore, xmm } from '../sse/operands.ts';
import { shuffleTwo } from '../sse/shuffles.ts';
import { vexForms } from '../vex.ts';

/** vpermilps, vpermilpd: lanes of a by an immediate, or by the lanes of b. */
const withinHalves = (size: 4 | 8): Lift => (c) => {
  const d = xmm(c, 0);
  const byLanes = c.isMemory(2) || c.isRegister(2);
  if (byLanes) {
    const a = xmm(c, 1);
    const b = source(c, 2);
    return halves(c, d, (h) => lane(c, size === 4 ? 'i32x4.permute' : 'i64x2.permute', d + h, a + h, b + h));
  }
  const a = source(c, 1);
  const control = imm8(c, 2);
  halves(c, d, (h) => lane(c, size === 4 ? 'i32x4.shuffle' : 'i64x2.shuffle', d + h, a + h, a + h, size === 4 ? control : (h === 0 ? control : control >> 2) & 3));
};

/** Writes both halves of d, neither before both are there. */
function writeHalves(c: LiftContext, d: VSlot, make: (to: VSlot, half: 0 | 1) => void): void {
  const t = c.b.vtemp();
  make(t, 0);
  make(d + HIGH, 1);
  vmov(c, d, t);
}

/** vperm2f128: each half is one of the four, or zero. */
const halvesOfTwo: Lift = (c) => {
  const [a, b] = [xmm(c, 1), source(c, 2)];
  const control = imm8(c, 3);
  writeHalves(c, xmm(c, 0), (to, half) => {
    const choice = control >> (4 * half);
    if ((choice & 8) !== 0) c.b.push({ op: 'vzero', d: to });
    else vmov(c, to, [a, a + HIGH, b, b + HIGH][choice & 3]!);
  });
};
const insertHalf: Lift = (c) => {
  const d = xmm(c, 0);
  const [a, b] = [xmm(c, 1), source(c, 2, 16)];
  const upper = (imm8(c, 3) & 1) !== 0;
  writeHalves(c, d, (to, half) => vmov(c, to, upper === (half === 1) ? b : a + half * HIGH));
};
const extractHalf: Lift = (c) => {
  const a = xmm(c, 1) + (imm8(c, 2) & 1) * HIGH;
  if (c.isMemory(0)) return vstore(c, a, 16);
  vmov(c, xmm(c, 0), a);
  clearUpper(c, xmm(c, 0));
};

/** vpermq, vpermpd: quarters of a by an immediate. */
const quarters: Lift = (c) => {
  const a = source(c, 1);
  const control = imm8(c, 2);
  const from = (quarter: number): VSlot => a + (quarter >> 1) * HIGH;
  writeHalves(c, xmm(c, 0), (to, half) => {
    const low = (control >> (4 * half)) & 3;
    const high = (control >> (4 * half + 2)) & 3;
    lane(c, 'i64x2.shuffle', to, from(low), from(high), (low & 1) | ((high & 1) << 1));
  });
};
/** vpermd, vpermps: eighths of b by the lanes of a; bit 2 of a number tells the half. */
const eighths: Lift = (c) => {
  const [a, b] = [xmm(c, 1), source(c, 2)];
  const [low, high, mask] = [c.b.vtemp(), c.b.vtemp(), c.b.vtemp()];
  writeHalves(c, xmm(c, 0), (to, half) => {
    const numbers = a + half * HIGH;
    lane(c, 'i32x4.permute', low, b, numbers);
    lane(c, 'i32x4.permute', high, b + HIGH, numbers);
    lane(c, 'i32x4.shl', mask, numbers, 0, 29);
    lane(c, 'i32x4.blendv', to, low, high, mask);
  });
};

/** One lane of a register or memory to all lanes. */
const broadcast = (bytes: 1 | 2 | 4 | 8): Lift => (c) => {
  const d = xmm(c, 0);
  let a = source(c, 1, bytes);
  if (bytes === 1) {
    const zero = c.b.vtemp();
    c.b.push({ op: 'vzero', d: zero });
    a = lane(c, 'pshufb', c.b.vtemp(), a, zero);
  } else {
    if (bytes === 2) a = lane(c, 'i16x8.shuffle_low', c.b.vtemp(), a, a, 0);
    a = lane(c, bytes === 8 ? 'i64x2.shuffle' : 'i32x4.shuffle', c.b.vtemp(), a, a, 0);
  }
  halves(c, d, (h) => vmov(c, d + h, a));
};
const broadcastHalf: Lift = (c) => {
  const d = xmm(c, 0);
  const a = vload(c, 16);
  halves(c, d, (h) => vmov(c, d + h, a));
};

/** Each lane by a count of its own. */
const shiftEach = (name: string): Lift => (c) => {
  const d = xmm(c, 0);
  const [a, b] = [xmm(c, 1), source(c, 2)];
  halves(c, d, (h) => lane(c, name, d + h, a + h, b + h));
};

const zero = (all: boolean): Lift => (c) => {
  for (let i = 0; i < 16; i++) {
    if (all) c.b.push({ op: 'vzero', d: i });
    c.b.push({ op: 'vzero', d: i + HIGH });
  }
};

const ROWS: readonly (readonly [name: string, lift: Lift])[] = [
  ['Vpermilps', withinHalves(4)], ['Vpermilpd', withinHalves(8)],
  ['Vperm2f128', halvesOfTwo], ['Vperm2i128', halvesOfTwo], ['Vinsertf128', insertHalf], ['Vinserti128', insertHalf],
  ['Vextractf128', extractHalf], ['Vextracti128', extractHalf],
  ['Vpermq', quarters], ['Vpermpd', quarters], ['Vpermd', eighths], ['Vpermps', eighths],
  ['Vbroadcastss', broadcast(4)], ['Vbroadcastsd', broadcast(8)], ['Vbroadcastf128', broadcastHalf], ['Vbroadcasti128', broadcastHalf],
  ['Vpbroadcastb', broadcast(1)], ['Vpbroadcastw', broadcast(2)], ['Vpbroadcastd', broadcast(4)], ['Vpbroadcastq', broadcast(8)],
  ['Vpblendd', shuffleTwo('i32x4.blend', 15, 4)],
  ['Vpsllvd', shiftEach('i32x4.shl_each')], ['Vpsrlvd', shiftEach('i32x4.shr_u_each')], ['Vpsravd', shiftEach('i32x4.shr_s_each')],
  ['Vpsllvq', shiftEach('i64x2.shl_each')], ['Vpsrlvq', shiftEach('i64x2.shr_u_each')],
  ['Vzeroupper', zero(false)], ['Vzeroall', zero(true)],
];
/** Moves among and within halves, and shifts lane by lane: what has no legacy form (SDM vol. 2). */
export const permutations = vexForms(ROWS);
