import { FUTEX_OWNER_DIED, FUTEX_WAITERS } from '@tally86/abi';
import { describe, expect, it } from 'vitest';
import { createGuest, DATA, type Guest } from '../../test/guest.ts';

const words = (guest: Guest, address: number, ...values: number[]) => guest.poke(address, new Uint8Array(BigUint64Array.from(values.map((value) => BigInt.asUintN(64, BigInt(value)))).buffer));
const word = (guest: Guest, address: number): number => new DataView(guest.peek(address, 4).buffer).getUint32(0, true);
const HEAD = DATA + 0x100, FIRST = DATA + 0x200, SECOND = DATA + 0x300, OFFSET = 16;
const DIED = (FUTEX_WAITERS | FUTEX_OWNER_DIED) >>> 0;

/** A thread with this list of locks, each with its number in the word, ends. */
function end(list: (guest: Guest) => void, offset = OFFSET, pending = 0): Guest {
  const guest = createGuest();
  words(guest, HEAD, FIRST, offset, pending);
  for (const entry of [FIRST, SECOND]) words(guest, entry + OFFSET, FUTEX_WAITERS + 1000);
  list(guest);
  guest.call('set_robust_list', HEAD, 24);
  guest.start('exit', 0);
  expect(guest.machine.exit).toEqual({ kind: 'exit', code: 0 });
  return guest;
}
const marked = (guest: Guest): boolean[] => [FIRST, SECOND].map((entry) => word(guest, entry + OFFSET) === DIED);

describe('locks of a thread that ends', () => {
  const rows: [string, (guest: Guest) => void, boolean[], number?, number?][] = [
    ['a list', (guest) => (words(guest, FIRST, SECOND), words(guest, SECOND, HEAD)), [true, true]],
    ['a circle without its head', (guest) => (words(guest, FIRST, SECOND), words(guest, SECOND, FIRST)), [true, true]],
    ['an entry that leads to itself', (guest) => words(guest, FIRST, FIRST), [true, false]],
    ['an entry that leads nowhere', (guest) => words(guest, FIRST, 16), [true, false]],
    ['an entry that leads into the kernel', (guest) => words(guest, FIRST, -4096), [true, false]],
    ['a lock of another thread', (guest) => (words(guest, FIRST, HEAD), words(guest, FIRST + OFFSET, 7)), [false, false]],
    ['a word that is not aligned', (guest) => words(guest, FIRST, HEAD), [false, false], OFFSET + 1],
    ['an offset out of all bounds', (guest) => words(guest, FIRST, HEAD), [false, false], -(2 ** 62)],
    ['a lock that was being taken', (guest) => words(guest, FIRST, HEAD), [true, true], OFFSET, SECOND],
  ];
  it.each(rows)('%s', (_, list, expected, offset, pending) => expect(marked(end(list, offset, pending))).toEqual(expected));
});
