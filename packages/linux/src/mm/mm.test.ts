import { E, errnoName, MADV, MAP, MREMAP } from '@tally86/abi';
import { describe, expect, it } from 'vitest';
import { type Argument, createGuest, type Guest } from '../../test/guest.ts';
import { imageFile, testFiles } from '../../test/harness.ts';

const ANON = MAP.PRIVATE | MAP.ANONYMOUS;
const FIXED = ANON | MAP.FIXED;
const TOP = 0x7fff_f7ff_f000;
const A = 0x1000_0000;
const name = (result: number): number | string => (result < 0 && result >= -4095 ? `-${errnoName(-result)}` : result);
const maps = (guest: Guest, low = A, high = A + 0x1_0000_0000): string[] =>
  [...guest.process.mm.vmas.range(low, high)].map((v) => `${v.start.toString(16)}-${v.end.toString(16)} ${v.prot}`);

type Call = readonly [string, ...Argument[]];
interface Row {
  readonly title: string;
  readonly calls: readonly Call[];
  /** Result of the last call. */
  readonly result: number | string;
  readonly maps?: readonly string[];
}

const rows: readonly Row[] = [
  { title: 'the first mapping ends at mmap_base', calls: [['mmap', 0, 0x3000, 3, ANON, -1, 0]], result: TOP - 0x3000 },
  { title: 'the second lies below', calls: [['mmap', 0, 0x1000, 3, ANON, -1, 0], ['mmap', 0, 0x1000, 1, ANON, -1, 0]], result: TOP - 0x2000 },
  { title: 'a length of 0', calls: [['mmap', 0, 0, 3, ANON, -1, 0]], result: '-EINVAL' },
  { title: 'a length that overflows', calls: [['mmap', 0, -1, 3, ANON, -1, 0]], result: '-ENOMEM' },
  { title: 'more than user space', calls: [['mmap', 0, 1n << 47n, 3, ANON, -1, 0]], result: '-ENOMEM' },
  { title: 'neither shared nor private', calls: [['mmap', 0, 0x1000, 3, MAP.ANONYMOUS, -1, 0]], result: '-EINVAL' },
  { title: 'an unaligned offset', calls: [['mmap', 0, 0x1000, 3, ANON, -1, 1]], result: '-EINVAL' },
  { title: 'a descriptor that is not open', calls: [['mmap', 0, 0x1000, 3, MAP.PRIVATE, 99, 0]], result: '-EBADF' },
  { title: 'a descriptor that is not open before a length of 0', calls: [['mmap', 0, 0, 3, MAP.PRIVATE, 99, 0]], result: '-EBADF' },
  { title: 'an unaligned fixed address', calls: [['mmap', A + 1, 0x1000, 3, FIXED, -1, 0]], result: '-EINVAL' },
  { title: 'a fixed address in the kernel', calls: [['mmap', -4096, 0x1000, 3, FIXED, -1, 0]], result: '-ENOMEM' },
  { title: 'a fixed address below mmap_min_addr', calls: [['mmap', 0x1000, 0x1000, 3, FIXED, -1, 0]], result: '-EPERM' },
  { title: 'a hint is taken, rounded down', calls: [['mmap', A + 5, 0x1000, 3, ANON, -1, 0]], result: A },
  { title: 'a hint in use is not', calls: [['mmap', A, 0x1000, 3, FIXED, -1, 0], ['mmap', A, 0x1000, 3, ANON, -1, 0]], result: TOP - 0x1000 },
  { title: 'MAP_FIXED_NOREPLACE on something', calls: [['mmap', A, 0x2000, 3, FIXED, -1, 0], ['mmap', A + 0x1000, 0x1000, 3, ANON | MAP.FIXED_NOREPLACE, -1, 0]], result: '-EEXIST' },
  { title: 'MAP_FIXED_NOREPLACE beside it', calls: [['mmap', A, 0x2000, 3, FIXED, -1, 0], ['mmap', A + 0x2000, 0x1000, 1, ANON | MAP.FIXED_NOREPLACE, -1, 0]], result: A + 0x2000, maps: ['10000000-10002000 3', '10002000-10003000 1'] },
  { title: 'MAP_FIXED replaces', calls: [['mmap', A, 0x3000, 3, FIXED, -1, 0], ['mmap', A + 0x1000, 0x1000, 1, FIXED, -1, 0]], result: A + 0x1000, maps: ['10000000-10001000 3', '10001000-10002000 1', '10002000-10003000 3'] },
  { title: 'MAP_32BIT', calls: [['mmap', 0, 0x1000, 3, ANON | MAP['32BIT'], -1, 0]], result: 0x4000_0000 },
  { title: 'huge pages that nobody reserved', calls: [['mmap', 0, 1 << 21, 3, ANON | MAP.HUGETLB, -1, 0]], result: '-ENOMEM' },
  { title: 'a shared stack', calls: [['mmap', 0, 0x1000, 3, MAP.SHARED | MAP.ANONYMOUS | MAP.GROWSDOWN, -1, 0]], result: '-EINVAL' },
  { title: 'a reservation of 100 TiB', calls: [['mmap', 0, 100 * 2 ** 40, 0, ANON | MAP.NORESERVE, -1, 0]], result: TOP - 100 * 2 ** 40 },

  { title: 'munmap splits', calls: [['mmap', A, 0x3000, 3, FIXED, -1, 0], ['munmap', A + 0x1000, 0x1000]], result: 0, maps: ['10000000-10001000 3', '10002000-10003000 3'] },
  { title: 'munmap of nothing', calls: [['munmap', A, 0x1000]], result: 0 },
  { title: 'munmap unaligned', calls: [['munmap', A + 1, 0x1000]], result: '-EINVAL' },
  { title: 'munmap of length 0', calls: [['munmap', A, 0]], result: '-EINVAL' },
  { title: 'munmap beyond user space', calls: [['munmap', A, 1n << 47n]], result: '-EINVAL' },
  { title: 'munmap in the kernel', calls: [['munmap', -4096, 4096]], result: '-EINVAL' },

  { title: 'mprotect splits', calls: [['mmap', A, 0x3000, 3, FIXED, -1, 0], ['mprotect', A + 0x1000, 0x1000, 0]], result: 0, maps: ['10000000-10001000 3', '10001000-10002000 0', '10002000-10003000 3'] },
  { title: 'mprotect merges again', calls: [['mmap', A, 0x3000, 3, FIXED, -1, 0], ['mprotect', A + 0x1000, 0x1000, 0], ['mprotect', A + 0x1000, 0x1000, 3]], result: 0, maps: ['10000000-10003000 3'] },
  { title: 'mprotect up to a hole', calls: [['mmap', A, 0x1000, 3, FIXED, -1, 0], ['mprotect', A, 0x2000, 1]], result: '-ENOMEM', maps: ['10000000-10001000 1'] },
  { title: 'mprotect that starts in a hole', calls: [['mmap', A + 0x1000, 0x1000, 3, FIXED, -1, 0], ['mprotect', A, 0x2000, 1]], result: '-ENOMEM', maps: ['10001000-10002000 3'] },
  { title: 'mprotect unaligned', calls: [['mprotect', A + 1, 0, 1]], result: '-EINVAL' },
  { title: 'mprotect of length 0', calls: [['mprotect', A, 0, 1]], result: 0 },
  { title: 'mprotect with unknown bits', calls: [['mprotect', A, 0x1000, 0x40]], result: '-EINVAL' },
  { title: 'mprotect growing both ways', calls: [['mprotect', A, 0x1000, 0x0300_0000]], result: '-EINVAL' },

  { title: 'mremap shrinks', calls: [['mmap', A, 0x3000, 3, FIXED, -1, 0], ['mremap', A, 0x3000, 0x1000, 0, 0]], result: A, maps: ['10000000-10001000 3'] },
  { title: 'mremap grows in place', calls: [['mmap', A, 0x1000, 3, FIXED, -1, 0], ['mremap', A, 0x1000, 0x3000, 0, 0]], result: A, maps: ['10000000-10003000 3'] },
  { title: 'mremap without room', calls: [['mmap', A, 0x1000, 3, FIXED, -1, 0], ['mmap', A + 0x1000, 0x1000, 1, FIXED, -1, 0], ['mremap', A, 0x1000, 0x2000, 0, 0]], result: '-ENOMEM' },
  { title: 'mremap moves', calls: [['mmap', A, 0x1000, 3, FIXED, -1, 0], ['mmap', A + 0x1000, 0x1000, 1, FIXED, -1, 0], ['mremap', A, 0x1000, 0x2000, MREMAP.MAYMOVE, 0]], result: TOP - 0x2000, maps: ['10001000-10002000 1'] },
  { title: 'mremap to a fixed place', calls: [['mmap', A, 0x2000, 3, FIXED, -1, 0], ['mremap', A, 0x1000, 0x1000, MREMAP.MAYMOVE | MREMAP.FIXED, A + 0x8000]], result: A + 0x8000, maps: ['10001000-10002000 3', '10008000-10009000 3'] },
  { title: 'mremap onto itself', calls: [['mmap', A, 0x2000, 3, FIXED, -1, 0], ['mremap', A, 0x2000, 0x2000, MREMAP.MAYMOVE | MREMAP.FIXED, A + 0x1000]], result: '-EINVAL' },
  { title: 'mremap of nothing', calls: [['mremap', A, 0x1000, 0x2000, 1, 0]], result: '-EFAULT' },
  { title: 'mremap across two areas', calls: [['mmap', A, 0x1000, 3, FIXED, -1, 0], ['mmap', A + 0x1000, 0x1000, 1, FIXED, -1, 0], ['mremap', A, 0x2000, 0x3000, 1, 0]], result: '-EFAULT' },
  { title: 'mremap to length 0', calls: [['mmap', A, 0x1000, 3, FIXED, -1, 0], ['mremap', A, 0x1000, 0, 1, 0]], result: '-EINVAL' },
  { title: 'mremap fixed without maymove', calls: [['mremap', A, 0x1000, 0x1000, MREMAP.FIXED, A]], result: '-EINVAL' },
  { title: 'mremap old length 0 of private memory', calls: [['mmap', A, 0x1000, 3, FIXED, -1, 0], ['mremap', A, 0, 0x1000, MREMAP.MAYMOVE, 0]], result: '-EINVAL' },
  { title: 'mremap dontunmap keeps the place', calls: [['mmap', A, 0x1000, 3, FIXED, -1, 0], ['mremap', A, 0x1000, 0x1000, MREMAP.MAYMOVE | MREMAP.DONTUNMAP, 0]], result: TOP - 0x1000, maps: ['10000000-10001000 3'] },

  { title: 'madvise unknown', calls: [['madvise', A, 0x1000, 77]], result: '-EINVAL' },
  { title: 'madvise on a hole', calls: [['mmap', A, 0x1000, 3, FIXED, -1, 0], ['madvise', A, 0x2000, MADV.DONTNEED]], result: '-ENOMEM' },
  { title: 'msync with both kinds', calls: [['msync', A, 0x1000, 5]], result: '-EINVAL' },
  { title: 'msync on a hole', calls: [['msync', A, 0x1000, 4]], result: '-ENOMEM' },
  { title: 'mincore to nowhere', calls: [['mmap', A, 0x1000, 3, FIXED, -1, 0], ['mincore', A, 0x1000, 0x10]], result: '-EFAULT' },
  { title: 'mincore of a hole', calls: [['mincore', A, 0x1000, 0x401000]], result: '-ENOMEM' },
  { title: 'mlock beyond the limit', calls: [['mmap', A, 0x1000_0000, 3, FIXED, -1, 0], ['mlock', A, 0x1000_0000]], result: '-ENOMEM' },
];

