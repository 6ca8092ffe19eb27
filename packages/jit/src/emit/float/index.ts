export { emitFloat } from './operation.ts';
export { emitCompared } from './compare.ts';
export { emitFloatRun, floatRunEnd } from './run.ts';
