import { MemorySize, Mnemonic } from '../../iced.ts';
import { family, type Lift } from '../family.ts';
import { mmxEnter, mmxCommit, mmxSource, mmxWrite } from './mmx.ts';
import { faulting, lane, source, vload, xmm, type VectorBytes } from './operands.ts';

/** Among xmm registers; the helper is named as the instruction and called with (d, a). */
const vector = (name: string, bytes: VectorBytes): Lift => (c) => faulting(c, name, [xmm(c, 0), source(c, 1, bytes)]);

/** To a general register: helper(cell, a), named after the width of the integer; the result is zero-extended. */
const toInteger = (name: string, bytes: 4 | 8): Lift => (c) => {
  const t = c.b.temp();
  const size = c.size(0);
  faulting(c, `${name}${size * 8}`, [t, source(c, 1, bytes)], [t]);
  c.writeReg(c.insn.opRegister(0), t);
};

/** From a general register or memory: helper(d, cell). */
const fromInteger = (name: string): Lift => (c) => {
  const size = c.isRegister(1) ? (c.size(1) as 4 | 8) : c.insn.memorySize === MemorySize.Int64 ? 8 : 4;
  const t = c.b.un('mov', 64, c.read(1, size));
  faulting(c, `${name}${size * 8}`, [xmm(c, 0), t], [], [t]);
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

export const conversions = family(
  [Mnemonic.Cvtss2sd, vector('cvtss2sd', 4)], [Mnemonic.Cvtsd2ss, vector('cvtsd2ss', 8)],
  [Mnemonic.Cvtps2pd, vector('cvtps2pd', 8)], [Mnemonic.Cvtpd2ps, vector('cvtpd2ps', 16)],
  [Mnemonic.Cvtdq2ps, vector('cvtdq2ps', 16)], [Mnemonic.Cvtdq2pd, vector('cvtdq2pd', 8)],
  [Mnemonic.Cvtps2dq, vector('cvtps2dq', 16)], [Mnemonic.Cvttps2dq, vector('cvttps2dq', 16)],
  [Mnemonic.Cvtpd2dq, vector('cvtpd2dq', 16)], [Mnemonic.Cvttpd2dq, vector('cvttpd2dq', 16)],
  [Mnemonic.Cvtss2si, toInteger('cvtss2si', 4)], [Mnemonic.Cvttss2si, toInteger('cvttss2si', 4)],
  [Mnemonic.Cvtsd2si, toInteger('cvtsd2si', 8)], [Mnemonic.Cvttsd2si, toInteger('cvttsd2si', 8)],
  [Mnemonic.Cvtsi2ss, fromInteger('cvtsi2ss')], [Mnemonic.Cvtsi2sd, fromInteger('cvtsi2sd')],
  [Mnemonic.Cvtpi2ps, fromMmx('cvtpi2ps')], [Mnemonic.Cvtpi2pd, fromMmx('cvtdq2pd')],
  [Mnemonic.Cvtps2pi, toMmx('cvtps2dq', 8)], [Mnemonic.Cvttps2pi, toMmx('cvttps2dq', 8)],
  [Mnemonic.Cvtpd2pi, toMmx('cvtpd2dq', 16)], [Mnemonic.Cvttpd2pi, toMmx('cvttpd2dq', 16)],
);
