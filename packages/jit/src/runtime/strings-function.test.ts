import { CELL, createCpuState, BYTE, VECTOR_STRIDE } from '@tally86/core';
import { cpuModels } from '@tally86/decoder';
import { HELPERS } from '@tally86/helpers';
import { createMmu, pageTables } from '@tally86/mmu';
import { expect, it } from 'vitest';
import { SIMD, TYPE } from '../wasm/opcodes.ts';
import { Code } from '../wasm/code.ts';
import { encodeModule } from '../wasm/module.ts';
import { JitHelperContext } from './helper-context.ts';
import { STRINGS_LOCALS, STRINGS_TYPE, stringsBody } from './strings-function.ts';

const mmu = createMmu({ budgetBytes: 1 << 22, pageTable: pageTables.lazy! });
const cpu = createCpuState(mmu.buffer);
const helper = HELPERS.pcmpistri!(new JitHelperContext(cpu, mmu, cpuModels['x86-64-v2']!));

const vectors = (i: number): number => cpu.u8.byteOffset + BYTE.vector + i * VECTOR_STRIDE;
// the host hands no vectors over: they are in the machine's memory
const load = new Code().i32(vectors(4)).simdMemory(SIMD.v128_load).i32(vectors(5)).simdMemory(SIMD.v128_load).get(0).call(0).end();
const module = new WebAssembly.Module(encodeModule({
  types: [STRINGS_TYPE, { params: [TYPE.i32], results: [TYPE.i32] }],
  imports: [{ module: 'env', name: 'memory', kind: 'memory', pages: mmu.buffer.byteLength >>> 16, maximum: mmu.buffer.byteLength >>> 16 }],
  functions: [{ type: 0, locals: STRINGS_LOCALS, code: stringsBody() }, { type: 1, locals: [], code: load.finished() }],
  exports: [{ name: 'strings', index: 1 }],
}));
const strings = new WebAssembly.Instance(module, { env: { memory: mmu.memory as WebAssembly.Memory } }).exports.strings as (imm: number) => number;

/** Few different bytes, so that they meet, some of them 0 and some negative. */
const ALPHABET = [0x61, 0x62, 0x80, 0xff, 0x7f, 0];
let seed = 1;
const random = (below: number): number => {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return (seed >>> 8) % below;
};

it.each(Array.from({ length: 64 }, (_, i) => 2 * i))('what the helper does, imm %i', (imm) => {
  const wrong: string[] = [];
  for (let round = 0; round < 300; round++) {
    const few = 2 + random(ALPHABET.length - 1);
    for (const i of [4, 5]) {
      const at = BYTE.vector + i * VECTOR_STRIDE;
      const end = random(20);
      for (let k = 0; k < 16; k++) cpu.u8[at + k] = k === end ? 0 : ALPHABET[random(few)]!;
    }
    helper(CELL.temp, CELL.temp + 1, 4 | (5 << 8), imm);
    const expected = cpu.i32[2 * CELL.temp]! | (cpu.i32[2 * (CELL.temp + 1)]! << 8);
    const found = strings(imm);
    const bytes = (i: number): string => [...cpu.u8.subarray(BYTE.vector + i * VECTOR_STRIDE, BYTE.vector + i * VECTOR_STRIDE + 16)].join();
    if (found !== expected) wrong.push(`${bytes(4)} and ${bytes(5)}: ${found.toString(16)} for ${expected.toString(16)}`);
  }
  expect(wrong.slice(0, 3)).toEqual([]);
});
