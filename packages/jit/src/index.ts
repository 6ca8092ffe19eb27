export { createJit, jit, type JitOptions } from './engine.ts';
