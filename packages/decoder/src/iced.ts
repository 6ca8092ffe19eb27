import type * as Iced from 'iced-x86';
import { findIced } from './find-iced.ts';

/**
 * iced-x86, loaded when something is first decoded: its script and its WebAssembly are a megabyte each. Until then its enumerations have no values, so
 * tables of them are made when they are first needed.
 */
export type Code = Iced.Code;
export type Instruction = Iced.Instruction;
export type Mnemonic = Iced.Mnemonic;
export type OpKind = Iced.OpKind;
export type Register = Iced.Register;
export type Decoder = Iced.Decoder;
export type Formatter = Iced.Formatter;

export let Code: typeof Iced.Code;
export let CpuidFeature: typeof Iced.CpuidFeature;
export let Decoder: typeof Iced.Decoder;
export let DecoderOptions: typeof Iced.DecoderOptions;
export let Formatter: typeof Iced.Formatter;
export let FormatterSyntax: typeof Iced.FormatterSyntax;
export let Instruction: typeof Iced.Instruction;
export let MemorySize: typeof Iced.MemorySize;
export let Mnemonic: typeof Iced.Mnemonic;
export let OpKind: typeof Iced.OpKind;
export let Register: typeof Iced.Register;

/** Null: it is loaded. */
let find: (() => unknown) | null = findIced;

/** Has iced-x86 come from elsewhere, for all lifters of this process: of a program that keeps its byte code. @param load gives what iced-x86 exports */
export function takeIcedFrom(load: () => unknown): void {
  if (find !== null) find = load;
}

/** Loads iced-x86, the first time. */
export function loadIced(): void {
  if (find === null) return;
  ({ Code, CpuidFeature, Decoder, DecoderOptions, Formatter, FormatterSyntax, Instruction, MemorySize, Mnemonic, OpKind, Register } = find() as typeof Iced);
  find = null;
}
