export { createInterpreter, interpreter } from './engine.ts';
