export * from './ir/ops.ts';
export * from './lift/lifter.ts';
export * from './cpu-models.ts';
export { takeIcedFrom } from './iced.ts';
export * from './ir/print.ts';
