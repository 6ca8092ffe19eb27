import { CELL, CPU_STATE_BASE, createCpuState, REG, resetCpuState, type EngineFactory } from '@tally86/core';
import { cpuModels } from '@tally86/decoder';
import { interpreter } from '@tally86/interpreter';
import { createMmu, lazy } from '@tally86/mmu';
import { expect, it } from 'vitest';
import { jit } from '../engine.ts';

const CODE = 0x5555_5555_5000;
const DATA = 0x10_0000;

/** Runs to a system call. A little budget at a time, where there is one for slices. */
function run(factory: EngineFactory, code: readonly number[], slice = 1_000_000) {
  const mmu = createMmu({ budgetBytes: 1 << 20, pageTable: lazy });
  mmu.pager = { backing: () => ({ prot: 7, shared: false, source: null, pageIndex: 0 }) };
  mmu.poke(CODE, Uint8Array.from(code));
  const cpu = createCpuState(mmu.buffer, CPU_STATE_BASE);
  resetCpuState(cpu);
  cpu.u64[CELL.rip] = BigInt(CODE);
  cpu.u64[REG.rsp] = BigInt(DATA);
  const engine = factory.create({ cpu, mmu, model: cpuModels['x86-64-v3']!, hooks: null, readTsc: (retired) => BigInt(retired) * 3n });
  let stop = engine.run(slice);
  for (let i = 0; stop.kind === 'budget' && i < 100_000; i++) stop = engine.run(slice);
  const memory = new Uint8Array(0x4000);
  mmu.peek(DATA, memory);
  const cells = [CELL.rip, CELL.retired, CELL.repIterations, CELL.repCompleted, CELL.repEmpty, CELL.repExhausted, CELL.rflags].map((cell) => cpu.u64[cell]!);
  return { state: { stop, cells, gpr: [...cpu.u64.subarray(0, 16)], memory }, stats: engine.stats() };
}

const movRdi = (at: number): number[] => [0x48, 0xbf, at & 255, at >> 8 & 255, at >> 16 & 255, 0, 0, 0, 0, 0];
const movRsi = (at: number): number[] => [0x48, 0xbe, ...movRdi(at).slice(2)];
const SYSCALL = [0x0f, 0x05];

it.each<readonly [string, readonly number[]]>([
  // mov eax, 1; cpuid; add r8, rcx; rdtsc; add r8, rax; rdtscp; xor ecx, ecx; xgetbv; stc
  ['what asks about the machine', [0xb8, 1, 0, 0, 0, 0x0f, 0xa2, 0x49, 0x01, 0xc8, 0x0f, 0x31, 0x49, 0x01, 0xc0, 0x0f, 0x01, 0xf9, 0x31, 0xc9, 0x0f, 0x01, 0xd0, 0xf9]],
  // mov eax, 7; xor edx, edx; xsave [rdi]; xorps xmm0, xmm0; xrstor [rdi]; movups [rdi + 1600], xmm0
  ['images of much state', [...movRdi(DATA), 0xb8, 7, 0, 0, 0, 0x31, 0xd2, 0x0f, 0xae, 0x27, 0x0f, 0x57, 0xc0, 0x0f, 0xae, 0x2f, 0x0f, 0x11, 0x87, 0x40, 6, 0, 0]],
  // mov ecx, 1500; mov eax, 0x12345678; rep stosd, over two ends of pages
  ['repeated stores', [...movRdi(DATA + 100), 0xb9, 0xdc, 5, 0, 0, 0xb8, 0x78, 0x56, 0x34, 0x12, 0xf3, 0xab]],
  // the same, then mov ecx, 5000; rep movsb
  ['repeated moves', [...movRdi(DATA + 8), 0xb9, 0, 1, 0, 0, 0xb8, 0x78, 0x56, 0x34, 0x12, 0xf3, 0xab, ...movRsi(DATA), ...movRdi(DATA + 0x2000), 0xb9, 0x88, 0x13, 0, 0, 0xf3, 0xa4]],
  // std; mov ecx, 1500; rep stosq, downwards
  ['repeated stores downwards', [...movRdi(DATA + 0x3000), 0xb9, 0xdc, 5, 0, 0, 0xfd, 0xf3, 0x48, 0xab, 0xfc]],
  // xor ecx, ecx; rep movsq
  ['repeated nothing', [0x31, 0xc9, 0xf3, 0x48, 0xa5]],
])('%s and system calls are left to no other engine', (_name, code) => {
  const expected = run(interpreter, [...code, ...SYSCALL]);
  expect(expected.state.stop).toEqual({ kind: 'syscall' });
  const whole = run(jit(interpreter), [...code, ...SYSCALL]);
  expect(whole.state).toEqual(expected.state);
  expect(whole.stats['microExact']).toBe(0);
  for (const slice of [1, 3, 7]) expect(run(jit(interpreter), [...code, ...SYSCALL], slice).state).toEqual(expected.state);
});

it('a repeated store into the middle of an element at the end of a page goes by the exact engine, which goes on where it stands', () => {
  // mov ecx, 2000; rep stosq at an odd address
  const code = [...movRdi(DATA + 3), 0xb9, 0xd0, 7, 0, 0, 0xf3, 0x48, 0xab, ...SYSCALL];
  const { state, stats } = run(jit(interpreter), code);
  expect(state).toEqual(run(interpreter, code).state);
  expect(stats['microExact']).toBeGreaterThan(0);
});

it('time is exact where micro-operations are executed in the middle of a region\'s run', () => {
  // mov ecx, 20000; again: dec ecx; test cl, 63; jz rare; jmp again; rare: rdtsc; add rbx, rax; rol rbx, 1; test ecx, ecx; jnz again
  const code = [0xb9, 0x20, 0x4e, 0, 0, 0xff, 0xc9, 0xf6, 0xc1, 0x3f, 0x74, 2, 0xeb, 0xf7, 0x0f, 0x31, 0x48, 0x01, 0xc3, 0x48, 0xd1, 0xc3, 0x85, 0xc9, 0x75, 0xeb, ...SYSCALL];
  const { state, stats } = run(jit(interpreter, { threshold: 1000, batch: 1, maxBlocks: 2 }), code);
  expect(state).toEqual(run(interpreter, code).state);
  expect(stats['retiredHere']).toBeGreaterThan(60_000);
  // most visits to the rare block were not the host's
  expect([stats['microExact'], stats['regions']! > 0, stats['coldLinks']! < 20]).toEqual([0, true, true]);
});
