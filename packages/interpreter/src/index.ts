export { createInterpreter, interpreter, type InterpreterOptions } from './engine.ts';
