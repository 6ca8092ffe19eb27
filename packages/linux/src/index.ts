export * from './exports-types.ts';
