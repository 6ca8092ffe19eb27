export { createHostFileSystem, type HostOptions } from './host-file-system.ts';
export { createHostStream, type HostStreamOptions } from './stream.ts';
