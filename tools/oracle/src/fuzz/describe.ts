import iced from 'iced-x86';
import { LAYOUT, REGISTERS, type FuzzCase } from './case.ts';
import { flagText, type Difference } from './compare.ts';

const { Decoder, DecoderOptions, Formatter, FormatterSyntax } = iced;

/** Disassembly for people. */
export function disassemble(code: Uint8Array, address: number): string {
  const decoder = new Decoder(64, code, DecoderOptions.None);
  decoder.ip = BigInt(address);
  const instruction = decoder.decode();
  const formatter = new Formatter(FormatterSyntax.Nasm);
  const text = formatter.format(instruction);
  formatter.free();
  instruction.free();
  decoder.free();
  return text;
}

/** A case and what is wrong with it, in lines. */
export function describeFailure(test: FuzzCase, differences: readonly Difference[]): string {
  const address = LAYOUT.codeBase + test.codeOffset;
  const bytes = Array.from(test.code, (b) => b.toString(16).padStart(2, '0')).join(' ');
  const lines = [`${disassemble(test.code, address)}    [${bytes}] at 0x${address.toString(16)}, family ${test.family}`];
  const registers = REGISTERS.map((name, i) => [name, test.gpr[i]!] as const).filter(([, value]) => value !== 0n);
  if (registers.length > 0) lines.push(`  in: ${registers.map(([name, value]) => `${name}=0x${value.toString(16)}`).join(' ')} flags=${flagText(test.rflags)}`);
  const view = new DataView(test.fx.buffer, test.fx.byteOffset);
  lines.push(`  in: fcw=0x${view.getUint16(0, true).toString(16)} fsw=0x${view.getUint16(2, true).toString(16)} ftw=0x${test.fx[4]!.toString(16)} mxcsr=0x${view.getUint32(24, true).toString(16)}`
    + (test.fsBase || test.gsBase ? ` fs=0x${test.fsBase.toString(16)} gs=0x${test.gsBase.toString(16)}` : '')
    + (test.target === null ? '' : ` operand at 0x${test.target.toString(16)}`));
  for (const { field, before, native, ours } of differences) lines.push(`  ${field}: native ${native}, ours ${ours}${before === '' ? '' : ` (was ${before})`}`);
  return lines.join('\n');
}

/** The counts of what differs and may, a line for each mnemonic; empty if there are none. */
export const describeAllowed = (allowed: ReadonlyMap<string, ReadonlyMap<string, number>>): string =>
  [...allowed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, counts]) => `  ${name}: ${[...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, count]) => `${what} ${count}`).join(', ')}`).join('\n');
