import { PAGE_SIZE, PROT, TLB_REACH, type Mmu } from '@tally86/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { engineLookup, mapPages, testFile, testPager, tlbLookup, type TestFile } from '../test/machine.ts';
import { createMmu, pageTables } from './index.ts';

const BASE = 0x7f00_0000_0000 - 4 * PAGE_SIZE;
const SPAN = 8;

/** What the guest should see of a page. */
interface ModelPage {
  prot: number;
  readonly shared: boolean;
  readonly file: number;
  readonly index: number;
  /** Own content: anonymous, or a copy of a file's page. null: the file's. */
  own: Uint8Array | null;
}

const page = fc.integer({ min: 0, max: SPAN - 1 });
const count = fc.integer({ min: 1, max: 3 });
const prot = fc.constantFrom(0, 1, 3, 3, 3, 3, 7);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ op: fc.constant('map' as const), page, count, prot, file: fc.constantFrom(-1, -1, 0, 1), shared: fc.boolean(), index: fc.integer({ min: 0, max: 3 }) }) },
  { weight: 12, arbitrary: fc.record({ op: fc.constant('store' as const), page, offset: fc.integer({ min: 0, max: 4095 }), value: fc.integer({ min: 0, max: 255 }) }) },
  { weight: 12, arbitrary: fc.record({ op: fc.constant('load' as const), page, offset: fc.integer({ min: 0, max: 4095 }), access: fc.constantFrom(PROT.READ, PROT.EXEC) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('unmap' as const), page, count }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('protect' as const), page, count, prot }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('discard' as const), page, count }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('move' as const), page, count, to: page }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('sync' as const), page, count }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('write' as const), file: fc.constantFrom(0, 1), at: fc.integer({ min: 0, max: 20_000 }), length: fc.integer({ min: 1, max: 9000 }), value: fc.integer({ min: 0, max: 255 }) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('truncate' as const), file: fc.constantFrom(0, 1), size: fc.integer({ min: 0, max: 24_000 }) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('copyOut' as const), page, offset: fc.integer({ min: 0, max: 4095 }), length: fc.integer({ min: 0, max: 12_000 }), value: fc.integer({ min: 0, max: 255 }) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('copyIn' as const), page, offset: fc.integer({ min: 0, max: 4095 }), length: fc.integer({ min: 0, max: 12_000 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The guest's view, kept in the plainest way: a list of pages, and two files as arrays. */
class Model {
  pages: (ModelPage | null)[] = Array.from({ length: SPAN + 8 }, () => null);
  readonly files: Uint8Array[];
  constructor(files: readonly TestFile[]) {
    this.files = files.map((file) => file.bytes.slice());
  }
  beyond(p: ModelPage): boolean {
    return p.file >= 0 && p.index * PAGE_SIZE >= this.files[p.file]!.length;
  }
  fault(at: number, access: number): string | null {
    const p = this.pages[at];
    if (p === null || p === undefined) return 'unmapped';
    if (((p.prot === 0 ? 0 : p.prot | PROT.READ) & access) === 0) return 'protection';
    return p.own === null && this.beyond(p) ? 'bus' : null;
  }
  load(at: number, offset: number): number {
    const p = this.pages[at]!;
    if (p.own !== null) return p.own[offset]!;
    return p.file < 0 ? 0 : (this.files[p.file]![p.index * PAGE_SIZE + offset] ?? 0);
  }
  /** True if the byte lies in the last page of a file, beyond its end: who sees a store there is left open. */
  vague(at: number, offset: number): boolean {
    const p = this.pages[at]!;
    return p.own === null && p.file >= 0 && p.index * PAGE_SIZE + offset >= this.files[p.file]!.length;
  }
  store(at: number, offset: number, value: number): void {
    const p = this.pages[at]!;
    if (p.own === null && !p.shared) {
      const own = Uint8Array.from({ length: PAGE_SIZE }, (_, i) => this.load(at, i));
      p.own = own;
    }
    if (p.own !== null) p.own[offset] = value;
    else this.files[p.file]![p.index * PAGE_SIZE + offset] = value;
  }
}

/** How often the TLB had bytes of two pages in one piece. */
let crossings = 0;

function run(mmu: Mmu, steps: readonly Step[]): void {
  const files = [testFile(20_000, 1), testFile(9000, 2)];
  const model = new Model(files);
  const backings = testPager(mmu);
  const at = (p: number): number => BASE + p * PAGE_SIZE;
  for (const s of steps) {
    switch (s.op) {
      case 'map':
        mmu.unmap(at(s.page), at(s.page + s.count));
        mapPages(mmu, backings, at(s.page), s.count, { prot: s.prot, shared: s.file >= 0 && s.shared, source: s.file < 0 ? null : files[s.file]!, pageIndex: s.index });
        for (let i = 0; i < s.count; i++) model.pages[s.page + i] = { prot: s.prot, shared: s.file >= 0 && s.shared, file: s.file, index: s.index + i, own: null };
        break;
      case 'store':
      case 'load': {
        const access = s.op === 'store' ? PROT.WRITE : s.access;
        const host = engineLookup(mmu, at(s.page) + s.offset, access);
        const fault = model.fault(s.page, access);
        expect(host < 0 ? mmu.fault.reason : null).toBe(fault);
        const bytes = new Uint8Array(mmu.buffer);
        // what the TLB has in one piece goes on in the next page, with all its rights
        const end = at(s.page + 1);
        const across = access === PROT.EXEC ? -1 : tlbLookup(mmu, end - 1, access, TLB_REACH + 1);
        if (across >= 0) {
          crossings++;
          expect(model.fault(s.page + 1, access)).toBeNull();
          for (const i of [0, TLB_REACH - 1]) if (!model.vague(s.page + 1, i)) expect(bytes[across + 1 + i]).toBe(model.load(s.page + 1, i));
        }
        if (fault !== null || model.vague(s.page, s.offset)) break;
        if (s.op === 'load') expect(bytes[host]).toBe(model.load(s.page, s.offset));
        else {
          bytes[host] = s.value;
          model.store(s.page, s.offset, s.value);
        }
        break;
      }
      case 'unmap':
        mmu.unmap(at(s.page), at(s.page + s.count));
        for (let i = 0; i < s.count; i++) {
          model.pages[s.page + i] = null;
          backings.delete(at(s.page + i) / PAGE_SIZE);
        }
        break;
      case 'protect':
        mmu.protect(at(s.page), at(s.page + s.count), s.prot);
        for (let i = 0; i < s.count; i++) {
          const p = model.pages[s.page + i];
          if (p === null || p === undefined) continue;
          p.prot = s.prot;
          const key = at(s.page + i) / PAGE_SIZE;
          backings.set(key, { ...backings.get(key)!, prot: s.prot });
        }
        break;
      case 'discard':
        mmu.discard(at(s.page), at(s.page + s.count));
        for (let i = 0; i < s.count; i++) {
          const p = model.pages[s.page + i];
          if (p) p.own = null;
        }
        break;
      case 'move': {
        if (s.to < s.page + s.count && s.page < s.to + s.count) break;
        mmu.unmap(at(s.to), at(s.to + s.count));
        expect(mmu.move(at(s.page), at(s.to), s.count * PAGE_SIZE)).toBe(true);
        for (let i = 0; i < s.count; i++) {
          const from = at(s.page + i) / PAGE_SIZE;
          const backing = backings.get(from);
          backings.delete(from);
          if (backing === undefined) backings.delete(at(s.to + i) / PAGE_SIZE);
          else backings.set(at(s.to + i) / PAGE_SIZE, backing);
          model.pages[s.to + i] = model.pages[s.page + i]!;
          model.pages[s.page + i] = null;
        }
        break;
      }
      case 'sync':
        mmu.sync(at(s.page), at(s.page + s.count));
        break;
      case 'write': {
        const file = files[s.file]!;
        const content = model.files[s.file]!;
        const length = Math.min(s.length, content.length - s.at);
        if (length <= 0) break;
        const data = new Uint8Array(length).fill(s.value);
        file.bytes.set(data, s.at);
        mmu.cache.update(file, s.at, data);
        content.set(data, s.at);
        break;
      }
      case 'truncate': {
        const file = files[s.file]!;
        mmu.cache.flush(file);
        const resize = (bytes: Uint8Array): Uint8Array => {
          const resized = new Uint8Array(s.size);
          resized.set(bytes.subarray(0, s.size));
          return resized;
        };
        file.bytes = resize(file.bytes);
        mmu.cache.truncate(file, s.size);
        model.files[s.file] = resize(model.files[s.file]!);
        for (const p of model.pages) if (p !== null && p.file === s.file && model.beyond(p)) p.own = null;
        break;
      }
      case 'copyOut':
      case 'copyIn': {
        const access = s.op === 'copyOut' ? PROT.WRITE : PROT.READ;
        const start = s.page * PAGE_SIZE + s.offset;
        let possible = 0;
        for (let done = 0; done < s.length && model.fault(Math.floor((start + done) / PAGE_SIZE), access) === null; possible = done) {
          done = Math.min(s.length, (Math.floor((start + done) / PAGE_SIZE) + 1) * PAGE_SIZE - start);
        }
        const vague = (i: number): boolean => model.vague(Math.floor((start + i) / PAGE_SIZE), (start + i) % PAGE_SIZE);
        if (s.op === 'copyIn') {
          const into = new Uint8Array(s.length);
          expect(mmu.copyIn(BASE + start, into)).toBe(possible);
          const wrong = into.findIndex((byte, i) => i < possible && !vague(i) && byte !== model.load(Math.floor((start + i) / PAGE_SIZE), (start + i) % PAGE_SIZE));
          expect(wrong).toBe(-1);
        } else if (![...Array(possible).keys()].some(vague)) {
          expect(mmu.copyOut(BASE + start, new Uint8Array(s.length).fill(s.value))).toBe(possible);
          for (let i = 0; i < possible; i++) model.store(Math.floor((start + i) / PAGE_SIZE), (start + i) % PAGE_SIZE, s.value);
        }
        break;
      }
    }
  }
  // every store through a shared mapping reaches its file, and everything taken is given back
  mmu.cache.flushAll();
  for (const [i, file] of files.entries()) expect(Buffer.compare(file.bytes, model.files[i]!)).toBe(0);
  mmu.unmap(BASE, BASE + 2 * SPAN * PAGE_SIZE);
  const { frames, cacheFrames } = mmu.stats();
  expect(frames).toBeLessThanOrEqual(1);
  expect(cacheFrames).toBe(0);
}

for (const strategy of Object.values(pageTables)) {
  test.each([4, 64])(`${strategy.name}: a TLB of %d entries never shows the guest anything but its pages`, (tlbEntries) => {
    crossings = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 60, maxLength: 200, size: 'max' }), (steps) => {
        run(createMmu({ budgetBytes: 4 << 20, pageTable: strategy, tlbEntries, moreEngines: 0 }), steps);
      }),
      { numRuns: 70, seed: 86 },
    );
    expect(crossings).toBeGreaterThan(90);
  });
}