describe('memory calls', () => {
  it.each(rows)('$title', ({ calls, result, maps: expected }) => {
    const guest = createGuest();
    const results = calls.map(([call, ...args]) => guest.call(call as 'mmap', ...args));
    expect(name(results.at(-1)!)).toBe(result);
    if (expected !== undefined) expect(maps(guest)).toEqual(expected);
  });
});

describe('pages', () => {
  const word = (text: string): Uint8Array => new TextEncoder().encode(text);

  it('move with mremap and leave zeros behind DONTUNMAP', () => {
    const guest = createGuest();
    guest.call('mmap', A, 0x1000, 3, FIXED, -1, 0);
    guest.poke(A, word('hello'));
    const to = guest.call('mremap', A, 0x1000, 0x1000, MREMAP.MAYMOVE | MREMAP.DONTUNMAP, 0);
    expect(guest.peek(to, 5)).toEqual(word('hello'));
    expect(guest.peek(A, 5)).toEqual(new Uint8Array(5));
  });

  it('are zero again after MADV_DONTNEED, and stay with MADV_FREE', () => {
    const guest = createGuest();
    guest.call('mmap', A, 0x2000, 3, FIXED, -1, 0);
    guest.poke(A, word('a'));
    guest.poke(A + 0x1000, word('b'));
    expect([guest.call('madvise', A, 0x1000, MADV.DONTNEED), guest.call('madvise', A + 0x1000, 0x1000, MADV.FREE)]).toEqual([0, 0]);
    expect([guest.peek(A, 1)[0], guest.peek(A + 0x1000, 1)[0]]).toEqual([0, 98]);
  });

  it('of a shared object are one, also under a second mapping', () => {
    const guest = createGuest();
    guest.call('mmap', A, 0x1000, 3, MAP.SHARED | MAP.ANONYMOUS | MAP.FIXED, -1, 0);
    const second = guest.call('mremap', A, 0, 0x1000, MREMAP.MAYMOVE, 0);
    guest.poke(A, word('x'));
    expect(guest.peek(second, 1)).toEqual(word('x'));
    guest.call('munmap', A, 0x1000);
    expect(guest.peek(second, 1)).toEqual(word('x'));
    expect(guest.call('madvise', second, 0x1000, MADV.REMOVE)).toBe(0);
    expect(guest.peek(second, 1)).toEqual(new Uint8Array(1));
  });

  it('of a file are read, copied on write, and protected as the descriptor says', () => {
    const bytes = new Uint8Array(0x1800).fill(7);
    const guest = createGuest({ files: testFiles({}, [{ file: imageFile('/data', bytes), writable: false }, { file: imageFile('/rw', bytes), writable: true }]) });
    const [PRIVATE, SHARED] = [MAP.PRIVATE, MAP.SHARED];
    const at = guest.call('mmap', 0, 0x3000, 3, PRIVATE, 3, 0);
    expect([guest.peek(at, 1)[0], guest.peek(at + 0x17ff, 2)]).toEqual([7, Uint8Array.of(7, 0)]);
    guest.poke(at, Uint8Array.of(1));
    expect([guest.peek(at, 1)[0], bytes[0]]).toEqual([1, 7]);
    expect(name(guest.call('mmap', 0, 0x1000, 3, SHARED, 3, 0))).toBe('-EACCES');
    const shared = guest.call('mmap', 0, 0x1000, 1, SHARED, 3, 0);
    expect(name(guest.call('mprotect', shared, 0x1000, 3))).toBe('-EACCES');
    const writable = guest.call('mmap', 0, 0x1000, 3, SHARED, 4, 0x1000);
    guest.poke(writable, Uint8Array.of(9));
    expect(guest.call('msync', writable, 0x1000, 4)).toBe(0);
    expect(bytes[0x1000]).toBe(9);
    expect([...guest.process.mm.vmas.range(at, at + 1)][0].name).toBe('/data');
  });

  it('show in mincore once touched', () => {
    const guest = createGuest();
    guest.call('mmap', A, 0x3000, 3, FIXED, -1, 0);
    guest.poke(A + 0x1000, Uint8Array.of(1));
    expect(guest.call('mincore', A, 0x3000, 0x401000)).toBe(0);
    expect([...guest.peek(0x401000, 3)]).toEqual([0, 1, 0]);
  });
});

