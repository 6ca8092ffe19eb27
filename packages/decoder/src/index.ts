export * from './ir/ops.ts';
export * from './lift/lifter.ts';
