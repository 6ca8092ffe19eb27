import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** What a file holds, in `room` if it fits; undefined: it is not there, or others may have written it, and it would be executed. */
export function readOwn(file: string, room?: Buffer): Buffer | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(file, 'r');
    const { uid, mode, size } = fstatSync(fd);
    if ((process.getuid?.() ?? uid) !== uid || (mode & 0o022) !== 0) return undefined;
    if (room === undefined || size > room.length) return readFileSync(fd);
    let read = 0;
    for (let part = -1; part !== 0; read += part) part = readSync(fd, room, read, size - read, null);
    return room.subarray(0, read);
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Writes a file that only its owner may read, piece by piece, whole or not at all. @throws what the file system throws, or what has the pieces */
export function replaceOwn(directory: string, file: string, pieces: Iterable<Uint8Array>): void {
  const part = `${file}.${process.pid}`;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const fd = openSync(part, 'w', 0o600);
    try {
      for (const piece of pieces) writeFileSync(fd, piece);
    } finally {
      closeSync(fd);
    }
    renameSync(part, file);
  } catch (error) {
    removeQuietly(part);
    throw error;
  }
}

/** Removes a file if it can be. */
export function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // it was never there
  }
}
