import { Mnemonic } from '../../iced.ts';
import { family, type Lift } from '../family.ts';
import { clearUpper, faulting, imm8, source, xmm } from '../sse/operands.ts';
import { isWide, vex } from '../vex.ts';

/** Halves to floats: twice as wide. */
const fromHalf: Lift = (c) => {
  const d = xmm(c, 0);
  const wide = isWide(c);
  const a = source(c, 1, wide ? 16 : 8);
  faulting(c, wide ? 'vcvtph2ps' : 'cvtph2ps', [d, a]);
  if (!wide) clearUpper(c, d);
};
/** Floats to halves, to a register or memory: which must be there before an exception is recorded. */
const toHalf: Lift = (c) => {
  const bytes = isWide(c) ? 16 : 8;
  const name = isWide(c) ? 'vcvtps2ph' : 'cvtps2ph';
  const control = imm8(c, 2) & 7;
  if (c.isMemory(0)) {
    const ea = c.ea();
    const t = c.b.vtemp();
    c.b.push({ op: 'probe', ea, bytes, write: true });
    faulting(c, name, [t, xmm(c, 1), 0, control]);
    return c.b.push({ op: 'vstore', a: t, ea, bytes, aligned: false });
  }
  const d = xmm(c, 0);
  faulting(c, name, [d, xmm(c, 1), 0, control]);
  clearUpper(c, d);
};

export const halves = family(() => [[Mnemonic.Vcvtph2ps, vex(fromHalf)], [Mnemonic.Vcvtps2ph, vex(toHalf)]]);
