export { createHostFileSystem, type HostOptions } from './host-file-system.ts';
