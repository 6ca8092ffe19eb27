import type { Form, VexPrefix } from './forms.ts';
import type { Random } from './random.ts';

/** A memory operand as ModRM and SIB say it; the generator finds register values that make it point where it wants. */
export interface MemoryOperand {
  /** Register numbers 0–15; null: none. */
  readonly base: number | null;
  readonly index: number | null;
  readonly scale: 1 | 2 | 4 | 8;
  readonly displacement: number;
  readonly displacementSize: 0 | 1 | 4;
  readonly ripRelative: boolean;
}

export interface EncodeChoices {
  /** In the order they are written; mandatory ones come from the form. */
  readonly extraPrefixes: readonly number[];
  readonly reg: number;
  /** A register number, or memory. */
  readonly rm: number | MemoryOperand;
  /** Of the register in the opcode. */
  readonly opcodeRegister: number;
  /** REX bits that change nothing here (bit 6 set: have a REX in any case). */
  readonly rex: number;
  /** Values of the form's immediates, in order. */
  readonly immediates: readonly bigint[];
  /** VEX forms: the register of vvvv, that of the immediate byte, and bits for what the form leaves open: 1 L, 2 W, 4 the short prefix if it will do. */
  readonly vvvv: number;
  readonly is4: number;
  readonly open: number;
}

const SCALE_BITS = { 1: 0, 2: 1, 4: 2, 8: 3 } as const;
const IMMEDIATE_SIZE: Readonly<Record<string, number>> = { ib: 1, iw: 2, id: 4, io: 8, cb: 1, cd: 4 };

/** Bytes of an immediate (`mo` has the size of an address). */
export const immediateSize = (token: string, address32: boolean): number => token === 'mo' ? (address32 ? 4 : 8) : IMMEDIATE_SIZE[token]!;

/** The instruction's bytes. Throws nothing: nonsense is for the decoder to find. */
export function encode(form: Form, choices: EncodeChoices): Uint8Array {
  const bytes: number[] = [...choices.extraPrefixes, ...form.prefixes];
  if (form.addressSize === 32) bytes.push(0x67);
  let rex = form.vex === null ? choices.rex & 0x4f : 0;
  if (form.rexW) rex |= 0x48;
  const tail: number[] = [];
  if (form.modrm !== null) {
    const reg = form.modrm < 8 ? form.modrm : choices.reg;
    if (reg & 8) rex |= 0x44;
    const rm = choices.rm;
    if (typeof rm === 'number') {
      if (rm & 8) rex |= 0x41;
      tail.push(0xc0 | (reg & 7) << 3 | rm & 7);
    } else rex |= pushMemory(tail, reg, rm);
  }
  const opcode = [...form.opcode];
  if (form.plusRegister) {
    if (choices.opcodeRegister & 8 && opcode[0]! < 0xd8) rex |= 0x41; // st(i) has no REX
    opcode[opcode.length - 1]! += choices.opcodeRegister & 7;
  }
  if (form.vex !== null) pushVex(bytes, form.vex, rex, choices);
  else if (rex !== 0) bytes.push(rex | 0x40);
  bytes.push(...opcode, ...tail);
  const address32 = form.addressSize === 32 || choices.extraPrefixes.includes(0x67);
  if (form.vex?.is4 === true) bytes.push(choices.is4 << 4);
  form.immediates.forEach((token, i) => pushValue(bytes, choices.immediates[i]!, immediateSize(token, address32)));
  return Uint8Array.from(bytes);
}

/** Of two bytes or three; R, X, B and vvvv are inverted (SDM vol. 2, 2.3.5). */
function pushVex(out: number[], vex: VexPrefix, rex: number, { vvvv, open }: EncodeChoices): void {
  const w = vex.w ?? (open >> 1) & 1;
  const last = (~(vex.vvvv ? vvvv : 0) & 15) << 3 | (vex.wide ?? open & 1) << 2 | vex.pp;
  const [r, x, b] = [rex & 4 ? 0 : 0x80, rex & 2 ? 0 : 0x40, rex & 1 ? 0 : 0x20];
  if (vex.map === 1 && w === 0 && x !== 0 && b !== 0 && open & 4) out.push(0xc5, r | last);
  else out.push(0xc4, r | x | b | vex.map, w << 7 | last);
}

function pushValue(out: number[], value: bigint, size: number): void {
  for (let i = 0; i < size; i++) out.push(Number((value >> BigInt(8 * i)) & 0xffn));
}

/** ModRM, SIB and displacement; gives the REX bits. */
function pushMemory(out: number[], reg: number, m: MemoryOperand): number {
  let rex = 0;
  const r = (reg & 7) << 3;
  if (m.ripRelative) {
    out.push(r | 5);
    pushValue(out, BigInt(m.displacement), 4);
    return rex;
  }
  if (m.index !== null && m.index & 8) rex |= 0x42;
  if (m.base !== null && m.base & 8) rex |= 0x41;
  const mod = m.base === null ? 0 : m.displacementSize === 0 ? 0 : m.displacementSize === 1 ? 0x40 : 0x80;
  if (m.index !== null || m.base === null || (m.base & 7) === 4) {
    const index = m.index === null ? 4 : m.index & 7;
    out.push(mod | r | 4, SCALE_BITS[m.scale] << 6 | index << 3 | (m.base === null ? 5 : m.base & 7));
  } else out.push(mod | r | m.base & 7);
  if (m.displacementSize !== 0) pushValue(out, BigInt(m.displacement), m.base === null ? 4 : m.displacementSize);
  return rex;
}

/** A random shape; the displacement is random where one is, and is changed if the address needs it. */
export function randomShape(r: Random): MemoryOperand {
  const kind = r.below(100);
  const scale = r.pick([1, 2, 4, 8] as const);
  const displacement8 = r.below(256) - 128;
  const displacement32 = r.chance(0.5) ? r.below(0x2000) - 0x1000 : r.u32() | 0;
  if (kind < 8) return { base: null, index: null, scale: 1, displacement: 0, displacementSize: 4, ripRelative: true };
  if (kind < 13) return { base: null, index: null, scale: 1, displacement: 0, displacementSize: 4, ripRelative: false };
  let index = kind < 20 || kind >= 60 ? r.below(16) : null;
  if (index === 4) index = 12;
  if (kind < 20) return { base: null, index, scale, displacement: 0, displacementSize: 4, ripRelative: false };
  const base = r.below(16);
  let displacementSize = r.pick([0, 1, 1, 4] as const);
  if ((base & 7) === 5 && displacementSize === 0) displacementSize = 1; // that code means something else
  const displacement = displacementSize === 0 ? 0 : displacementSize === 1 ? displacement8 : displacement32;
  return { base, index, scale, displacement, displacementSize, ripRelative: false };
}
