import { isEmulatorError, PAGE_SIZE, PROT, TLB_REACH, USER_END } from '@tally86/core';
import { describe, expect, test } from 'vitest';
import { anonymous, engineLookup, mapPages, testFile, testPager, tlbLookup } from '../test/machine.ts';
import { createMmu, createPageTable, lazy, qemu42 } from './index.ts';

const MIB = 1 << 20;
const GIB = 2 ** 30;
const AT = 0x5555_0000_0000;
const machine = (budgetBytes = 4 * MIB, pageTable = lazy) => {
  const mmu = createMmu({ budgetBytes, pageTable });
  return { mmu, pages: testPager(mmu) };
};
function codeOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return isEmulatorError(error) ? error.code : 'not ours';
  }
  return undefined;
}

describe('options', () => {
  test.each([
    ['no budget', 0, 64, 'E_OPTION'],
    ['a fraction', 1e6 + 0.5, 64, 'E_OPTION'],
    ['not a number', NaN, 64, 'E_OPTION'],
    ['more than 4 GiB', 4 * GIB + 1, 64, 'E_OPTION'],
    ['a TLB of two', MIB, 2, 'E_OPTION'],
    ['a TLB of 48', MIB, 48, 'E_OPTION'],
    ['the smallest', 65_536, 4, undefined],
    ['the largest', 4 * GIB, 4096, undefined],
  ])('%s', (_, budgetBytes, tlbEntries, code) => {
    expect(codeOf(() => createMmu({ budgetBytes, tlbEntries, pageTable: lazy }))).toBe(code);
  });
  test('a host that refuses the memory', () => {
    const { Memory } = WebAssembly;
    WebAssembly.Memory = class {
      constructor() {
        throw new RangeError('could not allocate memory');
      }
    } as never;
    try {
      expect(codeOf(() => createMmu({ budgetBytes: MIB, pageTable: lazy }))).toBe('E_HOST_MEMORY');
    } finally {
      WebAssembly.Memory = Memory;
    }
  });
  test('a page table that does not exist', () => {
    expect(() => createPageTable('eager')).toThrow('there are lazy, qemu-4.2');
    expect(() => createPageTable('toString')).toThrow('there are lazy, qemu-4.2');
  });
});

test.each([-1, -4096, NaN, Infinity, USER_END, 2 ** 47, 2 ** 53, 2 ** 64])('address %d faults, whoever asks', (address) => {
  const { mmu } = machine();
  mmu.pager = { backing: () => anonymous(7) };
  expect(mmu.translate(address, PROT.READ)).toBe(-1);
  expect([mmu.copyIn(address, new Uint8Array(8)), mmu.copyOut(address, new Uint8Array(8)), mmu.poke(address, new Uint8Array(8)), mmu.peek(address, new Uint8Array(8)), mmu.zero(address, 8)]).toEqual([0, 0, 0, 0, 0]);
  expect(mmu.resident(address)).toBe(false);
});
test('copies stop at the end of user space', () => {
  const { mmu } = machine();
  mmu.pager = { backing: () => anonymous(3) };
  expect(mmu.copyOut(USER_END - 5, new Uint8Array(9))).toBe(5);
  expect(mmu.zero(USER_END - 5, 2 ** 40)).toBe(5);
});

