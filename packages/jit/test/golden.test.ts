import { CELL, createCpuState, PROT, REG, resetCpuState, type Engine, type EngineFactory } from '@tally86/core';
import { cpuModels } from '@tally86/decoder';
import { interpreter } from '@tally86/interpreter';
import { jit, type RegionReport } from '@tally86/jit';
import { createMmu, pageTables } from '@tally86/mmu';
import { expect, test } from 'vitest';

/*
 * What five small loops become, for people: a change of the translator shows as a change of these files. That they run right is told by the
 * interpreter. `npx vitest run --project unit packages/jit/test -u` accepts changes.
 */
const AT = 0x40_1000;
const [FROM, TO, STACK] = [0x50_0000, 0x51_0000, 0x60_0800];

/** Each runs with rcx = 100, rsi and rdi at two areas of memory, and ends at a syscall. */
const BLOCKS: readonly (readonly [name: string, assembly: string, code: string])[] = [
  ['integer-loop', '1: add rax, [rsi+rcx*8]; mov [rdi+rcx*8], rax; dec rcx; jne 1b; syscall', '480304ce488904cf48ffc975f30f05'],
  ['call-return', '1: call 2f; dec rcx; jne 1b; syscall; 2: lea rax, [rax+rcx*2]; ret', 'e80700000048ffc975f60f05488d0448c3'],
  ['flags', '1: cmp rcx, 50; jg 2f; je 3f; inc rax; 3: add rax, 2; 2: dec rcx; jne 1b; syscall', '4883f9327f09740348ffc04883c00248ffc975ec0f05'],
  ['sse-scalar', '1: addsd xmm0, [rsi+rcx*8]; dec rcx; jne 1b; movq rax, xmm0; syscall', 'f20f5804ce48ffc975f666480f7ec00f05'],
  ['rep-movs', '1: mov rdx, rcx; mov ecx, 24; rep movsb; lea rsi, [rsi-24]; lea rdi, [rdi-24]; mov rcx, rdx; dec rcx; jne 1b; syscall', '4889cab918000000f3a4488d76e8488d7fe84889d148ffc975e60f05'],
];

function run(factory: EngineFactory, code: Uint8Array): { readonly state: unknown; readonly engine: Engine } {
  const mmu = createMmu({ budgetBytes: 1 << 22, pageTable: pageTables.lazy!, tlbEntries: 4096 });
  mmu.pager = { backing: () => ({ prot: PROT.READ | PROT.WRITE | PROT.EXEC, shared: false, source: null, pageIndex: 0 }) };
  mmu.poke(AT, code);
  mmu.poke(FROM, new Uint8Array(new Float64Array(101).map((_, i) => i / 3).buffer));
  const cpu = createCpuState(mmu.buffer);
  resetCpuState(cpu);
  for (const [register, value] of [[REG.rcx, 100], [REG.rsi, FROM], [REG.rdi, TO], [REG.rsp, STACK], [CELL.rip, AT]] as const) cpu.u64[register] = BigInt(value);
  const engine = factory.create({ cpu, mmu, model: cpuModels['x86-64-v2']!, hooks: null, readTsc: () => 0n });
  const stop = engine.run(1_000_000);
  const memory = new Uint8Array(1024);
  mmu.peek(TO, memory);
  return { state: { stop, retired: cpu.u64[CELL.retired], registers: [...cpu.u64.subarray(0, 16)], memory }, engine };
}

test.each(BLOCKS)('%s: %s', async (name, assembly, hex) => {
  const code = Uint8Array.from(hex.match(/../g)!, (byte) => parseInt(byte, 16));
  const regions: RegionReport[] = [];
  const { state, engine } = run(jit(interpreter, { threshold: 40, batch: 1, observe: (region) => regions.push(region) }), code);
  expect(state).toEqual(run(interpreter, code).state);
  expect(engine.stats().retiredHere).toBeGreaterThan(100);
  const assemblyLines = (region: RegionReport): string[] => region.blocks.flatMap((b) => b.instructions.map((i) => `;;   ${i.address.toString(16)} ${i.text}`));
  const text = regions.map((region) => `;; region ${region.address.toString(16)}\n${assemblyLines(region).join('\n')}\n${region.wat()}`);
  await expect(`;; ${assembly}\n\n${text.join('\n')}`).toMatchFileSnapshot(`golden/${name}.wat`);
});
