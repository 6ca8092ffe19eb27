import { CELL, type CpuState, type Engine, type EngineFactory, type InlineCounter, type Stop } from '@tally86/core';
import { createInterpreter, interpreter } from '@tally86/interpreter';
import { jit } from '@tally86/jit';
import { describe, expect, it } from 'vitest';
import { createEngineExecute } from './adapters/engine.ts';
import { selectForms } from './campaign.ts';
import type { CaseResult, FuzzCase } from './case.ts';
import { disassemble } from './describe.ts';
import { MODEL } from './model.ts';
import { encodeBatch } from './protocol.ts';
import { createRandom } from './random.ts';
import { generateSequence } from './sequence.ts';

const BUDGET = 64;
/** The long run comes with the slow tests. */
const COUNT = process.env.TALLY86_SLOW === '1' ? 40_000 : 600;

/** Results are reused by the next call; rip and retired tell whether the count is right too. */
const shown = (result: CaseResult, retired: bigint, test: FuzzCase): string => JSON.stringify({
  code: disassemble(test.code, 0), retired: String(retired), rip: String(result.rip), rflags: result.rflags,
  fault: result.fault && { ...result.fault, address: String(result.fault.address) },
  gpr: Array.from(result.gpr, (value) => value.toString(16)), fx: Buffer.from(result.fx).toString('hex'),
  ymmHigh: Buffer.from(result.ymmHigh).toString('hex'), arena: Buffer.from(result.arena).toString('base64'),
});

interface Subject {
  run(test: FuzzCase): string;
}

function subject(factory: EngineFactory, advance: (engine: Engine, cpu: CpuState) => Stop, counter?: InlineCounter, isWatching = false): Subject {
  let retired = 0n;
  const hooks = counter === undefined ? null : {
    translate: ({ instructions }: { readonly instructions: readonly unknown[] }) => ({
      counters: instructions.map((_, index) => ({ index, counter, amount: 1 })), ...isWatching && { memory: () => {} },
    }),
  };
  const execute = createEngineExecute(factory, MODEL, (engine, cpu) => {
    const stop = advance(engine, cpu);
    retired = cpu.u64[CELL.retired]!;
    return stop;
  }, hooks);
  return {
    run(test) {
      if (counter !== undefined) counter.value = 0;
      const result = execute(test);
      if (counter !== undefined) expect(BigInt(counter.value), disassemble(test.code, 0)).toBe(retired);
      return shown(result, retired, test);
    },
  };
}

const stepping = (engine: Engine): Stop => {
  let stop = engine.run(1);
  for (let i = 1; stop.kind === 'budget' && i < BUDGET; i++) stop = engine.run(1);
  return stop;
};
const whole = (engine: Engine): Stop => engine.run(BUDGET);
/** Room for hardly more than one block: all translations are dropped again and again. */
const cramped: EngineFactory = { name: 'cramped', create: (environment) => createInterpreter(environment, { maxTranslated: 8 }) };

/** Translated before its first execution. */
const translated = jit(interpreter, { threshold: 1, batch: 1 });

const FAMILIES: readonly (readonly string[])[] = [
  ['alu', 'shift', 'bit'],
  ['alu', 'shift', 'bit', 'muldiv', 'atomic', 'stack', 'crc32', 'hint'],
  ['alu', 'sse', 'sse2', 'sse3', 'ssse3', 'sse41', 'sse42', 'convert', 'pcmpstr', 'mmx'],
  ['alu', 'x87', 'state'],
];

describe('a block does what its instructions do one by one', () => {
  it.each(FAMILIES.map((families, seed) => ({ families, seed })))('$families', ({ families, seed }) => {
    const forms = selectForms([...families]);
    const r = createRandom(seed + 1);
    const [one, all, few, counted] = [subject(interpreter, stepping), subject(interpreter, whole), subject(cramped, whole), subject(interpreter, whole, { value: 0 }, true)];
    const [hot, hotCounted, hotWatched] = [subject(translated, whole), subject(translated, whole, { value: 0 }), subject(translated, whole, { value: 0 }, true)];
    let complete = 0;
    for (let i = 0; i < COUNT / FAMILIES.length; i++) {
      const test = generateSequence(r, forms);
      const expected = one.run(test);
      if (expected.includes('"vector":3')) complete++;
      expect(all.run(test)).toBe(expected);
      if (i % 4 === 0) expect(few.run(test)).toBe(expected);
      expect(counted.run(test)).toBe(expected);
      expect(hot.run(test)).toBe(expected);
      expect(hotCounted.run(test)).toBe(expected);
      if (i % 4 === 1) expect(hotWatched.run(test)).toBe(expected);
    }
    // most must come to their end, or little was compared
    expect(complete).toBeGreaterThan(COUNT / FAMILIES.length / 4);
  }, 600_000);
});

it('no sequence goes to the CPU, where a later instruction could read what an earlier one left undefined', () => {
  const r = createRandom(1);
  const long = Array.from({ length: 50 }, () => generateSequence(r, selectForms(['alu']))).filter(({ code }) => code.length > 15);
  expect(long.length).toBeGreaterThan(20);
  for (const test of long) expect(() => encodeBatch([test])).toThrow(RangeError);
});
