import { EmulatorError, type FileSystem, type HostStream, isEmulatorError } from '@tally86/core';
import type { HostTime } from '@tally86/linux';
import { createMemoryFileSystem, createOverlayFileSystem } from '@tally86/vfs';
import { createHostFileSystem, createHostStream } from '@tally86/vfs/host';
import type { Hasher } from '../state-hash.ts';

/** What a machine takes from Node: its file system, streams, clock and hash. */

export function sha256(): Hasher {
  // loaded when it is needed: most of it is about keys and certificates
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
}

export const hostTime: HostTime = {
  monotonic: () => Number(process.hrtime.bigint()),
  realtime: () => BigInt(Date.now()) * 1_000_000n,
};

/** Under `fixed` a stream is always a pipe: the guest cannot tell a terminal from a file. */
export function streamOf(choice: 'inherit' | null | HostStream | undefined, fd: number, fixed: boolean): HostStream | undefined {
  if (choice === null) return undefined;
  return choice === undefined || choice === 'inherit' ? createHostStream(fd, fixed ? { present: 'pipe' } : {}) : choice;
}

export interface HostFilesOptions {
  /** Nothing of the host's users and clock is shown. */
  readonly fixed: boolean;
  readonly owner: { readonly uid: number; readonly gid: number };
  readonly now: () => bigint;
}

/** Where packages put their files, with times that are the same on every machine that has the package. */
const INSTALLED = ['/usr'];

/** A directory of the host. @throws EmulatorError E_NOT_FOUND if it is not there. */
export function hostTree(path: string, { fixed, owner, now }: HostFilesOptions): FileSystem {
  try {
    return createHostFileSystem({ path, now, attributes: fixed ? 'fixed' : 'host', ...(fixed ? { owner, keepAccessTimes: true, installedPaths: INSTALLED } : {}) });
  } catch (error) {
    if (!isEmulatorError(error) || error.details.errno === undefined) throw error;
    throw new EmulatorError('E_NOT_FOUND', error.message, { cause: error, details: error.details });
  }
}

/** The root of the tree. */
export function rootTree(kind: 'host' | 'overlay' | 'sandbox', options: HostFilesOptions): FileSystem {
  switch (kind) {
    case 'host':
      return hostTree('/', options);
    case 'overlay':
      return createOverlayFileSystem({ lower: hostTree('/', options), now: options.now });
    case 'sandbox':
      return createMemoryFileSystem({ now: options.now });
  }
}