describe('the stack', () => {
  const touch = (guest: Guest, address: number): boolean => guest.process.mm.mmu.translate(address, 2) >= 0;
  const STACK_TOP = 0x7fff_ffff_f000;

  it('grows to RLIMIT_STACK and no further', () => {
    const guest = createGuest();
    expect(touch(guest, STACK_TOP - 8 * 2 ** 20)).toBe(true);
    expect(touch(guest, STACK_TOP - 8 * 2 ** 20 - 1)).toBe(false);
  });

  it('keeps its distance from what lies below', () => {
    const guest = createGuest();
    const below = STACK_TOP - 4 * 2 ** 20;
    guest.call('mmap', below - 0x1000, 0x1000, 3, FIXED, -1, 0);
    expect(touch(guest, below + 255 * 4096)).toBe(false);
    expect(touch(guest, below + 256 * 4096)).toBe(true);
  });
});

describe('the break', () => {
  it('starts behind the program and moves by bytes', () => {
    const guest = createGuest();
    const start = guest.call('brk', 0);
    expect(start).toBe(0x402000);
    expect(guest.call('brk', start + 5)).toBe(start + 5);
    expect(maps(guest, start, start + 0x10000)).toEqual(['402000-403000 3']);
    expect(guest.call('brk', start - 1)).toBe(start + 5);
    expect(guest.call('brk', start)).toBe(start);
    expect(maps(guest, start, start + 0x10000)).toEqual([]);
  });

  it('stops at a mapping and at wild values', () => {
    const guest = createGuest();
    const start = guest.call('brk', 0);
    guest.call('mmap', start + 0x2000, 0x1000, 3, FIXED, -1, 0);
    expect([guest.call('brk', start + 0x2001), guest.call('brk', -1), guest.call('brk', start + 0x2000)]).toEqual([start, start, start + 0x2000]);
  });
});

