export * from './engine.ts';
export * from './file-system.ts';
export * from './naive-vma-set.ts';
export * from './page-table.ts';
export * from './placement.ts';
export * from './vma-set.ts';
