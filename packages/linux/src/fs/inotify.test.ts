import { E, IN, O } from '@tally86/abi';
import { describe, expect, it } from 'vitest';
import { createGuest, DATA, type Guest } from '../../test/guest.ts';
import { MAX_USER_INSTANCES, MAX_USER_WATCHES } from './notify.ts';

const PATH = DATA;
const BUFFER = DATA + 512;

function at(guest: Guest, path: string): number {
  guest.poke(PATH, new TextEncoder().encode(`${path}\0`));
  return PATH;
}

describe('inotify', () => {
  it('has room for so many instances', () => {
    const guest = createGuest();
    const made = Array.from({ length: MAX_USER_INSTANCES }, () => guest.call('inotify_init1', 0));
    expect(made.every((fd) => fd >= 0)).toBe(true);
    expect(guest.call('inotify_init')).toBe(-E.EMFILE);
    guest.call('close', made[0]!);
    expect(guest.call('inotify_init')).toBe(made[0]!);
  });

  it('has room for so many watches, and gets it back with the instance', () => {
    const guest = createGuest();
    const { notify } = (guest.task.fs as unknown as { world: { notify: { add(watch: object): boolean } } }).world;
    for (let count = 0; count < MAX_USER_WATCHES - 1; count += 1) notify.add({ inode: { count } });
    const one = guest.call('inotify_init1', O.NONBLOCK);
    expect(guest.call('inotify_add_watch', one, at(guest, '/tmp'), IN.CREATE)).toBe(1);
    expect(guest.call('inotify_add_watch', one, at(guest, '/dev'), IN.CREATE)).toBe(-E.ENOSPC);
    guest.call('close', one);
    const other = guest.call('inotify_init1', O.NONBLOCK);
    expect(guest.call('inotify_add_watch', other, at(guest, '/dev'), IN.CREATE)).toBe(1);
  });

  it('keeps an event that the guest has no place for', () => {
    const guest = createGuest();
    const fd = guest.call('inotify_init1', O.NONBLOCK);
    guest.call('inotify_add_watch', fd, at(guest, '/tmp'), IN.CREATE);
    guest.call('mkdir', at(guest, '/tmp/a-name-of-some-length'), 0o755);
    expect([16, 47, 48, 100].map((size) => guest.call('read', fd, BUFFER, size))).toEqual([-E.EINVAL, -E.EINVAL, 48, -E.EAGAIN]);
  });
});