it('max_map_count ends in ENOMEM', () => {
  const guest = createGuest({ maxMapCount: 20 });
  const results = Array.from({ length: 40 }, (_, i) => guest.call('mmap', A + i * 0x2000, 0x1000, 3, FIXED, -1, 0));
  expect(results.at(-1)).toBe(-E.ENOMEM);
  expect(guest.process.mm.vmas.size).toBeLessThanOrEqual(21);
});

it('RLIMIT_AS ends in ENOMEM', () => {
  const guest = createGuest();
  guest.poke(0x401000, new Uint8Array(BigUint64Array.of(0x100_0000n, 0x100_0000n).buffer));
  expect(guest.call('setrlimit', 9, 0x401000)).toBe(0);
  expect(name(guest.call('mmap', 0, 0x200_0000, 3, ANON, -1, 0))).toBe('-ENOMEM');
});

describe('what the memory budget can never fill is refused at once', () => {
  const rows: readonly (readonly [string, size: number, prot: number, flags: number, ok: boolean])[] = [
    ['private, writable', 4 << 20, 3, ANON, false],
    ['the same in part', 512 << 10, 3, ANON, true],
    ['without MAP_NORESERVE only', 4 << 20, 3, ANON | MAP.NORESERVE, true],
    ['read-only', 4 << 20, 1, ANON, true],
    ['a reservation', 2 ** 40, 0, ANON, true],
  ];
  it.each(rows)('%s', (_, size, prot, flags, ok) => {
    const result = createGuest({ budgetBytes: 1 << 20 }).call('mmap', 0, size, prot, flags, -1, 0);
    if (ok) expect(result).toBeGreaterThan(0);
    else expect(result).toBe(-E.ENOMEM);
  });
  it('brk', () => {
    const guest = createGuest({ budgetBytes: 1 << 20 });
    const start = guest.call('brk', 0);
    expect([guest.call('brk', start + (4 << 20)), guest.call('brk', start + (256 << 10))]).toEqual([start, start + (256 << 10)]);
  });
});

it('a memory budget that is spent kills, as the kernel without memory does', () => {
  const guest = createGuest({ budgetBytes: 1 << 20 });
  const at = guest.call('mmap', 0, 4 << 20, 3, ANON | MAP.POPULATE | MAP.NORESERVE, -1, 0);
  expect(at).toBeGreaterThan(0);
  guest.stop({ kind: 'fault', fault: { vector: 14, errorCode: 6, address: BigInt(at), reason: 'budget' } });
  expect(guest.machine.exit).toMatchObject({ kind: 'signal', signal: 9 });
});
