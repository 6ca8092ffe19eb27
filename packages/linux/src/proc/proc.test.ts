import { E, errnoName, O } from '@tally86/abi';
import { describe, expect, it } from 'vitest';
import { createGuest, DATA, type Guest } from '../../test/guest.ts';
import { createDefaultSyscalls } from '../index.ts';

const BUFFER = DATA + 0x200;

function guest(): Guest {
  return createGuest({ argv: ['/tiny', 'two words'], envp: ['A=1'], syscalls: createDefaultSyscalls() });
}

function open(on: Guest, path: string, flags: number = O.RDONLY): number {
  on.poke(DATA, new TextEncoder().encode(`${path}\0`));
  return on.call('open', DATA, flags, 0o600);
}

/** What a program reads of a file, in pieces of `size`. */
function readAll(on: Guest, path: string, size = 512): string {
  const fd = open(on, path);
  if (fd < 0) return errnoName(-fd);
  let text = '';
  for (let count = on.call('read', fd, BUFFER, size); count > 0; count = on.call('read', fd, BUFFER, size)) {
    text += String.fromCharCode(...on.peek(BUFFER, count));
  }
  on.call('close', fd);
  return text;
}

function readLink(on: Guest, path: string): string {
  on.poke(DATA, new TextEncoder().encode(`${path}\0`));
  const count = on.call('readlink', DATA, BUFFER, 512);
  return count < 0 ? errnoName(-count) : String.fromCharCode(...on.peek(BUFFER, count));
}

