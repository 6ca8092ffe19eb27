import { CLOCK, E, RLIMIT, SIG, SIG_BLOCK, SIGEV } from '@tally86/abi';
import { describe, expect, it } from 'vitest';
import { createGuest, DATA, type Guest } from '../../test/guest.ts';

const EVENT = DATA + 64;
const ID = DATA + 192;
const SETTING = DATA + 256;
const MASK = DATA + 320;
const INFO = DATA + 512;

function create(guest: Guest, clock: number, notify: number = SIGEV.SIGNAL, signal: number = SIG.USR1): number {
  const event = new Uint8Array(64);
  new DataView(event.buffer).setInt32(8, signal, true);
  new DataView(event.buffer).setInt32(12, notify, true);
  guest.poke(EVENT, event);
  const error = guest.call('timer_create', clock, EVENT, ID);
  return error < 0 ? error : new DataView(guest.peek(ID, 4).buffer).getInt32(0, true);
}

function set(guest: Guest, id: number, value: number, interval: number, flags = 0): number {
  guest.poke(SETTING, new Uint8Array(BigInt64Array.of(0n, BigInt(interval), 0n, BigInt(value)).buffer));
  return guest.call('timer_settime', id, flags, SETTING, 0);
}

/** Blocks SIGUSR1. */
function block(guest: Guest): void {
  guest.poke(MASK, new Uint8Array(BigInt64Array.of(1n << BigInt(SIG.USR1 - 1)).buffer));
  guest.call('rt_sigprocmask', SIG_BLOCK, MASK, 0, 8);
}

/** Takes SIGUSR1: the overruns it tells of; −errno. */
function take(guest: Guest): number {
  guest.poke(SETTING, new Uint8Array(16));
  const signal = guest.call('rt_sigtimedwait', MASK, INFO, SETTING, 8);
  return signal < 0 ? signal : new DataView(guest.peek(INFO, 128).buffer).getInt32(20, true);
}

describe('POSIX timers', () => {
  it('are counted', () => {
    const guest = createGuest();
    guest.process.limits.values[RLIMIT.SIGPENDING] = [3, 3];
    expect(Array.from({ length: 4 }, () => create(guest, CLOCK.MONOTONIC))).toEqual([0, 1, 2, -E.EAGAIN]);
    expect(guest.call('timer_delete', 1)).toBe(0);
    expect(create(guest, CLOCK.MONOTONIC)).toBe(3);
  });

  it.each([
    ['monotonic', CLOCK.MONOTONIC],
    ['CPU time of the process', CLOCK.PROCESS_CPUTIME_ID],
    ['CPU time of the thread', CLOCK.THREAD_CPUTIME_ID],
  ])('of %s keep one signal and count what was missed, however short the period', (_, clock) => {
    const guest = createGuest();
    block(guest);
    const id = create(guest, clock);
    set(guest, id, 100, 1);
    expect(take(guest)).toBe(-E.EAGAIN);
    guest.idle(1_000_000);
    expect(take(guest)).toBeGreaterThan(999_000);
    guest.idle(1000);
    expect(take(guest)).toBeGreaterThanOrEqual(1000);
    expect(guest.call('timer_getoverrun', id)).toBeLessThan(1100);
  });

  it.each([
    ['deleted', (guest: Guest, id: number) => guest.call('timer_delete', id)],
    ['set anew', (guest: Guest, id: number) => set(guest, id, 500_000, 0)],
    ['disarmed', (guest: Guest, id: number) => set(guest, id, 0, 0)],
  ])('take their signal back when they are %s', (_, change) => {
    const guest = createGuest();
    block(guest);
    const id = create(guest, CLOCK.MONOTONIC);
    set(guest, id, 100, 100);
    guest.idle(1000);
    expect(change(guest, id)).toBe(0);
    expect(take(guest)).toBe(-E.EAGAIN);
  });

  it('end with the process', () => {
    const guest = createGuest();
    set(guest, create(guest, CLOCK.MONOTONIC), 1_000_000, 1_000_000);
    guest.start('exit_group', 0);
    expect(guest.machine.timers.next).toBe(Infinity);
  });
});
