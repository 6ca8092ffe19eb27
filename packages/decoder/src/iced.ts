import type * as Iced from 'iced-x86';

/**
 * iced-x86, taken in one piece as the CommonJS module it is: an import statement would have Node scan its megabyte of source for the names of
 * its exports at every start, which costs more than loading it.
 */
interface NodeProcess {
  getBuiltinModule?(name: 'node:module'): { createRequire(from: string): (name: string) => unknown };
}
const { process } = globalThis as { process?: NodeProcess };
const createRequire = process?.getBuiltinModule?.('node:module').createRequire;
if (createRequire === undefined) throw new Error('@tally86/decoder needs Node 20.19 or newer: iced-x86 is loaded by it');
const iced = createRequire(import.meta.url)('iced-x86') as typeof Iced;

export type Code = Iced.Code;
export type Instruction = Iced.Instruction;
export type Mnemonic = Iced.Mnemonic;
export type OpKind = Iced.OpKind;
export type Register = Iced.Register;
export type Decoder = Iced.Decoder;
export type Formatter = Iced.Formatter;

export const Code: typeof Iced.Code = iced.Code;
export const CpuidFeature: typeof Iced.CpuidFeature = iced.CpuidFeature;
export const Decoder: typeof Iced.Decoder = iced.Decoder;
export const DecoderOptions: typeof Iced.DecoderOptions = iced.DecoderOptions;
export const Formatter: typeof Iced.Formatter = iced.Formatter;
export const FormatterSyntax: typeof Iced.FormatterSyntax = iced.FormatterSyntax;
export const Instruction: typeof Iced.Instruction = iced.Instruction;
export const MemorySize: typeof Iced.MemorySize = iced.MemorySize;
export const Mnemonic: typeof Iced.Mnemonic = iced.Mnemonic;
export const OpKind: typeof Iced.OpKind = iced.OpKind;
export const Register: typeof Iced.Register = iced.Register;