describe('/proc', () => {
  it.each<[string, RegExp]>([
    ['/proc/self/cmdline', /^\/tiny\0two words\0$/],
    ['/proc/self/environ', /^A=1\0$/],
    ['/proc/self/comm', /^tiny\n$/],
    ['/proc/self/maps', /^00400000-00401000 r-xp 00000000 [0-9a-f]{2}:[0-9a-f]{2} \d+ +\/tiny\n(.*\n)*[0-9a-f]+-[0-9a-f]+ rw-p 00000000 00:00 0 +\[stack\]\n$/],
    ['/proc/self/smaps', /\nRss: +\d+ kB\n/],
    ['/proc/self/stat', /^1000 \(tiny\) R 999 1000 999 (-?\d+ ){45}0$/m],
    ['/proc/self/statm', /^\d+ \d+ 0 1 0 \d+ 0\n$/],
    ['/proc/self/status', /^Name:\ttiny\nUmask:\t0022\nState:\tR \(running\)\nTgid:\t1000\n(.*\n)*Threads:\t1\n/],
    ['/proc/self/limits', /^Max open files +1024 +1048576 +files +$/m],
    ['/proc/self/mounts', /^proc \/proc proc rw,nosuid,nodev,noexec,relatime 0 0$/m],
    ['/proc/self/mountinfo', /^2 1 0:2 \/ \/proc rw,nosuid,nodev,noexec,relatime - proc proc rw$/m],
    ['/proc/self/fdinfo/0', /^pos:\t0\nflags:\t0100000\n/],
    ['/proc/1000/task/1000/comm', /^tiny\n$/],
    ['/proc/thread-self/comm', /^tiny\n$/],
    ['/proc/cpuinfo', /^processor\t: 0\n(.*\n)*flags\t\t: fpu /],
    ['/proc/meminfo', /^MemTotal: +65536 kB\n/],
    ['/proc/uptime', /^\d+\.\d\d \d+\.\d\d\n$/],
    ['/proc/loadavg', /^0\.00 0\.00 0\.00 1\/1 1000\n$/],
    ['/proc/version', /^Linux version /],
    ['/proc/filesystems', /^nodev\ttmpfs$/m],
    ['/proc/sys/kernel/hostname', /^tally86\n$/],
    ['/proc/sys/vm/overcommit_memory', /^0\n$/],
    ['/proc/sys/kernel/random/uuid', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\n$/],
    ['/proc/self/io', /^rchar: \d+\nwchar: 0\nsyscr: \d+\nsyscw: 0\nread_bytes: 0\n/],
    ['/proc/self/cgroup', /^0::\/\n$/],
    ['/proc/self/oom_score', /^666\n$/],
    ['/proc/self/smaps_rollup', /^00400000-[0-9a-f]+ ---p 00000000 00:00 0 +\[rollup\]\nRss: +\d+ kB\n/],
    ['/proc/self/schedstat', /^\d+ 0 0\n$/],
    ['/proc/vmstat', /^nr_free_pages \d+\n/],
    ['/proc/sys/fs/file-nr', /^3\t0\t1048576\n$/],
    ['/proc/sys/fs/epoll/max_user_watches', /^262144\n$/],
    ['/proc/sys/fs/inotify/max_user_instances', /^128\n$/],
    ['/proc/self/stack', /^ENOENT$/],
    ['/proc/7', /^ENOENT$/],
    ['/proc/self/fd/77', /^ENOENT$/],
  ])('%s', (path, expected) => {
    expect(readAll(guest(), path)).toMatch(expected);
  });

  it('shows one moment however it is read', () => {
    const on = guest();
    expect(readAll(on, '/proc/self/maps', 7)).toBe(readAll(on, '/proc/self/maps'));
  });

  it('keeps the boot id, and makes a new uuid each time', () => {
    const on = guest();
    const twice = (path: string) => readAll(on, path) === readAll(on, path);
    expect([twice('/proc/sys/kernel/random/boot_id'), twice('/proc/sys/kernel/random/uuid')]).toEqual([true, false]);
  });

  it.each([['/proc/self', '1000'], ['/proc/self/exe', '/tiny'], ['/proc/self/cwd', '/'], ['/proc/self/fd/0', '/dev/null'], ['/proc/self/fd/9', 'ENOENT']])(
    '%s leads to %s', (path, target) => expect(readLink(guest(), path)).toBe(target));

  it('fd entries reopen what they show, even when its name is gone', () => {
    const on = guest();
    const fd = open(on, '/tmp/x', O.RDWR | O.CREAT);
    on.poke(BUFFER, new TextEncoder().encode('hello'));
    expect(on.call('write', fd, BUFFER, 5)).toBe(5);
    open(on, '/tmp/x');
    on.call('unlink', DATA);
    expect(readLink(on, `/proc/self/fd/${fd}`)).toBe('/tmp/x (deleted)');
    expect(readAll(on, `/proc/self/fd/${fd}`)).toBe('hello');
  });

  it('mem reaches memory by address, and says where there is none', () => {
    const on = guest();
    const fd = open(on, '/proc/self/mem', O.RDWR);
    on.poke(BUFFER, new TextEncoder().encode('hello'));
    expect(on.call('pread64', fd, BUFFER + 64, 5, BUFFER)).toBe(5);
    expect(new TextDecoder().decode(on.peek(BUFFER + 64, 5))).toBe('hello');
    // The page of code cannot be written by the program itself.
    expect(on.call('pwrite64', fd, BUFFER, 5, 0x400800)).toBe(5);
    expect(new TextDecoder().decode(on.peek(0x400800, 5))).toBe('hello');
    expect([on.call('pread64', fd, BUFFER, 5, 4096), on.call('pwrite64', fd, BUFFER, 5, 4096)]).toEqual([-E.EIO, -E.EIO]);
  });

  it.each([['oom_score_adj', '-1', -E.EACCES], ['oom_score_adj', '7', 1], ['oom_score_adj', 'seven', -E.EINVAL], ['coredump_filter', '0x21', 4], ['timerslack_ns', '0', 1]])(
    '%s takes %s: %d', (name, text, answer) => {
      const on = guest();
      on.poke(BUFFER, new TextEncoder().encode(text));
      expect(on.call('write', open(on, `/proc/self/${name}`, O.WRONLY), BUFFER, text.length)).toBe(answer);
    });

  it('files that cannot be written say so', () => {
    const on = guest();
    expect(open(on, '/proc/self/maps', O.RDWR)).toBe(-E.EACCES);
    expect(open(on, '/proc/new', O.RDWR | O.CREAT)).toBe(-E.EACCES);
  });
});

describe('/dev', () => {
  it('null swallows, zero and full give zeros, full has no room', () => {
    const on = guest();
    const answers = ['null', 'zero', 'full'].map((name) => {
      const fd = open(on, `/dev/${name}`, O.RDWR);
      on.poke(BUFFER, Uint8Array.of(9, 9));
      return [on.call('read', fd, BUFFER, 2), on.peek(BUFFER, 1)[0], on.call('write', fd, BUFFER, 100_000_000)];
    });
    expect(answers).toEqual([[0, 9, 100_000_000], [2, 0, 100_000_000], [2, 0, -E.ENOSPC]]);
  });

  it('random bytes are the seeded ones', () => {
    const bytes = () => readRandom(guest());
    expect(bytes()).toEqual(bytes());
    expect(new Set(bytes()).size).toBeGreaterThan(8);
  });

  it('tty is not there without a terminal', () => expect(open(guest(), '/dev/tty')).toBe(-E.ENXIO));
});

function readRandom(on: Guest): Uint8Array {
  expect(on.call('read', open(on, '/dev/urandom'), BUFFER, 32)).toBe(32);
  return on.peek(BUFFER, 32);
}
