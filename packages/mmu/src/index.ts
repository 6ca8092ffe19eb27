export { type MemorySource, takeMemoryFrom } from './layout.ts';
export type { MmuOptions } from './machine-memory.ts';
export { createMmu } from './mmu.ts';
export { createPageTable, lazy, pageTableByName, pageTables, qemu42 } from './page-table/index.ts';
