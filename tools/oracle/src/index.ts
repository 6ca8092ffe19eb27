export * from './compile.ts';
export * from './oracles.ts';
export * from './stepper.ts';
