// The declarations reached from here name no type of Node's, so that consumers need none of its types.
export { createHostFileSystem } from './create.ts';
export type { HostOptions, Owner } from './options.ts';
export { createHostStream, type HostStreamOptions } from './stream.ts';
