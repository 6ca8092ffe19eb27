import { AF } from '@tally86/abi';
import { describe, expect, it } from 'vitest';
import { createGuest, DATA, type Guest } from '../../test/guest.ts';

function textOf(guest: Guest, path: string): string {
  guest.poke(DATA, new TextEncoder().encode(`${path}\0`));
  const fd = guest.call('open', DATA, 0);
  const length = guest.call('read', fd, DATA + 256, 3000);
  guest.call('close', fd);
  return new TextDecoder().decode(guest.peek(DATA + 256, length));
}

describe('/proc/net', () => {
  it('shows sockets as the kernel does', () => {
    const guest = createGuest();
    guest.call('socket', AF.INET, 1, 0);
    guest.poke(DATA, Uint8Array.of(2, 0, 0x1f, 0x90, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0));
    expect(guest.call('bind', 3, DATA, 16)).toBe(0);
    expect(guest.call('listen', 3, 5)).toBe(0);
    guest.call('socket', AF.INET, 1, 0);
    expect(guest.call('connect', 4, DATA, 16)).toBe(0);
    const [head, ...lines] = textOf(guest, '/proc/net/tcp').trimEnd().split('\n');
    expect(head).toHaveLength(149);
    expect(lines.map((line) => line.slice(0, 90).trimEnd())).toEqual([
      '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000001 00:00000000 00000000  1000        0',
      '   1: 0100007F:1F90 0100007F:8000 01 00000000:00000000 00:00000000 00000000  1000        0',
      '   2: 0100007F:8000 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0',
    ]);
    guest.call('socketpair', AF.UNIX, 1, 0, DATA);
    const pair = textOf(guest, '/proc/self/net/unix').split('\n').slice(1, 3).map((line) => line.slice(0, 54));
    expect(pair).toEqual(Array.from({ length: 2 }, () => '0000000000000000: 00000003 00000000 00000000 0001 03  '));
    expect(textOf(guest, '/proc/net/if_inet6')).toBe('00000000000000000000000000000001 01 80 10 80       lo\n');
    expect(textOf(guest, '/proc/net/dev').split('\n')[2]).toMatch(/^ {4}lo: {7}0 {7}0 {4}0/);
  });
});
