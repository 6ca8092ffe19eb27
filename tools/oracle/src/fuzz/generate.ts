import iced from 'iced-x86';
import { LAYOUT, type FuzzCase } from './case.ts';
import { encode, randomShape, type EncodeChoices, type MemoryOperand } from './encode.ts';
import { nearCode, patch, randomTarget, type Draft } from './draft.ts';
import type { Form } from './forms.ts';
import { implicitState } from './implicit.ts';
import { createRandom, type Random } from './random.ts';
import { fill, integer } from './values.ts';
import { lanesOf, randomFx } from './vector-state.ts';

const M64 = (1n << 64n) - 1n;
const M32 = (1n << 32n) - 1n;
const { codeBase, codeSize } = LAYOUT;

interface Segment { readonly prefix: number | null; readonly base: bigint }

function randomSegment(r: Random): Segment {
  if (!r.chance(0.12)) return { prefix: null, base: 0n };
  const prefix = r.pick([0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65, 0x64, 0x65]);
  return { prefix, base: prefix < 0x60 || r.chance(0.2) ? 0n : r.chance(0.5) ? BigInt(r.below(0x1000_0000)) : r.u64() & ((1n << 46n) - 1n) };
}

/** Chooses register values so that `shape` points at `effective`; gives the shape with the displacement it needs, or null. */
function place(draft: Draft, shape: MemoryOperand, effective: bigint, address32: boolean): MemoryOperand | null {
  const { gpr, fixed, r } = draft;
  const mask = address32 ? M32 : M64;
  const put = (register: number, value: bigint): void => {
    gpr[register] = address32 ? (gpr[register]! & ~M32 & (r.chance(0.5) ? M64 : 0n)) | value & M32 : value;
    fixed.add(register);
  };
  if (shape.ripRelative) return shape;
  const scale = BigInt(shape.scale);
  let displacement = BigInt(shape.displacement);
  if (shape.base === null) {
    if (shape.index !== null && !fixed.has(shape.index)) put(shape.index, BigInt(r.below(300) - 100) & mask);
    const index = shape.index === null ? 0n : gpr[shape.index]! * scale;
    displacement = BigInt.asIntN(address32 ? 32 : 64, effective - index);
    return BigInt.asIntN(32, displacement) === displacement ? { ...shape, displacement: Number(displacement) } : null;
  }
  if (fixed.has(shape.base)) return null;
  if (shape.index === shape.base) {
    const unit = scale + 1n;
    const rest = ((effective - displacement) % unit + unit) % unit;
    if (rest !== 0n) {
      if (shape.displacementSize === 0) return null;
      displacement += rest;
      if (shape.displacementSize === 1 && displacement > 127n || displacement > 0x7fff_ffffn) return null;
    }
    if (effective - displacement < 0n) return null;
    put(shape.base, (effective - displacement) / unit);
    return { ...shape, displacement: Number(displacement) };
  }
  const index = shape.index === null ? 0n : gpr[shape.index]! * scale;
  if (shape.index !== null) fixed.add(shape.index);
  put(shape.base, (effective - displacement - index) & mask);
  return shape;
}

const { Decoder, DecoderOptions, Instruction } = iced;
const decoded = new Instruction();

/** True if the bytes are this form and nothing else: a prefix may have changed what they mean. */
function isForm(bytes: Uint8Array, form: Form): boolean {
  if (bytes.length > 15) return false;
  const decoder = new Decoder(64, bytes, DecoderOptions.None);
  decoder.decodeOut(decoded);
  const ok = decoded.code === form.code && decoded.length === bytes.length;
  decoder.free();
  return ok;
}

function extraPrefixes(r: Random, form: Form, memory: boolean, segment: Segment, address32: boolean): number[] {
  const prefixes: number[] = [];
  if (segment.prefix !== null) prefixes.push(segment.prefix);
  if (address32 && form.addressSize === 0) prefixes.push(0x67);
  if (form.lock && memory && r.chance(0.3)) prefixes.push(0xf0);
  if (form.rep && r.chance(form.repne ? 0.35 : 0.6)) prefixes.push(0xf3);
  else if (form.repne && r.chance(0.5)) prefixes.push(0xf2);
  else if (r.chance(0.02)) prefixes.push(r.pick([0xf2, 0xf3]));
  if (!form.branch && r.chance(0.02)) prefixes.push(0x66);
  for (let i = prefixes.length - 1; i > 0; i--) { // any order
    const j = r.below(i + 1);
    [prefixes[i], prefixes[j]] = [prefixes[j]!, prefixes[i]!];
  }
  return prefixes;
}

