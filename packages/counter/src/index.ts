export * from './conventions.ts';
export * from './counter.ts';
export { MARK_BASES, markOf, READ_FAMILY, WRITE_FAMILY, type Mark } from './protocol.ts';
