import { BYTE, CELL, VECTOR, VECTOR_SLOT, createCpuState, resetCpuState, vectorOffset } from '@tally86/core';
import { beforeEach, describe, expect, test } from 'vitest';
import type { HelperContext } from '../context.ts';
import { readFxsaveImage, readXsave, sseHelpers, writeFxsaveImage, writeXsave, xsaveBytes } from './index.ts';

const cpu = createCpuState(new ArrayBuffer(16384));
const memory = new Uint8Array(4096);
const raised: number[] = [];
const address = (slot: number, offset: number): number => Number(cpu.u64[slot]) + offset;
const context: HelperContext = {
  cpu,
  model: { name: 'test', leaves: {}, xcr0: 3, features: new Set() },
  tsc: () => 0n,
  random: () => null,
  raise(vector) {
    raised.push(vector);
    throw new Error(`raised ${vector}`);
  },
  read: (slot, offset, into) => into.set(memory.subarray(address(slot, offset), address(slot, offset) + into.length)),
  write: (slot, offset, from) => memory.set(from, address(slot, offset)),
};
const bound = new Map(Object.entries(sseHelpers).map(([name, make]) => [name, make(context)]));
const call = (name: string, a = 0, b = 0, c = 0, d = 0): void => bound.get(name)!(a, b, c, d);
const f64 = (slot: number, ...values: number[]): void => values.forEach((x, i) => { cpu.f64[(vectorOffset(slot) >> 3) + i] = x; });
const u64 = (slot: number, lane = 0): bigint => cpu.u64[(vectorOffset(slot) >> 3) + lane]!;

beforeEach(() => {
  resetCpuState(cpu);
  raised.length = 0;
});

const SNAN = 0x7ff0000000000123n;
const QNAN = 0xfff8000000000456n;
const bits = (x: number): bigint => new BigUint64Array(new Float64Array([x]).buffer)[0]!;

/** [operation, a, b, MXCSR before, result, MXCSR after]; null: #XM, nothing written. */
const SCALARS: readonly (readonly [string, bigint, bigint, number, bigint | null, number])[] = [
  ['f64.add', bits(1), bits(2), 0x1f80, bits(3), 0x1f80],
  ['f64.add', bits(0.1), bits(0.2), 0x1f80, bits(0.1 + 0.2), 0x1fa0],
  ['f64.add', bits(1), bits(2 ** -60), 0x5f80, bits(1 + 2 ** -52), 0x5fa0], // up
  ['f64.add', bits(1), bits(2 ** -60), 0x0f80, null, 0x0fa0], // precision unmasked
  ['f64.sub', bits(Infinity), bits(Infinity), 0x1f80, 0xfff8000000000000n, 0x1f81],
  ['f64.mul', SNAN, QNAN, 0x1f80, 0x7ff8000000000123n, 0x1f81],
  ['f64.mul', QNAN, SNAN, 0x1f80, QNAN, 0x1f81],
  ['f64.mul', bits(2 ** -1000), bits(2 ** -1000), 0x9f80, 0n, 0x9fb0], // flush to zero
  ['f64.mul', bits(5e-324), bits(2), 0x1f80, bits(1e-323), 0x1f82], // denormal operand
  ['f64.mul', bits(5e-324), bits(2), 0x1fc0, 0n, 0x1fc0], // denormals are zeros
  ['f64.div', bits(1), bits(0), 0x1f80, bits(Infinity), 0x1f84],
  ['f64.div', bits(1), bits(0), 0x1d80, null, 0x1d84], // division by zero unmasked
  ['f64.div', bits(1), bits(3), 0x1fa0, bits(1 / 3), 0x1fa0],
  ['f64.min', bits(0), bits(-0), 0x1f80, bits(-0), 0x1f80],
  ['f64.min', bits(1), QNAN, 0x1f80, QNAN, 0x1f81],
  ['f64.max', QNAN, bits(1), 0x1f80, bits(1), 0x1f81],
];

