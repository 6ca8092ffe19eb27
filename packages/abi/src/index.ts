export * from './errno.ts';
export * from './resource.ts';
export * from './syscalls.ts';
