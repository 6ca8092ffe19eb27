import { MemorySize, Mnemonic } from '../../iced.ts';
import { family, type Lift } from '../family.ts';
import { mmxEnter, mmxCommit, mmxSource, mmxWrite } from './mmx.ts';
import { clearUpper, faulting, first, lane, source, vload, xmm, type VectorBytes } from './operands.ts';
import { isWide, withVex } from '../vex.ts';
import { lowLane } from './floats.ts';

/** Among vector registers; the helper is named as the instruction and called with (d, a). That of 256 bits has a v in front. */
const vector = (name: string, bytes: 8 | 16, narrows = false): Lift => (c) => {
  const d = xmm(c, 0);
  const wide = isWide(c);
  const a = wide ? source(c, 1, (2 * bytes) as VectorBytes, false) : source(c, 1, bytes);
  faulting(c, wide ? `v${name}` : name, [d, a]);
  if (!wide || narrows) clearUpper(c, d);
};
/** Between scalars: the other lanes are those of the first source. */
const scalar = (name: string, bytes: 4 | 8): Lift => (c) => {
  const a = source(c, first(c) + 1, bytes);
  lowLane(c, (d) => faulting(c, name, [d, a]));
};

/** To a general register: helper(cell, a), named after the width of the integer; the result is zero-extended. */
const toInteger = (name: string, bytes: 4 | 8): Lift => (c) => {
  const t = c.b.temp();
  const size = c.size(0);
  faulting(c, `${name}${size * 8}`, [t, source(c, 1, bytes)], [t]);
  c.writeReg(c.insn.opRegister(0), t);
};

/** From a general register or memory: helper(d, cell). */
const fromInteger = (name: string): Lift => (c) => {
  const from = first(c) + 1;
  const size = c.isRegister(from) ? (c.size(from) as 4 | 8) : c.insn.memorySize === MemorySize.Int64 ? 8 : 4;
  const t = c.b.un('mov', 64, c.read(from, size));
  lowLane(c, (d) => faulting(c, `${name}${size * 8}`, [d, t], [], [t]));
};

/**
 * From an mmx register or memory, which has nothing to do with mmx state (SDM vol. 2, CVTPI2PD; Zen 4 treats CVTPI2PS alike).
 * The helper reads the low two lanes. Mmx state is entered before #XM.
 */
const fromMmx = (name: string): Lift => (c) => {
  if (c.isMemory(1)) return faulting(c, name, [xmm(c, 0), vload(c, 8)]);
  mmxEnter(c);
  const a = mmxSource(c, 1);
  mmxCommit(c);
  faulting(c, name, [xmm(c, 0), a]);
};
/** To an mmx register, by way of the form for xmm registers. */
const toMmx = (name: string, bytes: 8 | 16): Lift => (c) => {
  mmxEnter(c);
  let a = source(c, 1, bytes);
  // the upper lanes of a register take no part
  if (bytes === 8 && !c.isMemory(1)) a = lane(c, 'v128.low64', c.b.vtemp(), a);
  mmxCommit(c);
  const t = c.b.vtemp();
  faulting(c, name, [t, a]);
  mmxWrite(c, 0, t);
};

export const conversions = family(() => [
  ...([
    ['Cvtss2sd', scalar('cvtss2sd', 4)], ['Cvtsd2ss', scalar('cvtsd2ss', 8)],
    ['Cvtps2pd', vector('cvtps2pd', 8)], ['Cvtpd2ps', vector('cvtpd2ps', 16, true)],
    ['Cvtdq2ps', vector('cvtdq2ps', 16)], ['Cvtdq2pd', vector('cvtdq2pd', 8)],
    ['Cvtps2dq', vector('cvtps2dq', 16)], ['Cvttps2dq', vector('cvttps2dq', 16)],
    ['Cvtpd2dq', vector('cvtpd2dq', 16, true)], ['Cvttpd2dq', vector('cvttpd2dq', 16, true)],
    ['Cvtss2si', toInteger('cvtss2si', 4)], ['Cvttss2si', toInteger('cvttss2si', 4)],
    ['Cvtsd2si', toInteger('cvtsd2si', 8)], ['Cvttsd2si', toInteger('cvttsd2si', 8)],
    ['Cvtsi2ss', fromInteger('cvtsi2ss')], ['Cvtsi2sd', fromInteger('cvtsi2sd')],
  ] as const).flatMap(([name, lift]) => withVex(name, lift)),
  [Mnemonic.Cvtpi2ps, fromMmx('cvtpi2ps')], [Mnemonic.Cvtpi2pd, fromMmx('cvtdq2pd')],
  [Mnemonic.Cvtps2pi, toMmx('cvtps2dq', 8)], [Mnemonic.Cvttps2pi, toMmx('cvttps2dq', 8)],
  [Mnemonic.Cvtpd2pi, toMmx('cvtpd2dq', 16)], [Mnemonic.Cvttpd2pi, toMmx('cvttpd2dq', 16)],
]);
