import { CELL, createCpuState, FLAG, FLAG_KIND, FLAG_OVERLAY, REG, resetCpuState, VECTOR, type CpuModel } from '@tally86/core';
import { describe, expect, it } from 'vitest';
import type { HelperContext } from '../context.ts';
import { mergeArithmeticFlags, readArithmeticFlags } from '../flags.ts';
import { integerHelpers } from './index.ts';

const MODEL: CpuModel = { name: 'test', xcr0: 3, features: new Set(), leaves: { 1: [1, 2, 3, 0x8000_0000], '4:1': [9, 8, 7, 6] } };
const { rax, rcx, rdx, rbx } = REG;
const T = CELL.temp;

function machine() {
  const cpu = createCpuState(new ArrayBuffer(8192));
  resetCpuState(cpu);
  const memory = new Uint8Array(64);
  const context: HelperContext = {
    cpu, model: MODEL,
    tsc: () => 0x1_2345_6789n,
    random: () => null,
    raise(vector, errorCode = 0) { throw new Error(`vector ${vector} error ${errorCode}`); },
    read: (slot, offset, into) => into.set(memory.subarray(Number(cpu.u64[slot]!) + offset).subarray(0, into.length)),
    write: (slot, offset, from) => memory.set(from, Number(cpu.u64[slot]!) + offset),
  };
  const call = (name: string, a = 0, b = 0, c = 0, d = 0): void => integerHelpers[name]!(context)(a, b, c, d);
  return { cpu, memory, call };
}

describe('division', () => {
  const MIN = 1n << 63n;
  it.each([
    // name, log2 size, rdx, rax, divisor, rdx and rax afterwards or null for #DE
    ['div', 0, 0n, 0xff_fe07n, 2n, null],
    ['div', 0, 7n, 0xaa_01ffn, 2n, [7n, 0xaa_01ffn]],
    ['div', 0, 0n, 100n, 0n, null],
    ['div', 1, 0xffff_0001n, 0xffff_0000n, 0x8000n, [0xffff_0000n, 0xffff_0002n]],
    ['div', 1, 1n, 0n, 1n, null],
    ['div', 2, 0xff_0000_0001n, 0xff_0000_0007n, 16n, [7n, 0x1000_0000n]],
    ['div', 2, 0xffff_fffen, 0xffff_ffffn, 0xffff_ffffn, [0xffff_fffen, 0xffff_ffffn]],
    ['div', 2, 5n, 0n, 5n, null],
    ['div', 3, 1n, 5n, 2n, [1n, (1n << 63n) + 2n]],
    ['div', 3, 0n, 1n, 0n, null],
    ['idiv', 0, 0n, 0xff81n, 2n, [0n, 0xffc1n]],
    ['idiv', 0, 0n, 0x80n, 1n, null],
    ['idiv', 1, 0xffffn, 0x8000n, 0xffffn, null],
    ['idiv', 1, 0xffffn, 0xfff9n, 2n, [0xffffn, 0xfffdn]],
    ['idiv', 2, 0xffff_ffffn, 0x8000_0000n, 0xffff_ffffn, null],
    ['idiv', 2, 0xffff_ffffn, 0xffff_fff9n, 2n, [0xffff_ffffn, 0xffff_fffdn]],
    ['idiv', 2, 1n, 0n, 2n, null],
    ['idiv', 3, (1n << 64n) - 1n, MIN, (1n << 64n) - 1n, null],
    ['idiv', 3, 0n, 7n, (1n << 64n) - 2n, [1n, (1n << 64n) - 3n]],
  ] as const)('%s log2 %i: %o:%o by %o', (name, log2, high, low, by, expected) => {
    const { cpu, call } = machine();
    cpu.u64[rdx] = high;
    cpu.u64[rax] = low;
    cpu.u64[T] = by;
    if (expected === null) {
      expect(() => call(name, log2, T)).toThrow(`vector ${VECTOR.DE}`);
      expect([cpu.u64[rdx], cpu.u64[rax]]).toEqual([high, low]);
    } else {
      call(name, log2, T);
      expect([cpu.u64[rdx], cpu.u64[rax]]).toEqual(expected);
    }
  });
});

describe('rotates through carry', () => {
  const { CF, OF } = FLAG;
  // measured on a Zen 4, value 0x85
  it.each([
    ['rcl', 1, 0, 0x0a, CF | OF], ['rcl', 1, CF, 0x0b, CF | OF], ['rcl', 9, CF, 0x85, CF], ['rcl', 8, 0, 0x42, CF | OF], ['rcl', 0, OF, 0x85, OF],
    ['rcr', 1, 0, 0x42, CF | OF], ['rcr', 1, CF, 0xc2, CF], ['rcr', 3, 0, 0x50, CF | OF], ['rcr', 9, 0, 0x85, OF], ['rcr', 18, CF, 0x85, CF | OF],
  ] as const)('%s by %i with flags %i', (name, count, before, result, after) => {
    const { cpu, call } = machine();
    cpu.u64[CELL.ccA] = BigInt(before);
    cpu.u64[T] = 0x1234_0085n;
    cpu.u64[T + 1] = BigInt(count);
    call(name, 0, T, T + 1, T + 2);
    expect([cpu.u64[T + 2], cpu.u64[T + 3]]).toEqual([BigInt(result), BigInt(after)]);
  });
});

