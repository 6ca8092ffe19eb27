import { FLAG } from '@tally86/core';
import { classifyF80, compareF80, compareOperands, F80, Unpacked, unpackF80, UNORDERED, type Relation } from '@tally86/softfloat';
import type { Helper, HelperTable } from '../context.ts';
import { writeArithmeticFlags } from '../flags.ts';
import { unpackMemory } from './arithmetic.ts';
import { C0, C1, C2, C3, unitOf } from './unit.ts';

/** Condition codes of a relation (SDM vol. 1, table 8-6). */
function conditions(relation: Relation): number {
  switch (relation) {
    case UNORDERED: return C3 | C2 | C0;
    case -1: return C0;
    case 0: return C3;
    default: return 0;
  }
}

/** (i, pops, quiet): fcom, fucom with ST(i). */
const registers: Helper = (h) => {
  const u = unitOf(h);
  return (i, pops, quiet) => {
    const ctx = u.begin();
    if (u.isEmpty(0) || u.isEmpty(i)) {
      if (u.stackFault(false, conditions(UNORDERED))) u.pops(pops);
      return;
    }
    const relation = compareF80(u.get(0, u.a), u.get(i, u.b), quiet !== 0, ctx);
    u.finishWith(conditions(relation));
    if ((ctx.flags & ~ctx.masks) === 0) u.pops(pops);
  };
};

/** (format, cell, pop): fcom, ficom with a number in memory. */
const memory: Helper = (h) => {
  const u = unitOf(h);
  const { i32, u32 } = h.cpu;
  const x = new Unpacked();
  const y = new Unpacked();
  return (format, cell, pop) => {
    const ctx = u.begin();
    if (u.isEmpty(0)) {
      if (u.stackFault(false, conditions(UNORDERED))) u.pops(pop);
      return;
    }
    unpackF80(x, u.get(0, u.a));
    unpackMemory(y, format, u32[2 * cell + 1]!, i32[2 * cell]!);
    u.finishWith(conditions(compareOperands(x, y, false, ctx)));
    if ((ctx.flags & ~ctx.masks) === 0) u.pops(pop);
  };
};

/** (i, pop, quiet): fcomi, fucomi: ZF, PF, CF; the other arithmetic flags are cleared. */
const intoFlags: Helper = (h) => {
  const u = unitOf(h);
  return (i, pop, quiet) => {
    const ctx = u.begin();
    if (u.isEmpty(0) || u.isEmpty(i)) {
      const masked = u.stackFault(false);
      writeArithmeticFlags(h.cpu, FLAG.ZF | FLAG.PF | FLAG.CF);
      if (masked) u.pops(pop);
      return;
    }
    const relation = compareF80(u.get(0, u.a), u.get(i, u.b), quiet !== 0, ctx);
    u.finish(false);
    writeArithmeticFlags(h.cpu, relation === UNORDERED ? FLAG.ZF | FLAG.PF | FLAG.CF : relation === -1 ? FLAG.CF : relation === 0 ? FLAG.ZF : 0);
    if ((ctx.flags & ~ctx.masks) === 0) u.pops(pop);
  };
};

/** (): compares ST(0) with 0. */
const test: Helper = (h) => {
  const u = unitOf(h);
  const zero = new F80();
  return () => {
    const ctx = u.begin();
    if (u.isEmpty(0)) u.stackFault(false, conditions(UNORDERED));
    else u.finishWith(conditions(compareF80(u.get(0, u.a), zero, false, ctx)));
  };
};

/** (): the class of ST(0); C1 is its sign, also of an empty register. */
const examine: Helper = (h) => {
  const u = unitOf(h);
  return () => {
    u.begin();
    u.get(0, u.a);
    u.finishWith(u.isEmpty(0) ? C3 | C0 | (u.a.se >= 0x8000 ? C1 : 0) : classifyF80(u.a));
  };
};

export const comparison: HelperTable = {
  'x87.com': registers, 'x87.com.m': memory, 'x87.comi': intoFlags, 'x87.tst': test, 'x87.xam': examine,
};
