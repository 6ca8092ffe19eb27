/**
 * The marks: read(fd, buffer, 8) on a descriptor that nobody opens. Only the low 32 bits of the descriptor count, since a C int arrives
 * sign-extended. The guest sees −EBADF, as it does natively and under any other emulator.
 */
export const MARK_BASES: readonly number[] = [0xcafebabe, 0x0afebabe];

export type Mark = 'start' | 'stop' | 'bytes-read' | 'bytes-written';
const MARKS: readonly Mark[] = ['start', 'stop', 'bytes-read', 'bytes-written'];

/** The mark that a descriptor stands for. */
export function markOf(fd: bigint): Mark | undefined {
  const low = Number(fd & 0xffffffffn);
  for (const base of MARK_BASES) {
    const mark = MARKS[low - base];
    if (mark !== undefined) return mark;
  }
  return undefined;
}

/** read, pread64, readv, preadv. */
export const READ_FAMILY: ReadonlySet<number> = new Set([0, 17, 19, 295]);
/** write, pwrite64, writev, pwritev. */
export const WRITE_FAMILY: ReadonlySet<number> = new Set([1, 18, 20, 296]);

export const EBADF = 9;
/** The only length that makes a mark write its value. */
export const VALUE_BYTES = 8;
