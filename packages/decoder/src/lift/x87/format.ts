import { Register } from '../../iced.ts';
import type { Size } from '../../ir/ops.ts';
import type { LiftContext } from '../context.ts';

/** Memory formats of x87 operands, by the number that the helpers take. */
export const FORMAT = { f32: 0, f64: 1, f80: 2, i16: 3, i32: 4, i64: 5, bcd: 6 } as const;
export type Format = (typeof FORMAT)[keyof typeof FORMAT];
const BYTES: readonly number[] = [4, 8, 10, 2, 4, 8, 10];

/** The i of operand ST(i). */
export function stack(c: LiftContext, operand: number): number {
  return c.insn.opRegister(operand) - Register.ST0;
}

/** An x87 helper; it raises #MF and works on control state. */
export function x87(c: LiftContext, name: string, ...args: number[]): void {
  c.b.helper(`x87.${name}`, args, { faults: true });
}

/** Loads a memory operand of up to 8 bytes into a temporary; for 10 bytes its linear address. */
export function memory(c: LiftContext, format: Format): number {
  // a pending exception goes before a page fault
  x87(c, 'wait');
  return format === FORMAT.f80 || format === FORMAT.bcd ? address(c) : c.b.load(c.ea(), BYTES[format] as Size);
}

/** The linear address of the memory operand. */
export function address(c: LiftContext): number {
  const d = c.b.temp();
  c.b.push({ op: 'linear', d, ea: c.ea() });
  return d;
}

/** The linear address of a store, which is probed: a page fault goes before an exception that suppresses the store. */
export function destination(c: LiftContext, format: Format): number {
  x87(c, 'wait');
  c.b.push({ op: 'probe', ea: c.ea(), bytes: BYTES[format]!, write: true });
  return address(c);
}
