import { AF, E, type SyscallName } from '@tally86/abi';
import { describe, expect, it } from 'vitest';
import { createGuest, DATA, type Guest } from '../../test/guest.ts';
import { createWildCalls } from '../../test/wild-calls.ts';

const CALLS: readonly SyscallName[] = [
  'bind', 'connect', 'listen', 'accept', 'accept4', 'getsockname', 'getpeername', 'sendto', 'recvfrom', 'sendmsg', 'recvmsg', 'sendmmsg', 'recvmmsg', 'shutdown',
  'setsockopt', 'getsockopt', 'ioctl', 'read', 'write', 'readv', 'writev', 'fcntl', 'poll', 'close', 'dup', 'socket', 'socketpair', 'sendfile', 'splice',
];
const NON_BLOCKING = 0o4000;

/** Every kind of socket, and pairs; they never sleep. */
function openAll(guest: Guest): void {
  for (const type of [1, 2, 5]) {
    guest.call('socketpair', AF.UNIX, type | NON_BLOCKING, 0, DATA);
    for (const family of [AF.UNIX, AF.INET, AF.INET6]) guest.call('socket', family, type | NON_BLOCKING, 0);
  }
  guest.call('socket', AF.NETLINK, 3 | NON_BLOCKING, 0);
}

describe('hostile arguments', () => {
  it.each([1n, 2n, 3n])('are answered by an errno or done, seed %s', (seed) => {
    const guest = createGuest({ budgetBytes: 1 << 22 });
    const wild = createWildCalls(seed, DATA);
    openAll(guest);
    for (let round = 0; round < 6000; round += 1) {
      if (wild.below(4) === 0) {
        const junk = new Uint8Array(128);
        wild.fill(junk);
        // Mostly zeros, so that lengths, families and pointers have a meaning now and then.
        guest.poke(DATA + wild.below(31) * 128, junk.map((byte) => (byte < 200 ? 0 : byte - 200)));
      }
      const name = CALLS[wild.below(CALLS.length)];
      const args = [...wild.next().args];
      if (wild.below(3) > 0) args[0] = BigInt(wild.below(40));
      const result = guest.call(name, ...args);
      expect(Number.isInteger(result), `${name}(${args.join(', ')}) = ${result}`).toBe(true);
      if (guest.machine.exit !== null || guest.task.state === 'waiting') return;
      if (round % 500 === 499) openAll(guest);
    }
  });

  it('do not take more memory than the sockets of a machine may have', () => {
    const guest = createGuest({ budgetBytes: 1 << 26 });
    let queued = 0;
    guest.call('mmap', 0x1000_0000, 1 << 20, 3, 0x32, -1, 0);
    for (let pair = 0; pair < 500; pair += 1) {
      expect(guest.call('socketpair', AF.UNIX, 1 | NON_BLOCKING, 0, DATA)).toBe(0);
      const fd = 3 + pair * 2;
      for (;;) {
        const sent = guest.call('sendto', fd, 0x1000_0000, 1 << 17, 0, 0, 0);
        if (sent < 0) break;
        queued += sent;
      }
    }
    expect(queued).toBeGreaterThan(60 << 20);
    expect(queued).toBeLessThan(81 << 20);
    expect(guest.call('sendto', 3, 0x1000_0000, 1, 0, 0, 0)).toBe(-E.EAGAIN);
  });

  it('cannot keep sockets alive in each other', () => {
    const guest = createGuest();
    // A message with both ends of a pair, in its own queue; then both are closed.
    const message = new Uint8Array(256);
    const view = new DataView(message.buffer);
    view.setBigUint64(16, BigInt(DATA + 128), true);
    view.setBigUint64(24, 1n, true);
    view.setBigUint64(32, BigInt(DATA + 64), true);
    view.setBigUint64(40, 24n, true);
    view.setBigUint64(64, 24n, true);
    view.setInt32(72, 1, true);
    view.setInt32(76, 1, true);
    view.setBigUint64(128, BigInt(DATA + 200), true);
    view.setBigUint64(136, 1n, true);
    // Were they all kept, more would be in flight than a user may have there.
    for (let round = 0; round < 2000; round += 1) {
      guest.call('socketpair', AF.UNIX, 2, 0, DATA + 240);
      view.setInt32(80, 3, true);
      view.setInt32(84, 4, true);
      guest.poke(DATA, message);
      expect(guest.call('sendmsg', 3, DATA, 0)).toBe(1);
      guest.call('close', 3);
      guest.call('close', 4);
    }
  });
});
