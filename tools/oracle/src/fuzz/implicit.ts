import { LAYOUT } from './case.ts';
import { integerOffCode, patch, patchU64, randomTarget, type Draft } from './draft.ts';
import { float80, integer } from './values.ts';
import { randomFx } from './vector-state.ts';

const RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7;

function put(draft: Draft, register: number, value: bigint): void {
  if (draft.fixed.has(register)) return;
  draft.gpr[register] = BigInt.asUintN(64, value);
  draft.fixed.add(register);
}

/** An address that a jump may go to: near the code mostly, at times not canonical. */
function jumpTarget(draft: Draft): bigint {
  return draft.r.chance(0.9) ? BigInt(LAYOUT.codeBase + draft.r.below(1 << 20)) : draft.r.chance(0.5) ? draft.r.u64() & ((1n << 47n) - 1n) : integer(draft.r);
}

/** Rules by mnemonic: registers and memory an instruction uses without saying so get values that mean something. */
const RULES: readonly (readonly [mnemonics: RegExp, rule: (draft: Draft) => void])[] = [
  [/^(Movs|Cmps|Stos|Lods|Scas|Ins|Outs)[bwdq]$/, stringOperation],
  [/^Xlatb$/, (d) => {
    put(d, RBX, d.r.chance(0.9) ? randomTarget(d.r, 256) : integerOffCode(d.r));
  }],
  [/^Maskmov/, (d) => put(d, RDI, d.target)],
  [/^(Push|Pop|Call|Ret|Enter|Leave)/, stackOperation],
  [/^(Ret)/, (d) => patchU64(d, d.gpr[RSP]!, jumpTarget(d))],
  [/^(Jmp|Call)$/, (d) => {
    patchU64(d, d.target, jumpTarget(d));
    for (let i = 0; i < 16; i++) if (i !== RSP) d.gpr[i] = jumpTarget(d);
  }],
  [/^(Loop|J)/, (d) => {
    if (d.r.chance(0.7)) d.gpr[RCX] = BigInt(d.r.pick([0, 1, 2, 0x1_0000_0000, 0x1_0000_0001]));
  }],
  [/^I?div$/i, (d) => {
    // mostly a quotient that fits: the upper half small or the sign of the lower
    if (d.r.chance(0.7)) put(d, RDX, d.r.chance(0.5) ? BigInt(d.r.below(3)) : BigInt.asIntN(64, d.gpr[RAX]!) < 0n ? -1n : 0n);
    if (d.r.chance(0.3)) put(d, RAX, BigInt(d.r.below(0x8000)));
  }],
  [/^(Ro[lr]|Rc[lr]|S[ah][lr]|Sh[lr]d)$/, (d) => {
    if (d.r.chance(0.8)) put(d, RCX, d.gpr[RCX]! & ~0xffn | BigInt(d.r.below(70)));
  }],
  [/^Cmpxchg$/, (d) => {
    if (d.r.chance(0.5)) patchU64(d, d.target, d.gpr[RAX]!);
    if (d.r.chance(0.2)) for (let i = 1; i < 16; i++) if (d.r.chance(0.5)) d.gpr[i] = d.gpr[RAX]!;
    d.fixed.add(RAX);
  }],
  [/^Cmpxchg8b$/, (d) => {
    if (d.r.chance(0.5)) patchU64(d, d.target, d.gpr[RDX]! << 32n | d.gpr[RAX]! & 0xffff_ffffn);
    d.fixed.add(RAX).add(RDX);
  }],
  [/^Cmpxchg16b$/, (d) => {
    if (d.r.chance(0.5)) {
      patchU64(d, d.target, d.gpr[RAX]!);
      patchU64(d, d.target + 8n, d.gpr[RDX]!);
    }
    d.fixed.add(RAX).add(RDX);
  }],
  [/^Popf/, (d) => patchU64(d, d.gpr[RSP]!, BigInt(d.r.u32() & ~0x100))],
  [/^Pcmpestr/, (d) => {
    for (const register of [RAX, RDX]) if (d.r.chance(0.85)) put(d, register, BigInt(d.r.below(44) - 22) & (d.r.chance(0.7) ? 0xffff_ffffn : (1n << 64n) - 1n));
  }],
  [/^V?ldmxcsr$/i, (d) => patchU64(d, d.target, BigInt(d.r.chance(0.95) ? d.r.u32() & 0xffff : d.r.u32()), 4)],
  [/^Fldcw$/, (d) => patchU64(d, d.target, BigInt(d.r.u32() & 0x1fff), 2)],
  [/^Fxrstor/, (d) => {
    const fx = randomFx(d.r, 'state');
    if (d.r.chance(0.03)) fx[26] = 1; // a reserved bit of MXCSR: #GP
    patch(d, d.target, fx.subarray(0, 416));
  }],
  [/^(Fldenv|Frstor)$/, environment],
];

function stringOperation(d: Draft): void {
  const { r } = d;
  put(d, RSI, randomTarget(r, 64));
  put(d, RDI, r.chance(0.2) ? d.gpr[RSI]! + BigInt(r.below(64) - 32) : randomTarget(r, 64));
  const count = BigInt(r.chance(0.15) ? 0 : r.below(20));
  put(d, RCX, r.chance(0.1) ? count | BigInt(r.u32()) << 32n : r.chance(0.05) ? BigInt(r.below(3000)) : count);
  // something to find, or to agree on
  if (r.chance(0.5)) patch(d, d.gpr[RSI]! - 64n, new Uint8Array(192).fill(7));
  if (r.chance(0.5)) patch(d, d.gpr[RDI]! - 64n, new Uint8Array(192).fill(r.chance(0.8) ? 7 : r.u32()));
  if (r.chance(0.5)) patch(d, d.gpr[RDI]! + BigInt(r.below(20) - 10), new Uint8Array([r.u32()]));
  if (r.chance(0.5)) d.gpr[RAX] = 0x0707_0707_0707_0707n;
}

function stackOperation(d: Draft): void {
  put(d, RSP, randomTarget(d.r, 8) + BigInt(d.r.chance(0.3) ? 8 : 0));
  const frame = d.form.mnemonicName === 'Enter' || d.form.mnemonicName === 'Leave';
  if (frame) put(d, RBP, randomTarget(d.r, 8));
}

/** An x87 environment or state of 14 / 28 bytes, registers behind it (SDM vol. 1, figures 8-9 and 8-10). */
function environment(d: Draft): void {
  const { r } = d;
  const small = d.form.prefixes.includes(0x66);
  const bytes = new Uint8Array((small ? 14 : 28) + 80);
  const view = new DataView(bytes.buffer);
  const step = small ? 2 : 4;
  for (let i = 0; i < (small ? 14 : 28); i++) bytes[i] = r.u32();
  const fcw = r.chance(0.8) ? 0x37f | r.below(4) << 10 : r.below(0x2000);
  let fsw = r.u32() & 0x7f7f & (r.chance(0.8) ? fcw | 0xffc0 : 0xffff);
  if (r.chance(0.1)) fsw |= 0x8080; // ES and B are recomputed
  view.setUint16(0, fcw, true);
  view.setUint16(step, fsw, true);
  view.setUint16(2 * step, r.chance(0.5) ? 0xffff : r.u32(), true);
  for (let i = 0; i < 8; i++) float80(r, view, (small ? 14 : 28) + 10 * i);
  patch(d, d.target, bytes);
}

/** Applies every rule of the form's mnemonic. */
export function implicitState(draft: Draft): void {
  for (const [mnemonics, rule] of RULES) if (mnemonics.test(draft.form.mnemonicName)) rule(draft);
}