describe('rights', () => {
  test.each([
    ['none', PROT.NONE, [false, false, false]],
    ['read', PROT.READ, [true, false, false]],
    ['write (implies read)', PROT.WRITE, [true, true, false]],
    ['exec (implies read)', PROT.EXEC, [true, false, true]],
  ])('%s', (_, prot, expected) => {
    const { mmu, pages } = machine();
    mapPages(mmu, pages, AT, 1, anonymous(prot));
    for (const touched of [false, true]) {
      if (touched) mmu.poke(AT, Uint8Array.of(1));
      expect([PROT.READ, PROT.WRITE, PROT.EXEC].map((access) => mmu.translate(AT, access) >= 0)).toEqual(expected);
    }
  });
  test('the fault tells if a page was there', () => {
    const { mmu, pages } = machine();
    mapPages(mmu, pages, AT, 1, anonymous(PROT.READ));
    mmu.translate(AT, PROT.WRITE);
    expect(mmu.fault).toEqual({ address: AT, access: PROT.WRITE, reason: 'protection', present: false });
    mmu.translate(AT, PROT.READ);
    mmu.translate(AT + 9, PROT.WRITE);
    expect(mmu.fault).toEqual({ address: AT + 9, access: PROT.WRITE, reason: 'protection', present: true });
  });
  test('poke never reaches a file through a read-only mapping', () => {
    const { mmu, pages } = machine();
    const file = testFile(PAGE_SIZE);
    mapPages(mmu, pages, AT, 1, { prot: PROT.READ, shared: true, source: file, pageIndex: 0 });
    expect(mmu.poke(AT, Uint8Array.of(99))).toBe(0);
    expect(mmu.peek(AT, new Uint8Array(1))).toBe(1);
    expect(mmu.poke(AT, Uint8Array.of(99))).toBe(0);
  });
});

describe('budget', () => {
  test.each([lazy, qemu42])('$name: it ends in a fault, and what is freed can be used again', (pageTable) => {
    const { mmu, pages } = machine(MIB, pageTable);
    mapPages(mmu, pages, AT, 400, anonymous(3));
    const first = mmu.zero(AT, 400 * PAGE_SIZE);
    expect(first).toBeGreaterThan(200 * PAGE_SIZE);
    expect(first).toBeLessThan(256 * PAGE_SIZE);
    expect(mmu.fault.reason).toBe('budget');
    const { frames, pageTableBytes } = mmu.stats();
    expect(frames * PAGE_SIZE + pageTableBytes).toBeLessThanOrEqual(MIB);
    mmu.discard(AT, AT + 400 * PAGE_SIZE);
    expect(mmu.stats().frames).toBe(0);
    expect(mmu.zero(AT, 400 * PAGE_SIZE)).toBe(first);
  });
  test('scattered pages use every frame there is', () => {
    const { mmu } = machine(MIB);
    mmu.pager = { backing: () => anonymous(3) };
    let touched = 0;
    while (mmu.zero(AT + touched * 37 * PAGE_SIZE, 1) === 1) touched++;
    expect(touched).toBeGreaterThan(220);
  });
  test('the most that was held at once is told', () => {
    const { mmu, pages } = machine();
    mapPages(mmu, pages, AT, 50, { prot: PROT.READ | PROT.WRITE, shared: false, source: null, pageIndex: 0 });
    for (let i = 0; i < 50; i++) expect(mmu.copyOut(AT + i * PAGE_SIZE, Uint8Array.of(1))).toBe(1);
    const { frames, pageTableBytes } = mmu.stats();
    expect(frames).toBeGreaterThanOrEqual(50);
    expect(mmu.stats().peakBytes).toBe(frames * PAGE_SIZE + pageTableBytes);
    mmu.unmap(AT, AT + 50 * PAGE_SIZE);
    expect(mmu.stats().peakBytes).toBe(frames * PAGE_SIZE + pageTableBytes);
  });
  test('a reservation of 100 TiB costs nothing', () => {
    const { mmu } = machine();
    expect(mmu.map(0x1000_0000, 0x1000_0000 + 100 * 2 ** 40, 0)).toBe(true);
    expect(mmu.unmap(0x1000_0000, 0x1000_0000 + 100 * 2 ** 40)).toBe(true);
    expect(mmu.stats()).toMatchObject({ pageTableBytes: 0, pageTablePeakBytes: 0, frames: 0 });
  });
  test('the same under qemu-4.2 is refused before it takes the host down', () => {
    const { mmu } = machine(64 * MIB, qemu42);
    expect(mmu.map(0x1000_0000, 0x1000_0000 + 100 * 2 ** 40, 0)).toBe(false);
    expect(mmu.stats().pageTableBytes).toBe(0);
  });
});

