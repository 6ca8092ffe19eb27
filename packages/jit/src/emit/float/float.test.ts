import { BYTE, CELL, VECTOR_STRIDE, type CpuState } from '@tally86/core';
import type { HelperOp, IrOp } from '@tally86/decoder';
import { HELPERS, type HelperContext } from '@tally86/helpers';
import { describe, expect, test } from 'vitest';
import { vectorEmitter } from '../../../../interpreter/src/emit/vector.ts';
import { cellAt } from '../../layout.ts';
import { OP } from '../../wasm/opcodes.ts';
import { testMachine } from '../testing/machine.ts';
import { MXCSR_STATES, fill, generator, setMxcsr, type Kind } from '../testing/operands.ts';
import { emitVector, vectorFacts, type RegisterVectorOp } from '../vector/index.ts';
import { emitCompared, emitFloat, emitFloatRun, floatRunEnd } from './index.ts';

const helper = (name: string, ...args: number[]): HelperOp => ({ op: 'helper', name, args, reads: [], writes: [], faults: true });

const ops: HelperOp[] = [];
for (const prefix of ['f64', 'f32', 'f64x2', 'f32x4']) {
  for (const name of ['add', 'sub', 'mul', 'div', 'min', 'max']) for (const [d, a, b] of [[1, 1, 2], [3, 1, 2], [1, 1, 1]] as const) ops.push(helper(`${prefix}.${name}`, d, a, b));
  for (const [d, a] of [[1, 2], [1, 1]] as const) ops.push(helper(`${prefix}.sqrt`, d, a));
  for (let predicate = 0; predicate < 8; predicate++) ops.push(helper(`${prefix}.cmp`, 1, 1, 2, predicate));
  if (prefix.includes('x')) for (const name of ['hadd', 'hsub', 'addsub']) ops.push(helper(`${prefix}.${name}`, 1, 1, 2));
  else for (const quiet of [0, 1]) ops.push(helper(`${prefix}.comis`, 1, 1, 2, quiet));
}

for (const prefix of ['f64', 'f32', 'f64x2', 'f32x4']) for (let imm = 0; imm < 16; imm++) ops.push(helper(`${prefix}.round`, imm & 1, 1, 0, imm));
for (const name of ['cvtsd2ss', 'cvtss2sd', 'cvtpd2ps', 'cvtps2pd', 'cvtdq2ps', 'cvtdq2pd', 'cvtps2dq', 'cvttps2dq', 'cvtpd2dq', 'cvttpd2dq']) {
  ops.push(helper(name, 1, 2), helper(name, 1, 1));
}
for (const bits of [32, 64]) {
  for (const s of ['s', 'd']) ops.push(helper(`cvts${s}2si${bits}`, 1, 1), helper(`cvtts${s}2si${bits}`, 1, 1), helper(`cvtsi2s${s}${bits}`, 1, 2));
}
/** Whether the registers are to be filled with doubles. */
const isWide = (name: string): boolean => name.startsWith('f64') || /^cvtt?[sp]d/.test(name);

class Raised extends Error {}
function contextOf(cpu: CpuState): HelperContext {
  const raise = (): never => {
    throw new Raised('#XM');
  };
  return { cpu, raise, model: { name: 'test', leaves: {}, xcr0: 3, features: new Set() }, tsc: () => 0n, random: () => null, read: raise, write: raise };
}
/** Runs operations as the interpreter does; the number of those that were completed. */
function reference(cpu: CpuState, list: readonly IrOp[], end = list.length): number {
  const context = contextOf(cpu);
  for (let i = 0; i < end; i++) {
    const op = list[i]!;
    if (op.op !== 'helper') {
      vectorEmitter(cpu)(op as RegisterVectorOp, (() => undefined) as never)();
      continue;
    }
    const [a = 0, b = 0, c = 0, d = 0] = op.args;
    try {
      bound(context, op.name)(a, b, c, d);
    } catch (error) {
      if (error instanceof Raised) return i;
      throw error;
    }
  }
  return end;
}
const cache = new Map<string, { readonly cpu: CpuState; readonly f: (a: number, b: number, c: number, d: number) => void }>();
function bound(context: HelperContext, name: string): (a: number, b: number, c: number, d: number) => void {
  let entry = cache.get(name);
  if (entry?.cpu !== context.cpu) cache.set(name, (entry = { cpu: context.cpu, f: HELPERS[name]!(context) }));
  return entry.f;
}

