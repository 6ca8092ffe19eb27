import { AF, AT_FDCWD, CLONE, E, errnoName, F, O, SOCK } from '@tally86/abi';
import type { HostStream } from '@tally86/core';
import { describe, expect, it } from 'vitest';
import { createGuest, DATA, type Guest } from '../../test/guest.ts';
import { memoryRoot } from '../../test/harness.ts';
import { createDefaultSyscalls, createMachineFiles } from '../index.ts';

const name = (result: number): number | string => (result < 0 ? `-${errnoName(-result)}` : result);
const text = (guest: Guest, value: string): number => {
  guest.poke(DATA + 0x100, new TextEncoder().encode(`${value}\0`));
  return DATA + 0x100;
};

describe('the budget of open files', () => {
  const openers: readonly (readonly [string, (guest: Guest) => number])[] = [
    ['openat', (guest) => guest.call('openat', AT_FDCWD, text(guest, '/dev/null'), O.RDONLY, 0)],
    ['openat of a new file', (guest) => guest.call('openat', AT_FDCWD, text(guest, '/tmp/new'), O.CREAT | O.RDWR, 0o600)],
    ['eventfd2', (guest) => guest.call('eventfd2', 0, 0)],
    ['epoll_create1', (guest) => guest.call('epoll_create1', 0)],
    ['memfd_create', (guest) => guest.call('memfd_create', text(guest, 'm'), 0)],
    ['socket', (guest) => guest.call('socket', AF.UNIX, SOCK.STREAM, 0)],
    ['pipe2', (guest) => guest.call('pipe2', DATA, 0)],
    ['socketpair', (guest) => guest.call('socketpair', AF.UNIX, SOCK.STREAM, 0, DATA)],
  ];
  it.each(openers)('%s answers ENFILE, until a file is closed', (_, open) => {
    const guest = createGuest({ maxFiles: 4 });
    expect(guest.call('eventfd2', 0, 0)).toBe(3);
    expect(name(open(guest))).toBe('-ENFILE');
    expect(guest.notes).toContain('the budget of 4 open files is spent: ENFILE');
    expect([guest.call('close', 3), guest.call('close', 2)]).toEqual([0, 0]);
    expect(open(guest)).toBeGreaterThanOrEqual(0);
  });
  it('leaves nothing behind where it is spent', () => {
    const guest = createGuest({ maxFiles: 3 });
    expect(name(guest.call('openat', AT_FDCWD, text(guest, '/tmp/new'), O.CREAT | O.RDWR, 0o600))).toBe('-ENFILE');
    expect(name(guest.call('access', text(guest, '/tmp/new'), 0))).toBe('-ENOENT');
  });
  it('counts descriptions, not descriptors, of all processes', () => {
    const guest = createGuest({ maxFiles: 4 });
    expect(guest.call('eventfd2', 0, 0)).toBe(3);
    expect([guest.call('dup', 3), guest.call('fcntl', 3, F.DUPFD, 10), guest.call('dup2', 3, 20)]).toEqual([4, 10, 20]);
    expect(guest.call('clone', CLONE.VM | 17, DATA + 0x800, 0, 0, 0)).toBeGreaterThan(0);
    // The child has it still.
    for (const fd of [3, 4, 10, 20]) guest.call('close', fd);
    expect(name(guest.call('eventfd2', 0, 0))).toBe('-ENFILE');
  });
  it('comes before EMFILE for a pipe, and after it for a file', () => {
    const guest = createGuest({ maxFiles: 3 });
    guest.process.limits.values[7] = [3, 3];
    expect([guest.call('pipe2', DATA, 0), guest.call('eventfd2', 0, 0)]).toEqual([-E.ENFILE, -E.EMFILE]);
  });
});

/** A guest whose standard output is kept, as a pipe of the host. */
function writer(maxWritten: number): Guest & { readonly written: () => string } {
  let written = '';
  const stdout: HostStream = {
    kind: 'pipe', read: () => 0, readable: () => false, wait: () => new Promise(() => {}),
    write(bytes) {
      written += new TextDecoder().decode(bytes);
      return bytes.length;
    },
  };
  const files = createMachineFiles({ root: memoryRoot({}), stdout, credentials: { fsuid: 1000, fsgid: 1000, groups: [1000] } });
  const guest = createGuest({ maxWritten, files, syscalls: createDefaultSyscalls() });
  guest.poke(DATA, new TextEncoder().encode('0123456789abcdef'));
  return { ...guest, written: () => written };
}
const SPENT = { kind: 'budget', reason: 'the budget of 10 bytes written is spent' };
const opened = (guest: Guest, path: string): number => guest.call('openat', AT_FDCWD, text(guest, path), O.CREAT | O.RDWR, 0o600);
const sizeOf = (guest: Guest, fd: number): number => guest.call('lseek', fd, 0, 2);

describe('the budget of bytes written', () => {
  it('ends the run in the write that goes beyond it; nothing beyond it is written', () => {
    const guest = writer(10);
    expect([guest.call('write', 1, DATA, 4), guest.call('write', 1, DATA + 4, 6), guest.machine.exit]).toEqual([4, 6, null]);
    guest.start('write', 1, DATA + 10, 1);
    expect([guest.machine.exit, guest.written()]).toEqual([SPENT, '0123456789']);
  });
  it('cuts a long write', () => {
    const guest = writer(10);
    guest.start('write', 1, DATA, 16);
    expect([guest.machine.exit, guest.written()]).toEqual([SPENT, '0123456789']);
  });
  it('is one for files and streams, however they are written to', () => {
    const guest = writer(10);
    const [one, two] = [opened(guest, '/tmp/one'), opened(guest, '/tmp/two')];
    expect([guest.call('write', one, DATA, 4), guest.call('pwrite64', one, DATA, 2, 0), guest.call('sendfile', two, one, DATA + 0x200, 3), guest.machine.exit]).toEqual([4, 2, 3, null]);
    expect([sizeOf(guest, one), sizeOf(guest, two)]).toEqual([4, 3]);
    guest.start('copy_file_range', one, DATA + 0x300, two, 0, 4, 0);
    expect(guest.machine.exit).toEqual(SPENT);
  });
  it('is spent by every process, and ends the first', () => {
    const guest = writer(10);
    guest.call('clone', 17, 0, 0, 0, 0);
    guest.call('write', 1, DATA, 8);
    guest.start('write', 1, DATA, 8);
    expect([guest.machine.exit, guest.process.exit, guest.written()]).toEqual([SPENT, SPENT, '0123456701']);
  });
  it('does not count what stays inside, what is only tried, and no write at all', () => {
    const guest = writer(10);
    expect(guest.call('pipe2', DATA + 0x200, 0)).toBe(0);
    const counts = [guest.call('write', 4, DATA, 16), guest.call('read', 3, DATA, 16), guest.call('write', 1, DATA, 0), guest.call('write', 1, 0, 5), guest.call('write', 0, DATA, 5), guest.call('write', 1, DATA, 10)];
    expect([counts.map(name), guest.machine.exit]).toEqual([[16, 16, 0, '-EFAULT', '-EBADF', 10], null]);
  });
  it('of nothing', () => {
    const guest = writer(0);
    guest.start('write', 1, DATA, 1);
    expect([guest.machine.exit?.kind, guest.written()]).toEqual(['budget', '']);
  });
});
