import {
  atanF80, cosF80, DONE, exp2m1F80, extractF80, OUT_OF_RANGE, REM_PARTIAL, REM_SUPPRESSED, remF80, roundF80, scaleF80, sinCosF80, sinF80, sqrtF80, tanF80,
  ylog2xF80, ylog2xp1F80, type F80, type FloatContext, type TrigResult,
} from '@tally86/softfloat';
import type { Helper, HelperTable } from '../context.ts';
import { C0, C1, C2, C3, IE, setIndefinite, unitOf } from './unit.ts';

/** (): ST(0) = f(ST(0)). */
const unary = (f: (out: F80, a: F80, ctx: FloatContext) => boolean): Helper => (h) => {
  const u = unitOf(h);
  return () => {
    const ctx = u.begin();
    if (u.isEmpty(0)) {
      if (u.stackFault(false)) u.set(0, setIndefinite(u.r));
      return;
    }
    const done = f(u.r, u.get(0, u.a), ctx);
    u.finish();
    if (done) u.set(0, u.r);
  };
};

/** (): fabs and fchs raise nothing but a stack fault. */
const sign = (change: (se: number) => number): Helper => (h) => {
  const u = unitOf(h);
  return () => {
    u.begin();
    if (u.isEmpty(0)) {
      if (u.stackFault(false)) u.set(0, setIndefinite(u.r));
      return;
    }
    u.get(0, u.r);
    u.r.se = change(u.r.se);
    u.finish(false);
    u.set(0, u.r);
  };
};

/** (): fsin, fcos: C2 tells an operand out of range. */
const circular = (f: (out: F80, a: F80, ctx: FloatContext) => TrigResult): Helper => (h) => {
  const u = unitOf(h);
  return () => {
    const ctx = u.begin();
    if (u.isEmpty(0)) {
      u.status &= ~C2;
      if (u.stackFault(false)) u.set(0, setIndefinite(u.r));
      return;
    }
    const result = f(u.r, u.get(0, u.a), ctx);
    u.status = result === OUT_OF_RANGE ? u.status | C2 : u.status & ~C2;
    u.finish(result === OUT_OF_RANGE ? false : ctx.roundedUp);
    if (result === DONE) u.set(0, u.r);
  };
};

/** (): fsincos, fptan: replace ST(0) and push. */
const pushing = (f: (out: F80, pushed: F80, a: F80, ctx: FloatContext) => TrigResult): Helper => (h) => {
  const u = unitOf(h);
  return () => {
    const ctx = u.begin();
    const full = !u.isEmpty(-1);
    if (u.isEmpty(0) || full) {
      u.status &= ~C2;
      if (u.stackFault(full)) {
        u.set(0, setIndefinite(u.r));
        u.push(u.r);
      }
      return;
    }
    const result = f(u.r, u.b, u.get(0, u.a), ctx);
    u.status = result === OUT_OF_RANGE ? u.status | C2 : u.status & ~C2;
    u.finish(result === OUT_OF_RANGE ? false : ctx.roundedUp);
    if (result === DONE) {
      u.set(0, u.r);
      u.push(u.b);
    }
  };
};

/** (): ST(1) = f(ST(0), ST(1)), pop. */
const binaryPop = (f: (out: F80, st0: F80, st1: F80, ctx: FloatContext) => boolean): Helper => (h) => {
  const u = unitOf(h);
  return () => {
    const ctx = u.begin();
    if (u.isEmpty(0) || u.isEmpty(1)) {
      if (!u.stackFault(false)) return;
      u.set(1, setIndefinite(u.r));
      u.pop();
      return;
    }
    const done = f(u.r, u.get(0, u.a), u.get(1, u.b), ctx);
    u.finish();
    if (!done) return;
    u.set(1, u.r);
    u.pop();
  };
};

/** (): fscale: ST(0) times 2 to the truncated ST(1). */
const scale: Helper = (h) => {
  const u = unitOf(h);
  return () => {
    const ctx = u.begin();
    if (u.isEmpty(0) || u.isEmpty(1)) {
      if (u.stackFault(false)) u.set(0, setIndefinite(u.r));
      return;
    }
    const done = scaleF80(u.r, u.get(0, u.a), u.get(1, u.b), ctx);
    u.finish();
    if (done) u.set(0, u.r);
  };
};

/** (nearest): fprem, fprem1: quotient bits in C0, C3, C1; C2 if the reduction is partial. */
const remainder: Helper = (h) => {
  const u = unitOf(h);
  return (nearest) => {
    const ctx = u.begin();
    if (u.isEmpty(0) || u.isEmpty(1)) {
      u.status &= ~C2;
      if (u.stackFault(false)) u.set(0, setIndefinite(u.r));
      return;
    }
    const q = remF80(u.r, u.get(0, u.a), u.get(1, u.b), nearest !== 0, ctx);
    if (q === REM_SUPPRESSED) {
      u.status &= ~C2;
      u.finish(false);
      return;
    }
    // an invalid operand or a NaN leaves C0 and C3 as they were
    if ((ctx.flags & IE) !== 0 || (u.r.se & 0x7fff) === 0x7fff) u.finishWith(u.status & (C0 | C3));
    else if (q === REM_PARTIAL) u.finishWith(C2);
    else u.finishWith(((q & 4) !== 0 ? C0 : 0) | ((q & 2) !== 0 ? C3 : 0) | ((q & 1) !== 0 ? C1 : 0));
    u.set(0, u.r);
  };
};

/** (): ST(0) becomes its exponent, the significand is pushed. */
const extract: Helper = (h) => {
  const u = unitOf(h);
  return () => {
    const ctx = u.begin();
    const empty = u.isEmpty(0);
    if (empty || !u.isEmpty(-1)) {
      if (u.stackFault(!empty)) {
        u.set(0, setIndefinite(u.r));
        u.push(u.r);
      }
      return;
    }
    const done = extractF80(u.r, u.b, u.get(0, u.a), ctx);
    u.finish(false);
    if (!done) return;
    u.set(0, u.r);
    u.push(u.b);
  };
};

export const functions: HelperTable = {
  'x87.sqrt': unary(sqrtF80), 'x87.rndint': unary(roundF80), 'x87.2xm1': unary(exp2m1F80),
  'x87.abs': sign((se) => se & 0x7fff), 'x87.chs': sign((se) => se ^ 0x8000),
  'x87.sin': circular(sinF80), 'x87.cos': circular(cosF80),
  'x87.sincos': pushing(sinCosF80), 'x87.ptan': pushing(tanF80),
  'x87.patan': binaryPop(atanF80), 'x87.yl2x': binaryPop(ylog2xF80), 'x87.yl2xp1': binaryPop(ylog2xp1F80),
  'x87.scale': scale, 'x87.prem': remainder, 'x87.xtract': extract,
};
