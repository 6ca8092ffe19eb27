import { E, F_RDLCK, F_UNLCK, F_WRLCK } from '@tally86/abi';
import type { Inode } from '@tally86/core';
import { describe, expect, it } from 'vitest';
import { LockTable, type RangeLock } from './locks.ts';

const file = (): Inode => ({}) as Inode;
const lock = (owner: object, type: number, start = 0, end = 10): RangeLock => ({ type, start, end, owner, pid: 1 });

describe('locks that processes sleep for', () => {
  /** Each of `held` owns a lock on the file of its number; each of `awaiting` sleeps for the lock of the next one. */
  it.each([
    ['nobody sleeps', 2, [], 0, 1, false],
    ['the other one sleeps for mine', 2, [[1, 0]], 0, 1, true],
    ['a circle of three', 3, [[1, 2], [2, 0]], 0, 1, true],
    ['a chain that ends', 4, [[1, 2], [2, 3]], 0, 1, false],
    ['a circle without me', 4, [[1, 2], [2, 1]], 0, 1, false],
  ] as const)('%s', (_, owners, sleeping, me, wanted, expected) => {
    const table = new LockTable();
    const everyone = Array.from({ length: owners }, () => ({ owner: {}, file: file() }));
    for (const { owner, file: held } of everyone) expect(table.set(held, lock(owner, F_WRLCK))).toBe(0);
    for (const [sleeper, of] of sleeping) table.await({ inode: everyone[of]!.file, lock: lock(everyone[sleeper]!.owner, F_RDLCK) });
    const request = lock(everyone[me]!.owner, F_WRLCK);
    expect(table.set(everyone[wanted]!.file, request)).toBe(-E.EAGAIN);
    expect(table.isCircle(everyone[wanted]!.file, request)).toBe(expected);
  });

  it('no circle is left once the sleeper gave up', () => {
    const table = new LockTable();
    const [a, b] = [{ owner: {}, file: file() }, { owner: {}, file: file() }];
    for (const { owner, file: held } of [a, b]) table.set(held, lock(owner, F_WRLCK));
    const awaited = { inode: a.file, lock: lock(b.owner, F_WRLCK) };
    table.await(awaited);
    expect(table.isCircle(b.file, lock(a.owner, F_WRLCK))).toBe(true);
    table.awaitNoMore(awaited);
    expect(table.isCircle(b.file, lock(a.owner, F_WRLCK))).toBe(false);
    table.set(b.file, lock(b.owner, F_UNLCK));
    expect(table.set(b.file, lock(a.owner, F_WRLCK))).toBe(0);
  });
});
