import type { Mnemonic } from '../../iced.ts';
import type { VSlot } from '../../ir/ops.ts';
import { family, type Lift } from '../family.ts';
import { clearUpper, faulting, source, xmm } from '../sse/operands.ts';
import { isWide, named, vex } from '../vex.ts';

/** Of three operands two are multiplied and one is added: 132 means the first by the third plus the second, and so on. */
const ORDERS = { 132: [0, 2, 1], 213: [1, 0, 2], 231: [1, 2, 0] } as const;
const FORMATS = { ps: ['f32x4', 'f32x8'], pd: ['f64x2', 'f64x4'], ss: ['f32', null], sd: ['f64', null] } as const;

const multiplyAdd = (kind: string, order: keyof typeof ORDERS, format: keyof typeof FORMATS): Lift => (c) => {
  const [narrow, wide] = FORMATS[format];
  const d = xmm(c, 0);
  const operands: readonly VSlot[] = [d, xmm(c, 1), wide === null ? source(c, 2, format === 'ss' ? 4 : 8) : source(c, 2)];
  // scalars: the other lanes stay
  faulting(c, `${wide !== null && isWide(c) ? wide : narrow}.${kind}`, [d, ...ORDERS[order].map((i) => operands[i]!)]);
  if (!isWide(c)) clearUpper(c, d);
};

/** FMA: one rounding for product and sum (SDM vol. 2). */
export const fused = family(() => Object.keys(ORDERS).flatMap((order) =>
  ([['fmadd', ['ps', 'pd', 'ss', 'sd']], ['fmsub', ['ps', 'pd', 'ss', 'sd']], ['fnmadd', ['ps', 'pd', 'ss', 'sd']], ['fnmsub', ['ps', 'pd', 'ss', 'sd']],
    ['fmaddsub', ['ps', 'pd']], ['fmsubadd', ['ps', 'pd']]] as const).flatMap(([kind, formats]) => formats.map((format): readonly [Mnemonic, Lift] =>
    [named(`V${kind}${order}${format}`), vex(multiplyAdd(kind, Number(order) as keyof typeof ORDERS, format))]))));
