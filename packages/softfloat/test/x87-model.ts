import * as sf from "../src/index.ts";
import { type F80, type FloatContext, type Relation, Unpacked } from "../src/index.ts";

/** The smallest x87 that can be compared with oracle.c: two operands, condition codes, a memory operand. */
export interface X87State {
  /** st[0] is the top. */
  st: F80[];
  /** C0 | C1 | C2 | C3. */
  cc: number;
  /** The memory operand of stores. */
  mem: Uint8Array;
  /** The memory operand of loads and of m32 / m64 forms. */
  source: DataView;
  ctx: FloatContext;
  /** ZF | PF << 1 | CF << 2 of the fcomi family. */
  eflags: number;
}

const ub = new Unpacked();
const ua = new Unpacked();
const pair = new sf.WordPair();

function st(s: X87State, i: number): F80 {
  const x = s.st[i];
  if (x === undefined) throw new Error(`no st(${i})`);
  return x;
}

function c1(s: X87State): void {
  if (s.ctx.roundedUp) s.cc |= sf.C1;
}

const CODES: Record<Relation, number> = { [-1]: sf.C0, 0: sf.C3, 1: 0, 2: sf.C3 | sf.C2 | sf.C0 };
const EFLAGS: Record<Relation, number> = { [-1]: 4, 0: 1, 1: 0, 2: 7 };

const binary =
  (op: (out: F80, a: F80, b: F80, ctx: FloatContext) => boolean, swap = false) =>
  (s: X87State): void => {
    const a = st(s, 0);
    const b = st(s, 1);
    op(a, swap ? b : a, swap ? a : b, s.ctx);
    c1(s);
  };
type OperandsOp = (out: F80, a: Unpacked, b: Unpacked, ctx: FloatContext) => boolean;
type Source = (s: X87State) => void;
const m32: Source = (s) => sf.unpackF32(ub, s.source.getUint32(0, true));
const m64: Source = (s) => sf.unpackF64(ub, s.source.getUint32(4, true), s.source.getUint32(0, true));
const i16: Source = (s) => sf.unpackI32(ub, s.source.getInt16(0, true));
const i32: Source = (s) => sf.unpackI32(ub, s.source.getInt32(0, true));
const memory =
  (op: OperandsOp, load: Source, swap = false) =>
  (s: X87State): void => {
    load(s);
    sf.unpackF80(ua, st(s, 0));
    op(st(s, 0), swap ? ub : ua, swap ? ua : ub, s.ctx);
    c1(s);
  };
const compareMemory =
  (load: Source) =>
  (s: X87State): void => {
    load(s);
    sf.unpackF80(ua, st(s, 0));
    s.cc |= CODES[sf.compareOperands(ua, ub, false, s.ctx)];
  };
const unary =
  (op: (out: F80, a: F80, ctx: FloatContext) => boolean) =>
  (s: X87State): void => {
    op(st(s, 0), st(s, 0), s.ctx);
    c1(s);
  };
const rem =
  (nearest: boolean) =>
  (s: X87State): void => {
    const q = sf.remF80(st(s, 0), st(s, 0), st(s, 1), nearest, s.ctx);
    if (q === sf.REM_PARTIAL) s.cc |= sf.C2;
    else if (q !== sf.REM_SUPPRESSED) s.cc |= ((q & 4) !== 0 ? sf.C0 : 0) | ((q & 2) !== 0 ? sf.C3 : 0) | ((q & 1) !== 0 ? sf.C1 : 0);
  };
const compareRegisters =
  (quiet: boolean) =>
  (s: X87State): void => {
    s.cc |= CODES[sf.compareF80(st(s, 0), st(s, 1), quiet, s.ctx)];
  };
const compareFlags =
  (quiet: boolean) =>
  (s: X87State): void => {
    s.eflags = EFLAGS[sf.compareF80(st(s, 0), st(s, 1), quiet, s.ctx)];
  };
const storeInteger =
  (bits: 16 | 32 | 64, truncate: boolean, pop: boolean) =>
  (s: X87State): void => {
    if (sf.f80ToInteger(pair, st(s, 0), bits, truncate, s.ctx)) {
      const view = new DataView(s.mem.buffer, s.mem.byteOffset);
      if (bits === 16) view.setUint16(0, pair.lo & 0xffff, true);
      else view.setUint32(0, pair.lo, true);
      if (bits === 64) view.setUint32(4, pair.hi, true);
      if (pop) s.st.shift();
    }
    c1(s);
  };
const load =
  (op: (out: F80, s: X87State) => boolean | void) =>
  (s: X87State): void => {
    const x = new sf.F80();
    if (op(x, s) !== false) s.st.unshift(x);
    c1(s);
  };
const constant = (name: sf.ConstantName) => load((x, s) => sf.loadConstant(x, name, s.ctx.rounding));

const trig =
  (op: (out: F80, a: F80, ctx: FloatContext) => number) =>
  (s: X87State): void => {
    if (op(st(s, 0), st(s, 0), s.ctx) === sf.OUT_OF_RANGE) s.cc |= sf.C2;
    else c1(s);
  };
