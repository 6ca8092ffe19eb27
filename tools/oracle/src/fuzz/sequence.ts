import iced from 'iced-x86';
import type { FuzzCase } from './case.ts';
import type { Form } from './forms.ts';
import { generate } from './generate.ts';
import type { Random } from './random.ts';

const { Decoder, DecoderOptions, OpKind, Register, RegisterExt } = iced;
/** Where sequences begin: well inside the first page. */
const AT = 0x100;

/** Numbers of the registers that a memory operand of these bytes is addressed by. */
function addressRegisters(code: Uint8Array): number[] {
  const decoder = new Decoder(64, code, DecoderOptions.None);
  const insn = decoder.decode();
  const found: number[] = [];
  for (let i = 0; i < insn.opCount; i++) {
    if (insn.opKind(i) !== OpKind.Memory) continue;
    for (const register of [insn.memoryBase, insn.memoryIndex]) {
      if (register !== Register.None && RegisterExt.isGPR(register)) found.push(RegisterExt.number(register));
    }
  }
  insn.free();
  decoder.free();
  return found;
}

/** The end of a sequence: a jump on any condition over `inc rax`, then int3. */
const ending = (condition: number): number[] => [0x70 | condition, 3, 0x48, 0xff, 0xc0, 0xcc];

/**
 * Two to ten instructions that follow one another, as one case: their memory operands mostly lead into the arena, as long as no earlier
 * instruction changed the address. Deterministic in the state of `r`.
 */
export function generateSequence(r: Random, forms: readonly Form[]): FuzzCase {
  const count = 2 + r.below(9);
  const parts: FuzzCase[] = [];
  for (let i = 0; i < count; i++) parts.push(generate(r, r.pick(forms)));
  const first = parts[0]!;
  const gpr = first.gpr.slice();
  const fixed = new Set(addressRegisters(first.code));
  for (const part of parts.slice(1)) {
    for (const register of addressRegisters(part.code)) {
      if (fixed.has(register)) continue;
      fixed.add(register);
      gpr[register] = part.gpr[register]!;
    }
  }
  // comparisons are what blocks end with
  const compare = r.chance(0.5) ? [...encodeCompare(r)] : [];
  const code = Uint8Array.from([...parts.flatMap((part) => [...part.code]), ...compare, ...ending(r.below(16))]);
  return { ...first, code, codeOffset: AT, int3: false, gpr, patches: parts.flatMap(({ patches }) => patches) };
}

/** cmp, test, sub or and of two registers or of a register with itself, of 32 or 64 bits. */
function encodeCompare(r: Random): readonly number[] {
  const [a, b] = [r.below(8), r.below(8)];
  return [...(r.chance(0.5) ? [0x48] : []), r.pick([0x39, 0x85, 0x29, 0x21]), 0xc0 | (a << 3) | (r.chance(0.2) ? a : b)];
}
