import { afterAll, describe, expect, it } from 'vitest';
import { hasOracle } from '../oracles.ts';
import { LAYOUT, type FuzzCase } from './case.ts';
import { createNativeExecutor } from './executor.ts';

function testCase(code: readonly number[], changes: Partial<FuzzCase> = {}): FuzzCase {
  const fx = new Uint8Array(512);
  new DataView(fx.buffer).setUint16(0, 0x37f, true);
  new DataView(fx.buffer).setUint32(24, 0x1f80, true);
  return {
    code: Uint8Array.from(code), codeOffset: 0, int3: true, gpr: new BigUint64Array(16), rflags: 0x202, fsBase: 0n, gsBase: 0n, fx,
    ymmHigh: new Uint8Array(256), patches: [], family: 'alu', form: 1, mnemonic: 1, target: null, ...changes,
  };
}

const rax = (value: bigint, rest: Readonly<Record<number, bigint>> = {}): BigUint64Array => {
  const gpr = new BigUint64Array(16);
  gpr[0] = value;
  for (const [i, v] of Object.entries(rest)) gpr[Number(i)] = v;
  return gpr;
};
const ARENA = BigInt(LAYOUT.arenaBase);
const CODE = BigInt(LAYOUT.codeBase);

describe.skipIf(!hasOracle('native', 'gcc'))('native executor', () => {
  const executor = createNativeExecutor();
  afterAll(() => executor.close());
  const run = async (test: FuzzCase) => (await executor.run([test]))[0]!;

  it.each([true, false])('add rax, rcx: registers, flags, rip (int3 %s)', async (int3) => {
    const result = await run(testCase([0x48, 0x01, 0xc8], { int3, gpr: rax(~0n, { 1: 1n }) }));
    expect(result).toMatchObject({ fault: null, rip: CODE + 3n, changes: [] });
    expect(result.gpr[0]).toBe(0n);
    expect(result.rflags & 0x8d5).toBe(0x55); // CF PF AF ZF
  });

  it('a store changes the arena, and only for its own case', async () => {
    const store = testCase([0x48, 0x89, 0x08], { gpr: rax(ARENA + 0x123n, { 1: 0x1122_3344_5566_7788n }) });
    const [first, second] = await executor.run([store, testCase([0x90])]);
    expect(first!.changes.map(({ offset, bytes }) => [offset, bytes.length])).toEqual([[0x120, 16]]);
    expect([...first!.changes[0]!.bytes.subarray(3, 11)]).toEqual([0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11]);
    expect(second!.changes).toEqual([]);
  });

  it('reads what a patch put there', async () => {
    const result = await run(testCase([0x8b, 0x00], { gpr: rax(ARENA + 8n), patches: [{ offset: 8, bytes: Uint8Array.of(1, 2, 3, 4) }] }));
    expect(result.gpr[0]).toBe(0x04030201n);
  });

  it.each([
    ['unmapped page', [0x48, 0x89, 0x08], rax(ARENA - 8n), 14, 6, ARENA - 8n],
    ['read-only page', [0x48, 0x89, 0x08], rax(ARENA + 0x4010n), 14, 7, ARENA + 0x4010n],
    ['half in, half out', [0x48, 0x8b, 0x08], rax(ARENA + 0x4ffcn), 14, 4, ARENA + 0x5000n],
    ['not canonical', [0x48, 0x8b, 0x08], rax(1n << 63n), 13, 0, 0n],
    ['not canonical, by the stack', [0x48, 0x8b, 0x04, 0x24], rax(0n, { 4: 1n << 63n }), 12, 0, 0n],
    ['division by 0', [0x48, 0xf7, 0xf1], rax(1n), 0, 0, null],
    ['ud2', [0x0f, 0x0b], rax(0n), 6, 0, null],
    ['hlt', [0xf4], rax(0n), 13, 0, null],
    ['misaligned movaps', [0x0f, 0x28, 0x00], rax(ARENA + 8n), 13, 0, null],
  ] as const)('fault: %s', async (_, code, gpr, vector, errorCode, address) => {
    const result = await run(testCase(code, { gpr: gpr.slice() }));
    expect(result.fault).toMatchObject({ vector });
    if (vector === 14) expect(result.fault).toMatchObject({ errorCode, address });
    expect(result.rip).toBe(CODE);
  });

  it('a branch goes where it goes, without executing what is there', async () => {
    const result = await run(testCase([0xe9, 0, 0, 0, 0x10], { int3: false }));
    expect(result).toMatchObject({ fault: null, rip: CODE + 5n + 0x1000_0000n });
  });

  it('loads and stores the x87 and vector state', async () => {
    const test = testCase([0x66, 0x0f, 0xef, 0xc0]); // pxor xmm0, xmm0
    test.fx.fill(0xaa, 160, 176);
    test.fx.fill(0xbb, 176, 192);
    test.fx[4] = 0xff;
    test.fx.fill(0x5a, 32, 42);
    test.ymmHigh.fill(7);
    const result = await run(test);
    expect([...result.fx.subarray(160, 176)]).toEqual(new Array(16).fill(0));
    expect([...result.fx.subarray(176, 192)]).toEqual(new Array(16).fill(0xbb));
    expect([...result.fx.subarray(32, 42)]).toEqual(new Array(10).fill(0x5a));
    expect([...result.ymmHigh]).toEqual(new Array(256).fill(7));
  });

  it('uses fs', async () => {
    const result = await run(testCase([0x64, 0x48, 0x8b, 0x04, 0x25, 0x10, 0, 0, 0], { fsBase: ARENA, patches: [{ offset: 16, bytes: new Uint8Array(8).fill(9) }] }));
    expect(result.gpr[0]).toBe(0x0909090909090909n);
  });

  it('survives a case that kills it', async () => {
    // exit_group(0) by syscall: no generator makes it
    const [before, dead, after] = await executor.run([testCase([0x90]), testCase([0x0f, 0x05], { gpr: rax(231n) }), testCase([0x90])]);
    expect([before!.fault, dead, after!.fault]).toEqual([null, null, null]);
  });
});
