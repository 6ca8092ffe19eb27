export * from './cpu-layout.ts';
export * from './cpu-state.ts';
export * from './engine.ts';
export * from './errors.ts';
export * from './mmap.ts';
export * from './mmu.ts';
export * from './plugin.ts';
export * from './stop.ts';