function machineOf(lists: readonly (readonly IrOp[])[], exact: boolean): ReturnType<typeof testMachine> {
  let at = -1;
  return testMachine(lists, (w, op, index) => {
    if (index === 0) at++;
    const list = lists[at]!;
    const end = exact ? index : floatRunEnd(list, index);
    if (end > index) {
      emitFloatRun(w, list.slice(index, end), (i) => {
        w.instruction = index + i;
      });
      return end;
    }
    const done = op.op === 'helper' ? emitFloat(w, op, exact) : emitVector(w, op as RegisterVectorOp);
    if (!done) throw new Error(`not emitted: ${JSON.stringify(op)}`);
    return index + 1;
  });
}

interface Tally {
  runs: number;
  left: number;
}
/** Runs list i on the present state and compares with the reference. */
function compare(machine: ReturnType<typeof testMachine>, lists: readonly (readonly IrOp[])[], i: number, tally: Tally): void {
  const { cpu } = machine;
  const list = lists[i]!;
  const before = cpu.u8.slice();
  const left = machine.run(i);
  const after = cpu.u8.slice();
  cpu.u8.set(before);
  tally.runs++;
  if (left >= 0) tally.left++;
  const end = left < 0 ? list.length : left;
  const completed = reference(cpu, list, end);
  // exits leave the scratch cells alone; what differs is told by registers
  const parts = (u8: Uint8Array): string[] => [
    ...[0, 1, 2, 3].map((slot) => Buffer.from(u8.subarray(BYTE.vector + slot * VECTOR_STRIDE, BYTE.vector + slot * VECTOR_STRIDE + 16)).toString('hex')),
    Buffer.from(u8.subarray(0, 32)).toString('hex'), Buffer.from(u8.subarray(8 * CELL.mxcsr, 8 * CELL.mxcsr + 4)).toString('hex'),
  ];
  if (completed !== end || Buffer.compare(after, cpu.u8) !== 0) {
    expect({ list, before: parts(before), completed: end, state: parts(after) }).toEqual({ list, before: parts(before), completed, state: parts(cpu.u8) });
    expect(after).toEqual(cpu.u8.slice());
  }
}

const single = ops.map((op) => [op]);
/** Exits of all operations on operands of a kind. */
function measure(exact: boolean, mxcsr: number, kind: Kind, rounds: number, inexactOnly = false): Map<string, Tally> {
  const machine = machineOf(single, exact);
  const random = generator(mxcsr + rounds);
  const tallies = new Map<string, Tally>();
  for (const [i, op] of ops.entries()) {
    const tally = tallies.get(op.name) ?? { runs: 0, left: 0 };
    tallies.set(op.name, tally);
    for (let round = 0; round < rounds; round++) {
      fill(machine.cpu, random, isWide(op.name), kind);
      setMxcsr(machine.cpu, mxcsr);
      if (inexactOnly) {
        const before = machine.cpu.u8.slice();
        reference(machine.cpu, single[i]!);
        const changed = machine.cpu.i32[2 * CELL.mxcsr] !== mxcsr;
        machine.cpu.u8.set(before);
        if (changed) continue;
      }
      compare(machine, single, i, tally);
    }
  }
  return tallies;
}
const leavers = (tallies: Map<string, Tally>): string[] => [...tallies].filter(([, t]) => t.left > 0).map(([name, t]) => `${name} ${t.left}/${t.runs}`);

describe.each([false, true])('exact mode %s', (exact) => {
  test.each(MXCSR_STATES.map((mx) => [mx.toString(16), mx] as const))('MXCSR %s: results and flags are those of the interpreter', (_, mxcsr) => {
    measure(exact, mxcsr, 'any', mxcsr === 0x1fa0 || mxcsr === 0x1f80 ? 400 : 60);
  });
});

test('everyday numbers do not leave once an inexact result is recorded', () => {
  for (const exact of [false, true]) expect(leavers(measure(exact, 0x1fa0, 'plain', 250, true))).toEqual([]);
});
test('exact results do not leave in exact mode', () => {
  expect(leavers(measure(true, 0x1f80, 'whole', 250, true))).toEqual([]);
});