describe('scalar doubles', () => {
  test.each(SCALARS)('%s %s %s with MXCSR %i', (name, a, b, before, result, after) => {
    cpu.u64[vectorOffset(1) >> 3] = a;
    cpu.u64[vectorOffset(2) >> 3] = b;
    cpu.u64[CELL.mxcsr] = BigInt(before);
    if (result === null) expect(() => call(name, 1, 1, 2)).toThrow();
    else call(name, 1, 1, 2);
    expect(raised).toEqual(result === null ? [VECTOR.XM] : []);
    expect(u64(1)).toBe(result ?? a);
    expect(Number(cpu.u64[CELL.mxcsr])).toBe(after);
  });

  test('an exception of the second lane leaves the first one alone, and hides its later flags', () => {
    f64(1, 1, 1);
    f64(2, 3, 0);
    cpu.u64[CELL.mxcsr] = 0x1d80n;
    expect(() => call('f64x2.div', 1, 1, 2)).toThrow();
    expect(u64(1)).toBe(bits(1));
    expect(cpu.u64[CELL.mxcsr]).toBe(0x1d84n);
  });
});

/** [operand, imm, MXCSR before, result, MXCSR after] */
const ROUNDED: readonly (readonly [bigint, number, number, bigint, number])[] = [
  [bits(2.5), 9, 0x1f80, bits(2), 0x1f80],
  [bits(-2.5), 1, 0x1fa0, bits(-3), 0x1fa0],
  [bits(-2.5), 1, 0x1f80, bits(-3), 0x1fa0],
  [bits(7), 1, 0x1f80, bits(7), 0x1f80],
  [bits(-Infinity), 9, 0x1f80, bits(-Infinity), 0x1f80],
  [bits(-0.5), 10, 0x1f80, bits(-0), 0x1f80],
  [SNAN, 9, 0x1f80, 0x7ff8000000000123n, 0x1f81],
  [SNAN, 0xd9, 0x1fa0, 0x7ff8000000000123n, 0x1fa1],
  [QNAN, 9, 0x1f80, QNAN, 0x1f80],
];
test.each(ROUNDED)('f64.round %s imm %i with MXCSR %i', (x, imm, before, expected, after) => {
  cpu.u64[vectorOffset(3) >> 3] = x;
  cpu.u64[CELL.mxcsr] = BigInt(before);
  call('f64.round', 1, 3, 0, imm);
  expect([u64(1), Number(cpu.u64[CELL.mxcsr])]).toEqual([expected, after]);
});

/** [helper, operand, MXCSR before, cell, MXCSR after] */
const TO_INTEGER: readonly (readonly [string, number, number, bigint, number])[] = [
  ['cvttsd2si32', 2.9, 0x1f80, 2n, 0x1fa0],
  ['cvtsd2si32', 2.5, 0x1f80, 2n, 0x1fa0],
  ['cvtsd2si32', 2.5, 0x5f80, 3n, 0x5fa0],
  ['cvtsd2si32', -2.5, 0x3f80, 0xfffffffdn, 0x3fa0],
  ['cvttsd2si32', 2 ** 31, 0x1f80, 0x80000000n, 0x1f81],
  ['cvttsd2si32', NaN, 0x1f80, 0x80000000n, 0x1f81],
  ['cvttsd2si64', 2 ** 40 + 0.5, 0x1f80, 1n << 40n, 0x1fa0],
  ['cvttsd2si64', -(2 ** 63), 0x1f80, 1n << 63n, 0x1f80],
  ['cvttsd2si64', 2 ** 63, 0x1f80, 1n << 63n, 0x1f81],
  ['cvttsd2si64', -7, 0x1f80, (1n << 64n) - 7n, 0x1f80],
];
test.each(TO_INTEGER)('%s %d with MXCSR %i', (name, x, before, expected, after) => {
  f64(3, x);
  cpu.u64[CELL.mxcsr] = BigInt(before);
  call(name, CELL.temp, 3);
  expect(cpu.u64[CELL.temp]).toBe(expected);
  expect(Number(cpu.u64[CELL.mxcsr])).toBe(after);
});

