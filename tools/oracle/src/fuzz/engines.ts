import { interpreter } from '@tally86/interpreter';
import { createMicroEngine, jit } from '@tally86/jit';
import type { EngineFactory } from '@tally86/core';
import { createEngineExecute, FILLING, oneTranslated } from './adapters/engine.ts';
import { MODEL } from './model.ts';

/** Micro-operations alone, with no engine for hot code. */
export const micro: EngineFactory = {
  name: 'micro',
  create(environment) {
    const exact = interpreter.create(environment);
    return createMicroEngine(environment, exact) ?? exact;
  },
};

/** No group has as many cases: a batch is never full before all of them are in it. */
const GROUP = 10_000;

/** The engines that the fuzzer takes by name; the JIT translates each instruction before it executes it, those of a group in one module. */
export const SUBJECTS = {
  interpreter: () => createEngineExecute(interpreter, MODEL),
  micro: () => createEngineExecute(micro, MODEL, oneTranslated, null, FILLING.stay),
  jit: () => createEngineExecute(jit(interpreter, { threshold: 1, batch: GROUP }), MODEL, oneTranslated, null, FILLING.stay),
} as const;
export type SubjectName = keyof typeof SUBJECTS;