test.each(['f64', 'f32'] as const)('conditions after %s.comis', (prefix) => {
  const RESULTS = 100;
  const machine = testMachine([[helper(`${prefix}.comis`, RESULTS - 1, 1, 2, 0)]], (w, op) => {
    emitFloat(w, op as HelperOp);
    for (let cc = 0; cc < 16; cc++) {
      w.code.i32(0);
      emitCompared(w, vectorFacts(w).compared!, cc);
      w.code.memory(OP.i32_store, cellAt(RESULTS + cc));
    }
  });
  const { cpu } = machine;
  const random = generator(3);
  for (let round = 0; round < 100; round++) {
    fill(cpu, random, prefix === 'f64', 'plain');
    expect(machine.run(0)).toBe(-1);
    reference(cpu, [helper(`${prefix}.comis`, RESULTS - 1, 1, 2, 0)]);
    const flags = cpu.i32[2 * (RESULTS - 1)]!;
    const cf = flags & 1;
    const zf = (flags >> 6) & 1;
    // o, b, e, be, s, p, l, le and their opposites
    const expected = [0, cf, zf, cf | zf, 0, 0, 0, zf].flatMap((holds) => [holds, 1 - holds]);
    expect(expected.map((_, cc) => cpu.i32[2 * (RESULTS + cc)])).toEqual(expected);
  }
});

describe.each([false, true])('in a row, with what is known from one to the next: exact mode %s', (exact) => {
  const random = generator(7);
  const moves: readonly RegisterVectorOp[] = [
    { op: 'vmov', d: 0, a: 3 }, { op: 'vzero', d: 0 }, { op: 'vset', d: 1, a: 2, lane: 1, size: 4 }, { op: 'vset', d: 2, a: 1, lane: 0, size: 8 },
    ...['v128.xor', 'v128.low64', 'i64x2.unpack_low', 'i32x4.unpack_high', 'i32x4.blend', 'i16x8.add', 'v128.shr_bytes', 'palignr'].map((name): RegisterVectorOp =>
      ({ op: 'v', name, d: random(4), a: random(4), b: random(4), imm: 4 })),
    ...[0, 1, 2, 3, 0x4e, 0xb1].flatMap((imm) => ['i64x2.shuffle', 'i32x4.shuffle'].map((name): RegisterVectorOp => ({ op: 'v', name, d: random(4), a: random(4), b: random(4), imm }))),
  ];
  const lists = Array.from({ length: 600 }, (): IrOp[] => {
    const start = ['f', 'f64', 'f32', ''][random(4)]!;
    const pool = ops.filter(({ name }) => name.startsWith(start));
    return Array.from({ length: 3 + random(8) }, () => {
      if (random(3) === 0) return moves[random(moves.length)]!;
      const op = pool[random(pool.length)]!;
      const registers = /sqrt|round|cvt/.test(op.name) ? 2 : 3;
      return { ...op, args: op.args.map((arg, i) => (i < registers ? random(4) : arg)) };
    });
  });
  for (let i = 0; i < 200; i++) {
    const pool = ops.filter(({ name }) => new RegExp(`^${i & 1 ? 'f64' : 'f32'}.(add|sub|mul)`).test(name));
    const scalarMoves = moves.filter((op) => op.op === 'vmov' || op.op === 'vzero' || (op.op === 'v' && /shuffle|xor|unpack|blend/.test(op.name)));
    lists.push(Array.from({ length: 4 + random(9) }, () => (random(4) === 0 ? scalarMoves[random(scalarMoves.length)]! : { ...pool[random(pool.length)]!, args: [random(4), random(4), random(4)] })));
  }
  test.each(['any', 'plain', 'whole'] as const)('%s', (kind) => {
    const machine = machineOf(lists, exact);
    const tally = { runs: 0, left: 0 };
    for (const i of lists.keys()) {
      for (let round = 0; round < 40; round++) {
        fill(machine.cpu, random, random(2) === 0, kind);
        setMxcsr(machine.cpu, random(3) === 0 ? 0x1f80 : 0x1fa0);
        compare(machine, lists, i, tally);
      }
    }
    expect(tally.left).toBeLessThan(tally.runs);
  });
});
