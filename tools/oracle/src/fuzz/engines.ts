import { interpreter } from '@tally86/interpreter';
import { jit } from '@tally86/jit';
import { createEngineExecute, FILLING, oneTranslated } from './adapters/engine.ts';
import { MODEL } from './model.ts';

/** The engines that the fuzzer takes by name; the JIT translates each instruction before it executes it. */
export const SUBJECTS = {
  interpreter: () => createEngineExecute(interpreter, MODEL),
  jit: () => createEngineExecute(jit(interpreter, { threshold: 1, batch: 1 }), MODEL, oneTranslated, null, FILLING.stay),
} as const;
export type SubjectName = keyof typeof SUBJECTS;
