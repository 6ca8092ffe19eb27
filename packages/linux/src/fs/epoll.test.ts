import { E, EPOLL, O, POLL } from '@tally86/abi';
import type { HostStream } from '@tally86/core';
import { describe, expect, it } from 'vitest';
import { createGuest, DATA, type Guest } from '../../test/guest.ts';
import { memoryRoot, testFiles } from '../../test/harness.ts';
import { createCredentials, createMachineFiles } from '../index.ts';
import { MAX_USER_WATCHES } from './epoll-space.ts';

const EVENT = DATA + 64;
const EVENTS = DATA + 512;

function control(guest: Guest, ep: number, operation: number, fd: number, events: number, data = fd): number {
  const bytes = new Uint8Array(12);
  new DataView(bytes.buffer).setUint32(0, events, true);
  new DataView(bytes.buffer).setBigUint64(4, BigInt(data), true);
  guest.poke(EVENT, bytes);
  return guest.call('epoll_ctl', ep, operation, fd, EVENT);
}

/** [data, events] of what is ready now; the number of an error. */
function ready(guest: Guest, ep: number, limit = 8): (readonly [number, number])[] | number {
  const count = guest.call('epoll_wait', ep, EVENTS, limit, 0);
  if (count < 0) return count;
  const view = new DataView(guest.peek(EVENTS, count * 12).buffer);
  return Array.from({ length: count }, (_, index) => [Number(view.getBigUint64(index * 12 + 4, true)), view.getUint32(index * 12, true)] as const);
}

/** A machine whose input is what the test says. */
function guestWithInput(input: string[]): Guest {
  const stream: HostStream = {
    kind: 'pipe',
    read(into) {
      const next = input.shift();
      if (next === undefined) return -E.EAGAIN;
      into.set(new TextEncoder().encode(next.slice(0, into.length)));
      if (next.length > into.length) input.unshift(next.slice(into.length));
      return Math.min(next.length, into.length);
    },
    write: (from) => from.length,
    readable: () => input.length > 0,
    wait: () => new Promise(() => {}),
  };
  const files = createMachineFiles({ root: memoryRoot({}), credentials: createCredentials(1000, 1000), stdin: stream });
  const guest = createGuest({ files: files as ReturnType<typeof testFiles> });
  (guest.task as { fs: unknown }).fs = files.fs;
  return guest;
}

describe('epoll', () => {
  it('refuses a chain of more than five instances, and a circle', () => {
    const guest = createGuest();
    const chain = Array.from({ length: 6 }, () => guest.call('epoll_create1', 0));
    const answers = chain.slice(1).map((outer, index) => control(guest, outer, EPOLL.CTL_ADD, chain[index]!, POLL.IN));
    expect(answers).toEqual([0, 0, 0, 0, -E.ELOOP]);
    expect(control(guest, chain[0]!, EPOLL.CTL_ADD, chain[3]!, POLL.IN)).toBe(-E.ELOOP);
  });

  it('refuses what would make one event spread over too many ways', () => {
    const guest = createGuest();
    const source = guest.call('eventfd2', 0, 0);
    const middle = Array.from({ length: 24 }, () => guest.call('epoll_create1', 0));
    for (const ep of middle) expect(control(guest, ep, EPOLL.CTL_ADD, source, POLL.IN)).toBe(0);
    const answers = Array.from({ length: 24 }, () => guest.call('epoll_create1', 0)).flatMap((outer) => middle.map((ep) => control(guest, outer, EPOLL.CTL_ADD, ep, POLL.IN)));
    expect([answers.filter((answer) => answer === 0).length, new Set(answers)]).toEqual([500, new Set([0, -E.EINVAL])]);
  });

  it('has room for so many watches, and gets it back', () => {
    const guest = createGuest();
    const { epollSpace } = (guest.task.fs as unknown as { world: { epollSpace: { take(): boolean } } }).world;
    for (let taken = 0; taken < MAX_USER_WATCHES - 1; taken += 1) expect(epollSpace.take()).toBe(true);
    const [ep, one, two] = [guest.call('epoll_create1', 0), guest.call('eventfd2', 0, 0), guest.call('eventfd2', 0, 0)];
    expect(control(guest, ep, EPOLL.CTL_ADD, one, POLL.IN)).toBe(0);
    expect(control(guest, ep, EPOLL.CTL_ADD, two, POLL.IN)).toBe(-E.ENOSPC);
    guest.call('close', one);
    expect(control(guest, ep, EPOLL.CTL_ADD, two, POLL.IN)).toBe(0);
  });

  it.each([
    ['level', 0, [[[0, POLL.IN]], [[0, POLL.IN]], [[0, POLL.IN]], []]],
    ['edge', EPOLL.ET, [[[0, POLL.IN]], [], [[0, POLL.IN]], []]],
    ['oneshot', EPOLL.ONESHOT, [[[0, POLL.IN]], [], [], []]],
  ] as const)('sees what the host makes ready: %s', (_, how, expected) => {
    const input = ['hello'];
    const guest = guestWithInput(input);
    const ep = guest.call('epoll_create1', O.CLOEXEC);
    expect(control(guest, ep, EPOLL.CTL_ADD, 0, POLL.IN | how)).toBe(0);
    const seen = [ready(guest, ep), ready(guest, ep)];
    guest.call('read', 0, EVENTS, 2);
    seen.push(ready(guest, ep));
    guest.call('read', 0, EVENTS, 100);
    seen.push(ready(guest, ep));
    expect(seen).toEqual(expected);
    input.push('more');
    expect(ready(guest, ep)).toEqual(how === EPOLL.ONESHOT ? [] : [[0, POLL.IN]]);
  });
});
