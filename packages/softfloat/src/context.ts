/** Sticky exception flags; the bits are those of the x87 status word and of MXCSR (SDM vol. 1, 8.1.3 and 10.2.3). */
export const IE = 1; // invalid operation
export const DE = 2; // denormal operand
export const ZE = 4; // division by zero
export const OE = 8; // overflow
export const UE = 16; // underflow
export const PE = 32; // inexact result
export const ALL_EXCEPTIONS = 63;

/** Rounding control as x86 encodes it (SDM vol. 1, table 4-8). */
export const ROUND_NEAREST = 0; // ties to even
export const ROUND_DOWN = 1;
export const ROUND_UP = 2;
export const ROUND_ZERO = 3;
export type Rounding = 0 | 1 | 2 | 3;

/** Significand width to which x87 rounds register results. */
export type Precision = 24 | 53 | 64;

/**
 * The environment of every operation. One object a task and a unit (x87, SSE) is enough; it is read and
 * written in place and nothing in it is ever allocated again.
 *
 * Operations or their exceptions into `flags`. An exception whose bit in `masks` is clear is unmasked:
 * `flags & ~masks & 63` is what the processor would fault on.
 */
export interface FloatContext {
  rounding: Rounding;
  /** IE | DE | ZE | OE | UE | PE, sticky. */
  flags: number;
  /** Bits of the masked exceptions; 63 after fninit and in the default MXCSR. */
  masks: number;
  /** x87 only. */
  precision: Precision;
  /** SSE only: masked underflow gives zero. */
  ftz: boolean;
  /** SSE only: denormal operands count as zero. */
  daz: boolean;
  /** Whether the last rounded result grew in magnitude: C1 of x87. Meaningful after x87 operations only. */
  roundedUp: boolean;
}

/** A context as fninit and reset leave it: nearest, 64 bits, all masked, no flags. */
export function createFloatContext(init: Partial<FloatContext> = {}): FloatContext {
  return {
    rounding: init.rounding ?? ROUND_NEAREST,
    flags: init.flags ?? 0,
    masks: init.masks ?? ALL_EXCEPTIONS,
    precision: init.precision ?? 64,
    ftz: init.ftz ?? false,
    daz: init.daz ?? false,
    roundedUp: init.roundedUp ?? false,
  };
}

/** Takes masks, precision and rounding from an x87 control word (SDM vol. 1, figure 8-6); flags stay. */
export function setControlWord(ctx: FloatContext, cw: number): void {
  ctx.masks = cw & ALL_EXCEPTIONS;
  const pc = (cw >>> 8) & 3;
  // The reserved encoding 1 rounds to 64 bits on AMD and Intel CPUs.
  ctx.precision = pc === 0 ? 24 : pc === 2 ? 53 : 64;
  ctx.rounding = ((cw >>> 10) & 3) as Rounding;
}

/** Takes everything, flags too, from an MXCSR value (SDM vol. 1, figure 10-3). */
export function setMxcsr(ctx: FloatContext, mxcsr: number): void {
  ctx.flags = mxcsr & ALL_EXCEPTIONS;
  ctx.daz = (mxcsr & 0x40) !== 0;
  ctx.masks = (mxcsr >>> 7) & ALL_EXCEPTIONS;
  ctx.rounding = ((mxcsr >>> 13) & 3) as Rounding;
  ctx.ftz = (mxcsr & 0x8000) !== 0;
}

/** The MXCSR value of an SSE context. */
export function getMxcsr(ctx: FloatContext): number {
  return ctx.flags | (ctx.daz ? 0x40 : 0) | (ctx.masks << 7) | (ctx.rounding << 13) | (ctx.ftz ? 0x8000 : 0);
}

/** The raised exceptions that are unmasked; 0 when the processor would go on. */
export function pendingExceptions(ctx: FloatContext): number {
  return ctx.flags & ~ctx.masks & ALL_EXCEPTIONS;
}
