import type { FileSystem } from '@tally86/core';
import { HostFileSystem } from './host-file-system.ts';
import type { HostOptions } from './options.ts';

/**
 * The tree of the host below a directory, passed through. Paths are walked by us, name by name: no symbolic link is ever followed by the
 * host, so the guest stays below `path`; somebody on the host who swaps directories for links while the guest runs is not guarded against.
 * A procfs of the host shows as an empty directory wherever it is mounted: through it the guest could write this process's memory.
 * Throws E_OPTION if the path does not exist or lies in a procfs.
 */
export function createHostFileSystem(options: HostOptions): FileSystem {
  return new HostFileSystem(options);
}