function randomImmediate(r: Random, form: Form, token: string, target: bigint): bigint {
  if (token === 'mo') return target;
  if (token === 'iw' && form.mnemonicName === 'Enter') return BigInt(r.below(300));
  if (token === 'ib' && form.mnemonicName === 'Enter') return BigInt(r.chance(0.5) ? r.below(3) : r.below(256));
  if (token === 'ib' && (form.family === 'shift' || r.chance(0.3))) return BigInt(r.below(70));
  return integer(r);
}

function randomFlags(r: Random): number {
  const arithmetic = r.u32() & 0x8d5;
  return 0x202 | arithmetic | (r.chance(0.25) ? 0x400 : 0);
}

/** One instance of `form`. Deterministic in the state of `r`. */
export function generate(r: Random, form: Form): FuzzCase {
  for (let attempt = 0; ; attempt++) {
    const made = attemptOne(r, form, attempt >= 8);
    if (made !== null) return made;
    if (attempt === 200) throw new Error(`no valid encoding of ${form.name} found`);
  }
}

function attemptOne(r: Random, form: Form, plain: boolean): FuzzCase | null {
  const gpr = new BigUint64Array(16);
  for (let i = 0; i < 16; i++) gpr[i] = integer(r);
  const size = Math.max(form.memorySize, 1);
  const draft: Draft = { r, form, gpr, fixed: new Set(), patches: [], target: randomTarget(r, size), rflags: randomFlags(r) };
  implicitState(draft);

  const memory = form.modrm !== null && (form.rm === 'memory' || form.rm === 'either' && r.chance(0.55));
  const implicitMemory = form.operands.some((kind) => /^(mem_offs|seg_r|es_r)/.test(kind));
  const address32 = form.addressSize === 32 || form.addressSize === 0 && !plain && (memory || implicitMemory) && r.chance(0.08);
  const segment = plain ? { prefix: null, base: 0n } : randomSegment(r);
  if (address32) draft.target = BigInt.asUintN(64, segment.base + (draft.target - segment.base & M32));
  let fsBase = segment.prefix === 0x64 ? segment.base : 0n;
  let gsBase = segment.prefix === 0x65 ? segment.base : 0n;
  const vsib = form.vex !== null && form.vex.vsib !== null;
  const reg = r.below(form.operands.some((kind) => kind === 'seg_reg') ? 6 : 16);
  let rm: number | MemoryOperand = r.below(16);
  const immediates = form.immediates.map((token) => randomImmediate(r, form, token, draft.target - segment.base));
  if (memory) {
    const shape = vsib ? { ...randomShape(r), index: null, ripRelative: false } : randomShape(r);
    if (form.mnemonicName === 'Lea') rm = shape;
    else {
      const effective = draft.target - segment.base & (address32 ? M32 : M64);
      const placed = place(draft, shape, effective, address32);
      if (placed === null) return null;
      rm = vsib ? { ...placed, index: r.below(16), scale: r.pick([1, 2, 4, 8] as const) } : placed;
      if (form.mnemonicName.startsWith('Bt') && form.modrm === 8 && !bitOffset(draft, reg)) return null;
    }
  }
  const rex = !plain && r.chance(0.1) ? 0x40 | (typeof rm === 'number' ? r.below(8) & 2 : 0) : 0;
  const choices: EncodeChoices = {
    vvvv: r.below(16), is4: r.below(16), open: r.below(8),
    extraPrefixes: plain ? [] : extraPrefixes(r, form, memory, segment, address32),
    reg, rm, opcodeRegister: r.below(form.opcode[0]! >= 0xd8 && form.opcode[0]! < 0xe0 ? 8 : 16), rex, immediates,
  };
  if (plain && segment.prefix === null) { fsBase = 0n; gsBase = 0n; }
  let code = encode(form, choices);
  // Popf may set TF, a branch does not come to what is behind it, and at the very end nothing fits behind
  let codeOffset = randomCodeOffset(r, code.length);
  const end = codeOffset + code.length === codeSize;
  if (end && !form.branch && mustNotTrap(form)) codeOffset = 0;
  const int3 = !form.branch && !form.mnemonicName.startsWith('Popf') && codeOffset + code.length !== codeSize;
  if (typeof rm !== 'number' && rm.ripRelative) {
    const next = BigInt(codeBase + codeOffset + code.length);
    const displacement = draft.target - segment.base - next;
    if (BigInt.asIntN(32, displacement) !== displacement) return null;
    code = encode(form, { ...choices, rm: { ...rm, displacement: Number(displacement) } });
  }
  if (!isForm(code, form) || undefinedResult(draft, code)) return null;
  const lanes = lanesOf(form.family);
  if (memory && r.chance(0.7) && draft.patches.length === 0) {
    const bytes = new Uint8Array(Math.min(size, 64));
    fill(r, form.mnemonicName.startsWith('Fb') ? 'bcd' : r.pick(lanes), new DataView(bytes.buffer), 0, bytes.length);
    patch(draft, draft.target, bytes);
  }
  const ymmHigh = new Uint8Array(256);
  for (let i = 0; i < 256; i += 4) new DataView(ymmHigh.buffer).setUint32(i, r.u32(), true);
  const fx = randomFx(r, form.family);
  if (form.vex !== null) for (let i = 0; i < 256; i += 16) if (r.chance(0.8)) fill(r, r.pick(lanes), new DataView(ymmHigh.buffer), i, 16);
  if (vsib && typeof rm !== 'number') placeLanes(r, form.vex!.vsib!, rm.index!, fx, ymmHigh);
  return {
    code, codeOffset, int3, gpr, rflags: draft.rflags, fsBase, gsBase,
    fx, ymmHigh, patches: draft.patches, family: form.family, form: form.code, mnemonic: form.mnemonic,
    target: memory || implicitMemory ? Number(draft.target) : null,
  };
}

