import { AT_FDCWD, E, F, O } from '@tally86/abi';
import { describe, expect, it } from 'vitest';
import { createGuest, DATA, type Guest } from '../../test/guest.ts';

const MiB = 1 << 20;

/** Makes a pipe; the descriptor of its reading end. */
function pipe(guest: Guest): number {
  expect(guest.call('pipe2', DATA, 0)).toBe(0);
  return new DataView(guest.peek(DATA, 4).buffer).getInt32(0, true);
}

/** Capacity of a new pipe, which is closed again. */
function capacityOfNew(guest: Guest): number {
  const fd = pipe(guest);
  const capacity = guest.call('fcntl', fd, F.GETPIPE_SZ);
  for (const end of [fd, fd + 1]) guest.call('close', end);
  return capacity;
}

/** 64 pipes of 1 MiB: all that a machine's pipes may hold. */
function fill(guest: Guest): number[] {
  const made = Array.from({ length: 64 }, () => pipe(guest));
  for (const fd of made) expect(guest.call('fcntl', fd, F.SETPIPE_SZ, MiB)).toBe(MiB);
  return made;
}

describe('the space of all pipes', () => {
  it('is small for new pipes once it is used up, and comes back', () => {
    const guest = createGuest();
    const made = fill(guest);
    expect(capacityOfNew(guest)).toBe(8192);
    const small = pipe(guest);
    expect(guest.call('fcntl', small, F.SETPIPE_SZ, MiB)).toBe(-E.EPERM);
    for (const fd of made) for (const end of [fd, fd + 1]) guest.call('close', end);
    expect(capacityOfNew(guest)).toBe(65_536);
  });

  it('is of one machine: another in the same process has its own', () => {
    const [one, other] = [createGuest(), createGuest()];
    fill(one);
    expect([capacityOfNew(one), capacityOfNew(other)]).toEqual([8192, 65_536]);
    expect(fill(other)).toHaveLength(64);
  });
});

describe('a pipe opened by the name of its descriptor', () => {
  it('waits for nobody: the other end may be closed already', () => {
    const guest = createGuest();
    const [reader, writer] = [pipe(guest), pipe(guest) + 1];
    const open = (fd: number, flags: number): number => {
      guest.poke(DATA + 64, new TextEncoder().encode(`/proc/self/fd/${fd}\0`));
      return guest.call('openat', AT_FDCWD, DATA + 64, flags);
    };
    expect(guest.call('write', reader + 1, DATA + 64, 3)).toBe(3);
    guest.call('close', reader + 1);
    const [again, writerAgain] = [open(reader, O.RDONLY), open(writer, O.WRONLY | O.NONBLOCK)];
    expect([guest.call('read', again, DATA, 8), guest.call('read', again, DATA, 8)]).toEqual([3, 0]);
    guest.call('close', writer - 1);
    expect(open(writer, O.WRONLY)).toBe(writer - 1);
    expect(open(writer, O.WRONLY | O.NONBLOCK)).toBeGreaterThan(writerAgain);
  });
});
