import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeFileSystem, type FileSystemFixture } from '@tally86/testkit';
import { createHostFileSystem, type HostOptions } from './host/index.ts';
import { createMemoryFileSystem, createOverlayFileSystem } from './index.ts';

let clock = 0n;
const now = () => (clock += 1_000_000_000n);

function host(options: Partial<HostOptions> = {}): FileSystemFixture {
  const path = mkdtempSync(join(tmpdir(), 'tally86-vfs-'));
  return { fileSystem: createHostFileSystem({ path, now, ...options }), dispose: () => rmSync(path, { recursive: true }) };
}

describeFileSystem('memory', () => ({ fileSystem: createMemoryFileSystem({ now }) }));
describeFileSystem('overlay over memory', () => ({ fileSystem: createOverlayFileSystem({ lower: createMemoryFileSystem({ now }), now }) }));
describeFileSystem('overlay over host', () => {
  const { fileSystem: lower, dispose } = host();
  return { fileSystem: createOverlayFileSystem({ lower, now }), dispose: dispose! };
});
const hostTraits = { specialFiles: false, exchange: false, unnamed: false, holes: false, allocate: false };
describeFileSystem('host', host, hostTraits);
describeFileSystem('host with fixed attributes', () => host({ attributes: 'fixed', owner: { uid: 1000, gid: 1000 } }), hostTraits);
