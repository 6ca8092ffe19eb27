import { BYTE, CELL, VECTOR } from '@tally86/core';
import { createFloatContext, F80, readF80, setControlWord, writeF80, type FloatContext } from '@tally86/softfloat';
import type { HelperContext } from '../context.ts';

/** Status word bits (SDM vol. 1, 8.1.3). */
export const IE = 1;
export const SF = 0x40;
export const ES = 0x80;
export const C0 = 0x100;
export const C1 = 0x200;
export const C2 = 0x400;
export const C3 = 0x4000;
export const BUSY = 0x8000;
export const CONDITIONS = C0 | C1 | C2 | C3;

const FCW = 2 * CELL.fcw;
const FSW = 2 * CELL.fsw;
const TOP = 2 * CELL.ftop;
const TAGS = 2 * CELL.ftw;

/** The x87 unit of the running state: its stack, control and status words. One for each engine; operations share its scratch registers. */
export class Unit {
  readonly h: HelperContext;
  readonly ctx: FloatContext = createFloatContext();
  /** Scratch registers. */
  readonly a = new F80();
  readonly b = new F80();
  readonly r = new F80();
  readonly #i32: Int32Array;
  readonly #view: DataView;

  constructor(h: HelperContext) {
    this.h = h;
    this.#i32 = h.cpu.i32;
    this.#view = new DataView(h.cpu.buffer, h.cpu.base);
  }

  get control(): number {
    return this.#i32[FCW]!;
  }
  get status(): number {
    return this.#i32[FSW]!;
  }
  set status(value: number) {
    this.#i32[FSW] = value;
  }
  get top(): number {
    return this.#i32[TOP]!;
  }
  set top(value: number) {
    this.#i32[TOP] = value & 7;
  }
  get tags(): number {
    return this.#i32[TAGS]!;
  }
  set tags(value: number) {
    this.#i32[TAGS] = value;
  }

  /** Every waiting instruction starts so: #MF for a pending exception; fresh flags, modes from the control word. */
  begin(): FloatContext {
    if ((this.status & ES) !== 0) this.h.raise(VECTOR.MF);
    setControlWord(this.ctx, this.control);
    this.ctx.flags = 0;
    this.ctx.roundedUp = false;
    return this.ctx;
  }

  /** Puts the flags of the operation into the status word, C1 as told, the other condition codes as they were. */
  finish(c1 = this.ctx.roundedUp): void {
    this.#settle((this.status & ~C1) | this.ctx.flags | (c1 ? C1 : 0));
  }
  /** As finish, with all four condition codes given. */
  finishWith(conditions: number): void {
    this.#settle((this.status & ~CONDITIONS) | this.ctx.flags | conditions);
  }
  #settle(status: number): void {
    this.status = (status & ~this.control & 63) !== 0 ? status | ES | BUSY : status;
  }
  /** After the masks or flags were written: the summary bits follow from them. */
  summarise(): void {
    const bare = this.status & ~(ES | BUSY);
    this.status = (bare & ~this.control & 63) !== 0 ? bare | ES | BUSY : bare;
  }

  /** Stack fault; `overflow` goes to C1. True if masked: the indefinite is the result. */
  stackFault(overflow: boolean, conditions: number | null = null): boolean {
    this.ctx.flags = IE | SF;
    if (conditions === null) this.finish(overflow);
    else this.finishWith(conditions);
    return (this.control & IE) !== 0;
  }

  isEmpty(i: number): boolean {
    return (this.tags & (1 << ((this.top + i) & 7))) === 0;
  }
  get(i: number, into: F80): F80 {
    readF80(into, this.#view, BYTE.x87 + 16 * ((this.top + i) & 7));
    return into;
  }
  /** Writes ST(i), which is no longer empty. */
  set(i: number, x: F80): void {
    const p = (this.top + i) & 7;
    writeF80(x, this.#view, BYTE.x87 + 16 * p);
    this.tags |= 1 << p;
  }
  push(x: F80): void {
    this.top--;
    this.set(0, x);
  }
  pop(): void {
    this.tags &= ~(1 << this.top);
    this.top++;
  }
  pops(n: number): void {
    for (let i = 0; i < n; i++) this.pop();
  }
  free(i: number): void {
    this.tags &= ~(1 << ((this.top + i) & 7));
  }
}

export function setIndefinite(x: F80): F80 {
  x.set(0xffff, 0xc0000000, 0);
  return x;
}

const units = new WeakMap<HelperContext, Unit>();
/** The unit of an engine. */
export function unitOf(h: HelperContext): Unit {
  let unit = units.get(h);
  if (unit === undefined) units.set(h, (unit = new Unit(h)));
  return unit;
}