test('one contract of 6 GiB under qemu-4.2 leaves 1,536 leaves of 16 KiB and their inner nodes', () => {
  const { mmu } = machine(64 * MIB, qemu42);
  const at = 0x40_0000_0000;
  expect([mmu.map(at, at + 6 * GIB, 0), mmu.protect(at, at + 64 * MIB, 3), mmu.unmap(at, at + 6 * GIB)]).toEqual([true, true, true]);
  // two inner nodes that cover 4 GiB each, and the one above
  expect(mmu.stats()).toMatchObject({ pageTableBytes: 1536 * 16_384 + 3 * 8192, pageTableNodes: 1539, frames: 0 });
});

test('neighbouring pages get neighbouring frames, upwards and downwards', () => {
  const { mmu, pages } = machine();
  mapPages(mmu, pages, AT, 64, anonymous(3));
  mapPages(mmu, pages, AT + GIB, 64, anonymous(3));
  for (let i = 0; i < 64; i++) {
    mmu.zero(AT + i * PAGE_SIZE, 1);
    mmu.zero(AT + GIB + (63 - i) * PAGE_SIZE, 1);
  }
  const runs = (base: number): number => {
    let count = 1;
    for (let i = 1; i < 64; i++) if (mmu.translate(base + i * PAGE_SIZE, PROT.READ) !== mmu.translate(base + (i - 1) * PAGE_SIZE, PROT.READ) + PAGE_SIZE) count++;
    return count;
  };
  expect([runs(AT), runs(AT + GIB)].every((count) => count <= 4)).toBe(true);
});

describe('anonymous pages', () => {
  test('reading shares one frame of zeros, the first store makes an own one', () => {
    const { mmu, pages } = machine();
    mapPages(mmu, pages, AT, 8, anonymous(3));
    expect(mmu.copyIn(AT, new Uint8Array(8 * PAGE_SIZE))).toBe(8 * PAGE_SIZE);
    expect(mmu.stats().frames).toBe(1);
    mmu.copyOut(AT + PAGE_SIZE, Uint8Array.of(7));
    expect(mmu.stats().frames).toBe(2);
    const page = new Uint8Array(2);
    mmu.copyIn(AT, page);
    expect([...page]).toEqual([0, 0]);
  });
});

describe('TLB', () => {
  // a run of pages over a boundary of 4 GiB, where the halves of an address change together
  const RUN = 0x7f01_0000_0000 - 2 * PAGE_SIZE;
  const across = (mmu: ReturnType<typeof machine>['mmu'], page: number, access: number) => tlbLookup(mmu, RUN + (page + 1) * PAGE_SIZE - 8, access, 16);
  function run(access: number) {
    const { mmu, pages } = machine();
    mapPages(mmu, pages, RUN, 4, anonymous(3));
    const hosts = [0, 1, 2, 3].map((i) => {
      mmu.copyOut(RUN + i * PAGE_SIZE, Uint8Array.of(1));
      return mmu.translate(RUN + i * PAGE_SIZE, access);
    });
    return { mmu, hosts };
  }
  test.each([PROT.READ, PROT.WRITE])('pages whose frames follow each other are one piece (%d)', (access) => {
    const { mmu, hosts } = run(access);
    expect(hosts.map((host) => host - hosts[0]!)).toEqual([0, 4096, 8192, 12288]);
    expect([0, 1, 2, 3].map((page) => across(mmu, page, access))).toEqual([hosts[1]! - 8, hosts[2]! - 8, hosts[3]! - 8, -1]);
    expect(tlbLookup(mmu, RUN + 3 * PAGE_SIZE - 1, access, TLB_REACH + 1)).toBe(hosts[3]! - 1);
    expect(tlbLookup(mmu, RUN + 3 * PAGE_SIZE - 1, access, TLB_REACH + 2)).toBe(-1);
  });
  test.each([
    ['protected', [1, 2], (mmu: ReturnType<typeof machine>['mmu']) => mmu.protect(RUN + 2 * PAGE_SIZE, RUN + 3 * PAGE_SIZE, 0)],
    ['unmapped', [1, 2], (mmu: ReturnType<typeof machine>['mmu']) => mmu.unmap(RUN + 2 * PAGE_SIZE, RUN + 3 * PAGE_SIZE)],
    ['evicted', [1, 2], (mmu: ReturnType<typeof machine>['mmu']) => {
      const alias = RUN + (2 + mmu.tlb.entries) * PAGE_SIZE;
      mmu.pager = { backing: () => anonymous(3) };
      mmu.translate(alias, PROT.WRITE);
    }],
    ['translated code', [1, 2], (mmu: ReturnType<typeof machine>['mmu']) => mmu.markCode(mmu.translate(RUN + 2 * PAGE_SIZE, PROT.WRITE) >>> 12)],
    ['gone with all', [0, 1, 2], (mmu: ReturnType<typeof machine>['mmu']) => mmu.flushTlb()],
  ] as const)('a page that is %s ends the piece before it', (_, ended, act) => {
    const { mmu } = run(PROT.WRITE);
    act(mmu);
    expect([0, 1, 2].filter((page) => across(mmu, page, PROT.WRITE) < 0)).toEqual(ended);
  });
  test('frames that do not follow each other are no piece', () => {
    const { mmu, pages } = machine();
    const file = testFile(4 * PAGE_SIZE);
    for (const i of [0, 1]) mapPages(mmu, pages, RUN + i * PAGE_SIZE, 1, { prot: 3, shared: true, source: file, pageIndex: 0 });
    for (const i of [0, 1]) mmu.translate(RUN + i * PAGE_SIZE, PROT.READ);
    expect(across(mmu, 0, PROT.READ)).toBe(-1);
  });
});