describe('overlays on lazy flags', () => {
  it('replace single flags of a record and go with the next one', () => {
    const { cpu } = machine();
    cpu.u64[CELL.ccKind] = BigInt(FLAG_KIND.sub | 0x300);
    cpu.u64[CELL.ccA] = 1n;
    cpu.u64[CELL.ccB] = 2n;
    const before = readArithmeticFlags(cpu);
    expect(before & FLAG.CF).toBe(FLAG.CF);
    mergeArithmeticFlags(cpu, FLAG.CF, 0);
    expect(cpu.u64[CELL.ccKind]).toBe(BigInt(FLAG_KIND.sub | 0x300 | FLAG_OVERLAY.CF));
    expect(readArithmeticFlags(cpu)).toBe(before & ~FLAG.CF);
    mergeArithmeticFlags(cpu, FLAG.OF, FLAG.OF | FLAG.CF);
    expect(readArithmeticFlags(cpu)).toBe((before & ~FLAG.CF) | FLAG.OF);
    mergeArithmeticFlags(cpu, FLAG.ZF, FLAG.ZF);
    expect(readArithmeticFlags(cpu)).toBe((before & ~FLAG.CF) | FLAG.OF | FLAG.ZF);
  });
  it('cannot stand on records that use the third operand', () => {
    const { cpu } = machine();
    cpu.u64[CELL.ccKind] = BigInt(FLAG_KIND.adc | 0x300);
    cpu.u64[CELL.ccA] = (1n << 64n) - 1n;
    cpu.u64[CELL.ccC] = 1n;
    const before = readArithmeticFlags(cpu);
    mergeArithmeticFlags(cpu, FLAG.CF, 0);
    expect(readArithmeticFlags(cpu)).toBe(before & ~FLAG.CF);
  });
});

describe('the rest', () => {
  it('crc32 of "123456789" is 0xe3069283', () => {
    const { cpu, call } = machine();
    cpu.u64[rax] = 0xffff_ffffn;
    for (const byte of new TextEncoder().encode('123456789')) {
      cpu.u64[T] = BigInt(byte);
      call('crc32', rax, T, 1);
    }
    expect(cpu.u64[rax]! ^ 0xffff_ffffn).toBe(0xe306_9283n);
  });

  it.each([[4, 1, 9], [4, 2, 0], [1, 77, 1], [99, 0, 0]])('cpuid of leaf %i, %i', (leaf, subleaf, eax) => {
    const { cpu, call } = machine();
    cpu.u64[rax] = BigInt(leaf) | (1n << 40n);
    cpu.u64[rcx] = BigInt(subleaf);
    call('cpuid');
    expect(cpu.u64[rax]).toBe(BigInt(eax));
  });

  it('rdtsc splits, xgetbv knows one register', () => {
    const { cpu, call } = machine();
    call('rdtsc');
    expect([cpu.u64[rdx], cpu.u64[rax]]).toEqual([1n, 0x2345_6789n]);
    call('xgetbv');
    expect([cpu.u64[rdx], cpu.u64[rax]]).toEqual([0n, 3n]);
    cpu.u64[rcx] = 1n;
    expect(() => call('xgetbv')).toThrow(`vector ${VECTOR.GP}`);
  });

  // selector, whether ds takes it, error code else: as a Zen 4 under Linux answers
  it.each([[0, true, 0], [3, true, 0], [0x2b, true, 0], [0x33, true, 0], [0x7b, true, 0], [0x10, false, 0x10], [0x63, false, 0x60], [7, false, 4], [0xff8, false, 0xff8]])(
    'loads selector %i: %s', (selector, taken, error) => {
      const { cpu, call } = machine();
      cpu.u64[CELL.fsBase] = 5n;
      cpu.u64[T] = BigInt(selector) | 0x10000n;
      if (taken) {
        call('loadSegment', T, 2);
        expect([cpu.u64[CELL.selectors], cpu.u64[CELL.fsBase]]).toEqual([BigInt(selector) << 32n, 0n]);
      } else {
        expect(() => call('loadSegment', T, 2)).toThrow(`vector ${VECTOR.GP} error ${error}`);
        expect(cpu.u64[CELL.fsBase]).toBe(5n);
      }
    });

  it.each([[8, true], [8, false], [4, true], [4, false]])('cmpxchg of a pair of %i bytes, equal: %s', (half, equal) => {
    const { cpu, memory, call } = machine();
    const old = memory.map((_, i) => i + 1);
    memory.set(old);
    cpu.u64[T] = 16n;
    const [low, high] = half === 8 ? [0x1817161514131211n, 0x201f1e1d1c1b1a19n] : [0x14131211n, 0x18171615n];
    cpu.u64[rax] = equal ? low : 0xffn;
    cpu.u64[rdx] = high;
    cpu.u64[rbx] = 0xaaaa_aaaa_aaaa_aaaan;
    cpu.u64[rcx] = 0xbbbb_bbbb_bbbb_bbbbn;
    call('cmpxchgPair', T, half);
    expect(readArithmeticFlags(cpu)).toBe(equal ? FLAG.ZF : 0);
    expect([cpu.u64[rax], cpu.u64[rdx]]).toEqual([low, high]);
    const expected = old.slice();
    if (equal) expected.fill(0xaa, 16, 16 + half).fill(0xbb, 16 + half, 16 + 2 * half);
    expect(memory).toEqual(expected);
  });
});
