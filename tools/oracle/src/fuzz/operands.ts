import iced from 'iced-x86';
import type { FuzzCase } from './case.ts';

const { Code, Decoder, DecoderOptions, OpKind, Register } = iced;

/** What `read` says of the (first) instruction of a case. */
export function ofInstruction<T>(test: FuzzCase, read: (instruction: iced.Instruction) => T): T {
  const decoder = new Decoder(64, test.code, DecoderOptions.None);
  const instruction = decoder.decode();
  decoder.free();
  try {
    return read(instruction);
  } finally {
    instruction.free();
  }
}

/** The masked shift count and operand size in bits; null if the instruction has none. */
export const shiftCount = (test: FuzzCase): readonly [count: number, size: number] | null => ofInstruction(test, (instruction) => {
  const size = Number(/_rm(8|16|32|64)/.exec(Code[instruction.code]!)?.[1] ?? 0);
  if (size === 0) return null;
  const last = instruction.opCount - 1;
  const raw = instruction.opKind(last) === OpKind.Register && instruction.opRegister(last) === Register.CL ? Number(test.gpr[1]! & 0xffn)
    : instruction.opKind(last) === OpKind.Immediate8 ? instruction.immediate8 : 1;
  return [raw & (size === 64 ? 63 : 31), size];
});