// an instruction that loads from one of two pages with one slot and stores to the other would be retried for ever if a fill for loads took a store's entry
test('two pages with one slot can be loaded from and stored to at the same time', () => {
  const { mmu, pages } = machine();
  const other = AT + mmu.tlb.entries * PAGE_SIZE;
  for (const page of [AT, other]) {
    mapPages(mmu, pages, page, 1, anonymous(3));
    mmu.translate(page, PROT.WRITE);
  }
  for (const [from, to] of [[AT, other], [other, AT]] as const) {
    for (const order of [[from, PROT.READ, to, PROT.WRITE], [to, PROT.WRITE, from, PROT.READ]] as const) {
      mmu.flushTlb();
      mmu.translate(order[0], order[1]);
      mmu.translate(order[2], order[3]);
      expect([tlbLookup(mmu, from, PROT.READ) > 0, tlbLookup(mmu, to, PROT.WRITE) > 0]).toEqual([true, true]);
    }
  }
});

describe('code', () => {
  test('stores to a code frame stay out of the TLB until it is cleared', () => {
    const { mmu, pages } = machine();
    mapPages(mmu, pages, AT, 1, anonymous(7));
    const host = mmu.translate(AT, PROT.WRITE);
    const found = () => tlbLookup(mmu, AT, PROT.WRITE);
    expect(found()).toBe(host);
    mmu.markCode(host >>> 12);
    expect(found()).toBe(-1);
    expect(engineLookup(mmu, AT, PROT.WRITE)).toBe(host);
    expect([found(), mmu.isCodeFrame(host >>> 12)]).toEqual([-1, true]);
    mmu.clearCode(host >>> 12);
    engineLookup(mmu, AT, PROT.WRITE);
    expect(found()).toBe(host);
  });
  test('a frame in the TLB at several pages loses all of them', () => {
    const { mmu, pages } = machine();
    const file = testFile(PAGE_SIZE);
    for (const i of [0, 1, 2]) mapPages(mmu, pages, AT + i * PAGE_SIZE, 1, { prot: 7, shared: true, source: file, pageIndex: 0 });
    const hosts = [0, 1, 2].map((i) => mmu.translate(AT + i * PAGE_SIZE, PROT.WRITE));
    expect(new Set(hosts).size).toBe(1);
    mmu.markCode(hosts[0]! >>> 12);
    expect([0, 1, 2].map((i) => tlbLookup(mmu, AT + i * PAGE_SIZE, PROT.WRITE))).toEqual([-1, -1, -1]);
  });
  test.each([
    ['copyOut', 'written 12 3', (mmu: ReturnType<typeof createMmu>) => mmu.copyOut(AT + 12, new Uint8Array(3))],
    ['zero', 'written 8 4', (mmu: ReturnType<typeof createMmu>) => mmu.zero(AT + 8, 4)],
    ['unmap', 'written 0 4096,gone 0 1', (mmu: ReturnType<typeof createMmu>) => mmu.unmap(AT, AT + PAGE_SIZE)],
    ['protect', 'gone 0 1', (mmu: ReturnType<typeof createMmu>) => mmu.protect(AT, AT + PAGE_SIZE, 3)],
    ['discard', 'written 0 4096,gone 0 1', (mmu: ReturnType<typeof createMmu>) => mmu.discard(AT, AT + PAGE_SIZE)],
    ['move', 'gone 0 1', (mmu: ReturnType<typeof createMmu>) => mmu.move(AT, AT + GIB, PAGE_SIZE)],
    ['protect without change', '', (mmu: ReturnType<typeof createMmu>) => mmu.protect(AT, AT + PAGE_SIZE, 7)],
  ])('the listener hears of %s', (_, expected, act) => {
    const { mmu, pages } = machine();
    mapPages(mmu, pages, AT, 1, anonymous(7));
    mmu.markCode(mmu.translate(AT, PROT.WRITE) >>> 12);
    const heard: string[] = [];
    mmu.codeListener = {
      frameWritten: (_frame, offset, length) => heard.push(`written ${offset} ${length}`),
      unmapped: (start, end) => heard.push(`gone ${(start - AT) / PAGE_SIZE} ${(end - AT) / PAGE_SIZE}`),
    };
    act(mmu);
    expect(heard.join()).toBe(expected);
  });
  test('copy on write of a code page is told', () => {
    const { mmu, pages } = machine();
    mapPages(mmu, pages, AT, 1, { prot: 7, shared: false, source: testFile(PAGE_SIZE), pageIndex: 0 });
    mmu.markCode(mmu.translate(AT, PROT.EXEC) >>> 12);
    const gone: number[] = [];
    mmu.codeListener = { frameWritten: () => {}, unmapped: (start, end) => gone.push(start, end) };
    const host = mmu.translate(AT + 4, PROT.WRITE);
    expect([gone, mmu.isCodeFrame(host >>> 12)]).toEqual([[AT, AT + PAGE_SIZE], false]);
  });
});