const trig2 =
  (op: (first: F80, second: F80, a: F80, ctx: FloatContext) => number) =>
  (s: X87State): void => {
    const second = new sf.F80();
    const how = op(st(s, 0), second, st(s, 0), s.ctx);
    if (how === sf.OUT_OF_RANGE) s.cc |= sf.C2;
    else if (how === sf.DONE) s.st.unshift(second);
    c1(s);
  };
const pop2 =
  (op: (out: F80, x: F80, y: F80, ctx: FloatContext) => boolean) =>
  (s: X87State): void => {
    if (op(st(s, 1), st(s, 0), st(s, 1), s.ctx)) s.st.shift();
    c1(s);
  };

/** One entry for each x87 operation of oracle.c. */
export const X87_OPS: Readonly<Record<string, (s: X87State) => void>> = {
  fadd: binary(sf.addF80),
  fsub: binary(sf.subF80),
  fsubr: binary(sf.subF80, true),
  fmul: binary(sf.mulF80),
  fdiv: binary(sf.divF80),
  fdivr: binary(sf.divF80, true),
  fscale: binary(sf.scaleF80),
  fsqrt: unary(sf.sqrtF80),
  frndint: unary(sf.roundF80),
  fprem: rem(false),
  fprem1: rem(true),
  fcom: compareRegisters(false),
  fucom: compareRegisters(true),
  fcomi: compareFlags(false),
  fucomi: compareFlags(true),
  ftst: (s) => {
    s.cc |= CODES[sf.compareF80(st(s, 0), new sf.F80(), false, s.ctx)];
  },
  fxtract: (s) => {
    const significand = new sf.F80();
    if (sf.extractF80(st(s, 0), significand, st(s, 0), s.ctx)) s.st.unshift(significand);
  },
  fxam: (s) => {
    s.cc |= sf.classifyF80(st(s, 0));
  },
  fchs: (s) => {
    st(s, 0).se ^= 0x8000;
  },
  fabs: (s) => {
    st(s, 0).se &= 0x7fff;
  },
  fsts: (s) => {
    if (sf.f80ToF32(pair, st(s, 0), s.ctx)) new DataView(s.mem.buffer, s.mem.byteOffset).setUint32(0, pair.lo, true);
    c1(s);
  },
  fstl: (s) => {
    if (sf.f80ToF64(pair, st(s, 0), s.ctx)) {
      const view = new DataView(s.mem.buffer, s.mem.byteOffset);
      view.setUint32(0, pair.lo, true);
      view.setUint32(4, pair.hi, true);
    }
    c1(s);
  },
  fists: storeInteger(16, false, false),
  fistl: storeInteger(32, false, false),
  fistpq: storeInteger(64, false, true),
  fisttps: storeInteger(16, true, true),
  fisttpl: storeInteger(32, true, true),
  fisttpq: storeInteger(64, true, true),
  fbstp: (s) => {
    if (sf.f80ToBcd(s.mem, 0, st(s, 0), s.ctx)) s.st.shift();
    c1(s);
  },
  flds: load((x, s) => sf.f32ToF80(x, s.source.getUint32(0, true), s.ctx)),
  fldl: load((x, s) => sf.f64ToF80(x, s.source.getUint32(4, true), s.source.getUint32(0, true), s.ctx)),
  filds: load((x, s) => sf.i32ToF80(x, s.source.getInt16(0, true))),
  fildl: load((x, s) => sf.i32ToF80(x, s.source.getInt32(0, true))),
  fildq: load((x, s) => sf.i64ToF80(x, s.source.getUint32(4, true), s.source.getUint32(0, true))),
  fbld: load((x, s) => sf.bcdToF80(x, new Uint8Array(s.source.buffer, s.source.byteOffset, 10), 0)),
  fadds: memory(sf.addOperands, m32),
  faddl: memory(sf.addOperands, m64),
  fmuls: memory(sf.mulOperands, m32),
  fmull: memory(sf.mulOperands, m64),
  fsubs: memory(sf.subOperands, m32),
  fsubrl: memory(sf.subOperands, m64, true),
  fdivs: memory(sf.divOperands, m32),
  fdivl: memory(sf.divOperands, m64),
  fdivrl: memory(sf.divOperands, m64, true),
  fiadds: memory(sf.addOperands, i16),
  fidivl: memory(sf.divOperands, i32),
  fcoms: compareMemory(m32),
  fcoml: compareMemory(m64),
  ficoml: compareMemory(i32),
  fld1: constant("one"),
  fldl2t: constant("l2t"),
  fldl2e: constant("l2e"),
  fldpi: constant("pi"),
  fldlg2: constant("lg2"),
  fldln2: constant("ln2"),
  fldz: constant("zero"),
  fsin: trig(sf.sinF80),
  fcos: trig(sf.cosF80),
  fsincos: trig2(sf.sinCosF80),
  fptan: trig2(sf.tanF80),
  fpatan: pop2(sf.atanF80),
  f2xm1: unary(sf.exp2m1F80),
  fyl2x: pop2(sf.ylog2xF80),
  fyl2xp1: pop2(sf.ylog2xp1F80),
};
