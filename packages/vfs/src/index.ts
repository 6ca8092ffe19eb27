export * from './bytes.ts';
export { InodeBase } from './inode-base.ts';
export { createMemoryFileSystem, type MemoryOptions } from './memory/memory-file-system.ts';
export { createOverlayFileSystem, type OverlayOptions } from './overlay/overlay-file-system.ts';