describe('files', () => {
  test('only pages that were stored to are written back, once', () => {
    const { mmu, pages } = machine();
    const file = testFile(3 * PAGE_SIZE + 100);
    mapPages(mmu, pages, AT, 4, { prot: 3, shared: true, source: file, pageIndex: 0 });
    mmu.copyIn(AT, new Uint8Array(4 * PAGE_SIZE));
    mmu.copyOut(AT + 3 * PAGE_SIZE, Uint8Array.of(5, 6));
    mmu.sync(AT, AT + 4 * PAGE_SIZE);
    expect([file.writes, file.bytes.length, file.bytes[3 * PAGE_SIZE]]).toEqual([[3], 3 * PAGE_SIZE + 100, 5]);
    mmu.unmap(AT, AT + 4 * PAGE_SIZE);
    expect([file.writes, mmu.cache.has(file), mmu.stats().frames]).toEqual([[3], false, 0]);
  });
  test('a page beyond the end raises bus, also after the file shrank', () => {
    const { mmu, pages } = machine();
    const file = testFile(2 * PAGE_SIZE);
    mapPages(mmu, pages, AT, 3, { prot: 3, shared: false, source: file, pageIndex: 0 });
    expect(mmu.translate(AT + 2 * PAGE_SIZE, PROT.READ)).toBe(-1);
    expect(mmu.fault.reason).toBe('bus');
    mmu.copyOut(AT + PAGE_SIZE, Uint8Array.of(1));
    file.bytes = file.bytes.slice(0, 10);
    mmu.cache.truncate(file, 10);
    expect(mmu.translate(AT + PAGE_SIZE, PROT.READ)).toBe(-1);
    expect(mmu.fault.reason).toBe('bus');
  });
});
