export { createJit, jit, type JitOptions } from './engine.ts';
export { createMicroEngine } from './micro/engine.ts';
