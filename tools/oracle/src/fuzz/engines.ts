import { interpreter } from '@tally86/interpreter';
import { createMicroEngine, jit } from '@tally86/jit';
import type { EngineFactory } from '@tally86/core';
import { createEngineExecute, FILLING, oneTranslated, type EngineExecute } from './adapters/engine.ts';
import type { CaseResult, FuzzCase } from './case.ts';
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

/** Exits until all that was learnt is forgotten. */
const EXITS = 1 << 16;
/** There are three ways to translate floats; one for each of them, and one more. */
const TRIES = 4;

/** Executes a case again until the engine does not translate it another way any more: what is compared is the last of them. */
function settled(subject: EngineExecute): EngineExecute {
  const execute = (test: FuzzCase): CaseResult => {
    for (let i = 1; ; i++) {
      const before = subject.stats().retranslations;
      const result = subject(test);
      if (i === TRIES || subject.stats().retranslations === before) return result;
    }
  };
  return Object.assign(execute, { prepare: subject.prepare, stats: () => subject.stats() });
}

/**
 * The engines that the fuzzer takes by name; the JIT translates each instruction before it executes it, those of a group in one module. `learning`: the
 * JIT that translates another way what left translated code once, for memory or for floats; `jit` does so for what leaves it very often.
 */
export const SUBJECTS = {
  interpreter: () => createEngineExecute(interpreter, MODEL),
  micro: () => createEngineExecute(micro, MODEL, oneTranslated, null, FILLING.stay),
  jit: () => createEngineExecute(jit(interpreter, { threshold: 1, batch: GROUP }), MODEL, oneTranslated, null, FILLING.stay),
  learning: () => settled(createEngineExecute(jit(interpreter, { threshold: 1, batch: GROUP, stubborn: { memory: 1, float: 1 }, maxExits: EXITS }), MODEL, oneTranslated, null, FILLING.stay)),
} as const;
export type SubjectName = keyof typeof SUBJECTS;