/** Puts small numbers into the lanes of a vector of indices, and others now and then. */
function placeLanes(r: Random, [size, count]: readonly [number, number], register: number, fx: Uint8Array, ymmHigh: Uint8Array): void {
  for (let i = 0; i < count; i++) {
    if (r.chance(0.03)) continue;
    const at = i * size;
    const bytes = at < 16 ? new DataView(fx.buffer, 160 + 16 * register + at) : new DataView(ymmHigh.buffer, 16 * register + at - 16);
    const value = BigInt(r.below(400) - 200);
    if (size === 8) bytes.setBigInt64(0, value, true);
    else bytes.setInt32(0, Number(value), true);
  }
}

/** TF shows: pushf stores it, a rep traps after each iteration, and a gather in front of an element that would fault, if it has loaded one. */
const mustNotTrap = (form: Form): boolean => form.mnemonicName.startsWith('Pushf') || form.rep || form.repne || form.family === 'gather';

/** Instances whose result (not only flags) the manual leaves open, and CPUs differ: 16-bit shld and shrd by more than 16. */
function undefinedResult(draft: Draft, code: Uint8Array): boolean {
  if (!/^Sh[lr]d_rm16/.test(draft.form.name)) return false;
  const count = draft.form.immediates.length > 0 ? code[code.length - 1]! : Number(draft.gpr[1]! & 0xffn);
  return (count & 31) > 16;
}

/** A register bit offset reaches far from the operand: keep most of them inside the arena. False if it reaches the code. */
function bitOffset({ r, gpr, fixed, target }: Draft, reg: number): boolean {
  if (!fixed.has(reg) && !r.chance(0.1)) gpr[reg] = BigInt.asUintN(64, BigInt(r.below(0x8000) - 0x4000));
  return ![32, 64].some((size) => nearCode(target + (BigInt.asIntN(size, gpr[reg]!) >> 3n)));
}

/** Mostly anywhere in the first page; at times across the two, or over the end. */
function randomCodeOffset(r: Random, length: number): number {
  if (r.chance(0.03)) return 4096 - 1 - r.below(length);
  if (r.chance(0.01)) return codeSize - 1 - r.below(length);
  return r.below(4000);
}

/** `count` cases over `forms`, each form in turn in a shuffled order. Deterministic in `seed`. */
export function* generateCases(forms: readonly Form[], count: number, seed: number): Generator<FuzzCase> {
  const r = createRandom(seed);
  const order = [...forms];
  for (let made = 0; made < count; made++) {
    const at = made % order.length;
    if (at === 0) for (let i = order.length - 1; i > 0; i--) {
      const j = r.below(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    yield generate(r, order[at]!);
  }
}
