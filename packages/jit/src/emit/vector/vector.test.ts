import { BYTE, VECTOR_STRIDE } from '@tally86/core';
import { ZERO, imm, type IrOp } from '@tally86/decoder';
import { expect, test } from 'vitest';
import { VECTOR_OPS } from '../../../../interpreter/src/vector/index.ts';
import { vectorEmitter } from '../../../../interpreter/src/emit/vector.ts';
import { testMachine } from '../testing/machine.ts';
import { emitVector, type RegisterVectorOp } from './index.ts';

const INTERPRETED = ['mpsadbw', 'phminposuw'];

/** All immediates that matter, and all ways in which operands may be the same register. */
const ops: RegisterVectorOp[] = [];
for (const name of Object.keys(VECTOR_OPS)) {
  const imms = name.endsWith('blendv') ? [0, 1, 2, 3] : /shl|shr|palignr|shuffle|blend/.test(name) ? Array.from({ length: 256 }, (_, i) => i) : [0];
  for (const imm of imms) ops.push({ op: 'v', name, d: 1, a: 1, b: 2, imm });
  for (const [d, a, b] of [[3, 1, 2], [2, 1, 2], [1, 1, 1]] as const) ops.push({ op: 'v', name, d, a, b, imm: 2 });
}
for (const size of [1, 2, 4, 8] as const) {
  for (let lane = 0; lane < 16 / size; lane++) {
    ops.push({ op: 'vget', d: 3, a: 1, lane, size }, { op: 'vset', d: 1, a: 5, lane, size }, { op: 'vset', d: 1, a: imm(0x123456789abcdefn), lane, size });
  }
}
ops.push({ op: 'vmov', d: 1, a: 2 }, { op: 'vzero', d: 1 }, { op: 'vset', d: 2, a: ZERO, lane: 1, size: 4 });

const isVector = (op: IrOp): RegisterVectorOp => op as RegisterVectorOp;
const compiled = ops.filter((op) => op.op !== 'v' || !INTERPRETED.includes(op.name));
const machine = testMachine(compiled.map((op) => [op]), (w, op) => {
  if (!emitVector(w, isVector(op))) throw new Error(`not emitted: ${JSON.stringify(op)}`);
});

let seed = 1;
const random = (): number => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) >>> 8;
const CORNERS = [0, 0xff, 0x80, 0x7f, 1];
/** Registers 0 to 3 and cell 5; lanes of corner values are as likely as any, and the count of shifts in 2 is small half of the time. */
function fill(u8: Uint8Array): void {
  for (let i = 40; i < 48; i++) u8[i] = random();
  for (let slot = 0; slot < 4; slot++) {
    const corners = random() % 3;
    for (let i = 0; i < 16; i++) u8[BYTE.vector + slot * VECTOR_STRIDE + i] = random() % 3 < corners ? CORNERS[random() % 5]! : random();
  }
  if (random() & 1) {
    u8.fill(0, BYTE.vector + 2 * VECTOR_STRIDE, BYTE.vector + 2 * VECTOR_STRIDE + 8);
    u8[BYTE.vector + 2 * VECTOR_STRIDE + (random() % 16 === 0 ? 7 : 0)] = random() % 70;
  }
}

test('what is emitted does what the interpreter does', () => {
  const { cpu } = machine;
  const expected = new Uint8Array(cpu.u8.length);
  for (const [i, op] of compiled.entries()) {
    const run = vectorEmitter(cpu)(op, (() => undefined) as never);
    for (let round = 0; round < (op.op === 'v' && op.imm === 0 ? 200 : 8); round++) {
      fill(cpu.u8);
      const before = cpu.u8.slice();
      run();
      expected.set(cpu.u8);
      cpu.u8.set(before);
      const left = machine.run(i) >= 0;
      if (left || Buffer.compare(cpu.u8, expected) !== 0) {
        expect(left).toBe(false);
        const vector = (u8: Uint8Array, slot: number): string => Buffer.from(u8.subarray(BYTE.vector + slot * VECTOR_STRIDE, BYTE.vector + slot * VECTOR_STRIDE + 16)).toString('hex');
        const show = (u8: Uint8Array): string[] => [0, 1, 2, 3].map((slot) => vector(u8, slot));
        expect({ op, before: show(before), after: show(cpu.u8) }).toEqual({ op, before: show(before), after: show(expected) });
        expect(cpu.u8).toEqual(expected);
      }
    }
  }
});

test('the others are left alone', () => {
  for (const name of INTERPRETED) {
    testMachine([[{ op: 'v', name, d: 1, a: 1, b: 2, imm: 0 }]], (w, op) => {
      const { length } = w.code;
      expect(emitVector(w, isVector(op))).toBe(false);
      expect(w.code.length).toBe(length);
    });
  }
});

test('a mask is read back from its lane', () => {
  const { cpu, run } = testMachine([[
    { op: 'v', name: 'i8x16.bitmask', d: 1, a: 2, b: 0, imm: 0 }, { op: 'vmov', d: 3, a: 1 }, { op: 'vget', d: 0, a: 3, lane: 0, size: 4 },
    { op: 'vset', d: 3, lane: 0, size: 1, a: ZERO }, { op: 'vget', d: 1, a: 3, lane: 0, size: 4 },
  ]], (w, op) => emitVector(w, isVector(op)));
  cpu.u8.fill(0xff, BYTE.vector + 2 * VECTOR_STRIDE, BYTE.vector + 2 * VECTOR_STRIDE + 16);
  expect(run(0)).toBe(-1);
  expect(cpu.u64[0]).toBe(0xffffn);
  expect(cpu.u64[1]).toBe(0xff00n);
});
