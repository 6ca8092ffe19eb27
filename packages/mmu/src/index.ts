export { createMmu, type MmuOptions } from './mmu.ts';
export { createPageTable, lazy, pageTableByName, pageTables, qemu42 } from './page-table/index.ts';
