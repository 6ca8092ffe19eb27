import { chmodSync, closeSync, constants, existsSync, linkSync, openSync, unlinkSync } from 'node:fs';

let made = 0;

/**
 * Makes the inode of a socket. node:fs has no mknod, but a server that listens binds a name: that is linked to where it belongs, which fails if
 * something is there, and stays when the server is closed. Nobody listens on it: a socket of the guest is no socket of the host.
 */
export function makeSocket(path: Buffer, mode: number): void {
  const directory = openSync(path.subarray(0, Math.max(1, path.lastIndexOf('/'))), constants.O_RDONLY | constants.O_DIRECTORY);
  // A name of a socket has at most 107 bytes, whatever the directory is called.
  const short = `/proc/self/fd/${directory}/.tally86-${process.pid}-${(made += 1)}`;
  const server = process.getBuiltinModule('node:net').createServer();
  server.on('error', () => {});
  try {
    // It is bound before this returns; only what it answers comes later.
    server.listen({ path: short, exclusive: true });
    if (!existsSync(short)) throw Object.assign(new Error('no socket can be made here'), { code: 'EACCES' });
    linkSync(short, path);
    chmodSync(path, mode);
  } finally {
    server.close();
    if (existsSync(short)) unlinkSync(short);
    closeSync(directory);
  }
}