const text = (slot: number, s: string): void => {
  cpu.u8.fill(0, vectorOffset(slot), vectorOffset(slot) + 16);
  for (let i = 0; i < s.length; i++) cpu.u8[vectorOffset(slot) + i] = s.charCodeAt(i);
};
/** [a, b, imm, ecx, flags] of pcmpistri */
const STRINGS: readonly (readonly [string, string, number, number, number])[] = [
  ['aeiou', 'hello', 0x00, 1, 0xc1], // equal any
  ['az', 'HELlO', 0x04, 3, 0xc1], // ranges
  ['hello', 'help', 0x18, 3, 0xc1], // equal each, negative
  ['lo', 'hello', 0x0c, 3, 0xc1], // equal ordered
  ['aeiou', 'hello', 0x40, 4, 0xc1], // last
  ['xyz', 'hello', 0x00, 16, 0xc0],
];
test.each(STRINGS)('pcmpistri %s %s imm %i', (a, b, imm, index, flags) => {
  text(4, a);
  text(5, b);
  call('pcmpistri', CELL.temp, CELL.temp + 1, 4 | (5 << 8), imm);
  expect([Number(cpu.u64[CELL.temp]), Number(cpu.u64[CELL.temp + 1])]).toEqual([index, flags]);
});

function fillState(): void {
  for (let i = 0; i < 16 * 32; i++) cpu.u8[BYTE.vector + i] = (i * 7 + 3) & 255;
  for (let i = 0; i < 8; i++) for (let k = 0; k < 10; k++) cpu.u8[BYTE.x87 + 16 * i + k] = 16 * i + k + 1;
  cpu.u64[CELL.fcw] = 0x27fn;
  cpu.u64[CELL.fsw] = 0x4100n;
  cpu.u64[CELL.ftop] = 5n;
  cpu.u64[CELL.ftw] = 0xa5n;
  cpu.u64[CELL.mxcsr] = 0x1fa0n;
}

describe('images', () => {
  test('fxsave and back', () => {
    fillState();
    const before = cpu.u8.slice(0, 2304);
    const image = new Uint8Array(512);
    readFxsaveImage(cpu, image);
    const view = new DataView(image.buffer);
    expect([view.getUint16(0, true), view.getUint16(2, true), image[4], view.getUint32(24, true), view.getUint32(28, true)]).toEqual([0x27f, 0x6900, 0xa5, 0x1fa0, 0xffff]);
    expect(image[32]).toBe(16 * 5 + 1); // ST(0) is the register TOP
    resetCpuState(cpu);
    cpu.u8.set(before.subarray(vectorOffset(VECTOR_SLOT.high), vectorOffset(VECTOR_SLOT.temp)), vectorOffset(VECTOR_SLOT.high));
    expect(writeFxsaveImage(cpu, image)).toBe(true);
    expect(cpu.u8.slice(BYTE.vector, 2304)).toEqual(before.slice(BYTE.vector));
    view.setUint32(24, 0x10000, true);
    expect(writeFxsaveImage(cpu, image)).toBe(false);
  });

  test('xsave leaves what it was not asked for; xrstor initialises what is absent', () => {
    fillState();
    const image = new Uint8Array(xsaveBytes(3)).fill(0xee);
    image.fill(0, 512);
    writeXsave(cpu, image, 2, true, false);
    expect([image[0], image[32], image[160], image[512]]).toEqual([0xee, 0xee, cpu.u8[BYTE.vector], 2]);
    expect(readXsave(cpu, image, 3, 3, true, false)).toBe(true);
    expect(cpu.u64[CELL.fcw]).toBe(0x37fn);
    expect(cpu.u64[CELL.mxcsr]).toBe(0x1fa0n);
    image[520] = 1;
    expect(readXsave(cpu, image, 3, 3, true, false)).toBe(false);
    image[520] = 0;
    image[512] = 4;
    expect(readXsave(cpu, image, 3, 3, true, false)).toBe(false);
  });

  test('ldmxcsr and alignment raise #GP', () => {
    cpu.u64[CELL.temp] = 0x10000n;
    expect(() => call('ldmxcsr', CELL.temp)).toThrow();
    cpu.u64[CELL.temp] = 72n;
    expect(() => call('aligned', CELL.temp, 16)).toThrow();
    expect(() => call('xsave', CELL.temp, 1)).toThrow();
    expect(raised).toEqual([VECTOR.GP, VECTOR.GP, VECTOR.GP]);
  });
});
