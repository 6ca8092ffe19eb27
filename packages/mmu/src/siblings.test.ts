import { isEmulatorError, PAGE_SIZE, PROT, type Mmu } from '@tally86/core';
import { describe, expect, test } from 'vitest';
import { anonymous, mapPages, testFile, testPager, tlbLookup } from '../test/machine.ts';
import { createMmu, lazy, qemu42 } from './index.ts';

const MIB = 1 << 20;
const AT = 0x5555_0000_0000;
const END = AT + 0x100 * PAGE_SIZE;

function family(pageTable = lazy, budgetBytes = 4 * MIB) {
  const parent = createMmu({ budgetBytes, pageTable });
  const pages = testPager(parent);
  return {
    parent, pages,
    fork(): Mmu {
      const child = parent.createSibling();
      child.pager = { backing: (address) => pages.get(Math.floor(address / PAGE_SIZE)) ?? null };
      expect(parent.share(child, AT, END)).toBe(true);
      return child;
    },
  };
}
const byteAt = (mmu: Mmu, address: number): number => {
  const into = new Uint8Array(1);
  return mmu.peek(address, into) === 1 ? into[0]! : -1;
};

describe.each([lazy, qemu42])('$name: forked address spaces', (pageTable) => {
  test('private pages are shared until one side stores', () => {
    const { parent, pages, fork } = family(pageTable);
    mapPages(parent, pages, AT, 2, anonymous(3));
    parent.copyOut(AT, Uint8Array.of(1));
    parent.copyOut(AT + PAGE_SIZE, Uint8Array.of(2));
    const before = parent.stats().frames;
    const child = fork();
    expect(parent.stats().frames).toBe(before);
    child.copyOut(AT, Uint8Array.of(7));
    parent.copyOut(AT + PAGE_SIZE, Uint8Array.of(8));
    expect([byteAt(parent, AT), byteAt(child, AT), byteAt(parent, AT + PAGE_SIZE), byteAt(child, AT + PAGE_SIZE)]).toEqual([1, 7, 8, 2]);
    expect(parent.stats().frames).toBe(before + 2);
    // the last one to hold a page stores to it in place
    child.release();
    expect(parent.stats().frames).toBe(before);
    parent.copyOut(AT, Uint8Array.of(9));
    expect([parent.stats().frames, byteAt(parent, AT)]).toEqual([before, 9]);
  });
  test('a store through the TLB of before the fork is seen by nobody else', () => {
    const { parent, pages, fork } = family(pageTable);
    mapPages(parent, pages, AT, 1, anonymous(3));
    parent.translate(AT, PROT.WRITE);
    expect(tlbLookup(parent, AT, PROT.WRITE)).toBeGreaterThan(0);
    const child = fork();
    expect(tlbLookup(parent, AT, PROT.WRITE)).toBe(-1);
    const host = parent.translate(AT, PROT.WRITE);
    new Uint8Array(parent.buffer)[host] = 5;
    expect([byteAt(parent, AT), byteAt(child, AT)]).toEqual([5, 0]);
  });
  test('the TLB shows the active one only', () => {
    const { parent, pages, fork } = family(pageTable);
    mapPages(parent, pages, AT, 1, anonymous(3));
    parent.copyOut(AT, Uint8Array.of(1));
    const child = fork();
    expect(child.translate(AT, PROT.WRITE)).toBeGreaterThan(0);
    expect(tlbLookup(parent, AT, PROT.WRITE)).toBe(-1);
    child.activate();
    child.translate(AT, PROT.READ);
    expect(tlbLookup(child, AT, PROT.READ)).toBeGreaterThan(0);
    parent.activate();
    expect(tlbLookup(parent, AT, PROT.READ)).toBe(-1);
    // what the engine is shown follows
    expect(parent.port.translate(AT, PROT.READ)).toBe(parent.translate(AT, PROT.READ));
    child.activate();
    expect(parent.port.translate(AT, PROT.READ)).toBe(child.translate(AT, PROT.READ));
  });
  test('shared pages of files stay shared, and are written back once', () => {
    const { parent, pages, fork } = family(pageTable);
    const file = testFile(PAGE_SIZE);
    mapPages(parent, pages, AT, 1, { prot: 3, shared: true, source: file, pageIndex: 0 });
    parent.copyOut(AT, Uint8Array.of(1));
    const child = fork();
    child.copyOut(AT + 1, Uint8Array.of(2));
    expect([byteAt(parent, AT + 1), byteAt(child, AT)]).toEqual([2, 1]);
    parent.unmap(AT, AT + PAGE_SIZE);
    expect(file.writes).toEqual([0]);
    child.release();
    expect([...file.bytes.subarray(0, 2), ...file.writes]).toEqual([1, 2, 0]);
    expect(parent.stats().cacheFrames).toBe(0);
  });
  test('a file that shrinks takes its pages out of both, private copies too', () => {
    const { parent, pages, fork } = family(pageTable);
    const file = testFile(2 * PAGE_SIZE);
    mapPages(parent, pages, AT, 2, { prot: 3, shared: false, source: file, pageIndex: 0 });
    parent.copyOut(AT + PAGE_SIZE, Uint8Array.of(1));
    byteAt(parent, AT);
    const child = fork();
    file.bytes = file.bytes.subarray(0, PAGE_SIZE);
    parent.cache.truncate(file, PAGE_SIZE);
    expect([byteAt(parent, AT + PAGE_SIZE), byteAt(child, AT + PAGE_SIZE), parent.fault.reason]).toEqual([-1, -1, 'bus']);
    expect([byteAt(parent, AT), byteAt(child, AT)]).toEqual([file.bytes[0], file.bytes[0]]);
  });
  test('release gives everything back', () => {
    const { parent, pages, fork } = family(pageTable);
    mapPages(parent, pages, AT, 20, anonymous(3));
    parent.zero(AT, 10 * PAGE_SIZE);
    const before = parent.stats();
    for (let i = 0; i < 50; i++) {
      const child = fork();
      child.zero(AT + 5 * PAGE_SIZE, 10 * PAGE_SIZE);
      expect(child.residentPages).toBe(15);
      child.release();
    }
    const { frames, pageTableBytes, pageTableNodes } = parent.stats();
    expect([frames, pageTableBytes, pageTableNodes]).toEqual([before.frames, before.pageTableBytes, before.pageTableNodes]);
  });
  test('a page table that has no room is told', () => {
    const { parent, pages } = family(pageTable, MIB);
    mapPages(parent, pages, AT, 200, anonymous(3));
    parent.zero(AT, 200 * PAGE_SIZE);
    const children: Mmu[] = [];
    let done = true;
    while (done && children.length < 1000) {
      const child = parent.createSibling();
      children.push(child);
      done = parent.share(child, AT, END);
    }
    expect(done).toBe(false);
    const before = parent.stats().frames;
    for (const child of children) child.release();
    expect([parent.stats().frames, byteAt(parent, AT)]).toEqual([before, 0]);
  });
});

describe('engines of several address spaces', () => {
  function withCode() {
    const { parent, pages, fork } = family();
    mapPages(parent, pages, AT, 4, { prot: 7, shared: false, source: testFile(4 * PAGE_SIZE), pageIndex: 0 });
    const frame = parent.port.translate(AT, PROT.EXEC) >>> 12;
    parent.port.markCode(frame);
    return { parent, pages, child: fork(), frame };
  }
  test('a child with the same code agrees, until its code lies elsewhere', () => {
    const { parent, child } = withCode();
    expect([child.agrees(), child.agrees()]).toEqual([true, true]);
    child.copyOut(AT, Uint8Array.of(0x90));
    // what was translated is gone for both; whoever translates first is right, and the other sees that it differs
    expect([parent.agrees(), child.agrees()]).toEqual([true, true]);
    parent.port.markCode(parent.port.translate(AT, PROT.EXEC) >>> 12);
    expect([parent.agrees(), child.agrees()]).toEqual([true, false]);
  });
  test('what was shown and not translated, or whose frame is another page now, does not count', () => {
    const { parent, pages, child } = withCode();
    child.pager = { backing: () => null };
    mapPages(parent, pages, AT + 8 * PAGE_SIZE, 2, anonymous(7));
    parent.port.translate(AT + 8 * PAGE_SIZE, PROT.EXEC);
    expect(child.agrees()).toBe(true);
    const frame = parent.translate(AT + 9 * PAGE_SIZE, PROT.WRITE) >>> 12;
    parent.port.translate(AT + 9 * PAGE_SIZE, PROT.EXEC);
    parent.port.markCode(frame);
    expect(child.agrees()).toBe(false);
    parent.unmap(AT + 9 * PAGE_SIZE, AT + 10 * PAGE_SIZE);
    expect([child.agrees(), parent.port.isCodeFrame(frame)]).toEqual([true, false]);
  });
  test('a child that lacks what was executed since does not agree', () => {
    const { parent, pages, child } = withCode();
    child.pager = { backing: () => null };
    mapPages(parent, pages, AT + 8 * PAGE_SIZE, 1, anonymous(7));
    parent.port.markCode(parent.port.translate(AT + 8 * PAGE_SIZE, PROT.EXEC) >>> 12);
    expect(child.agrees()).toBe(false);
  });
  test('nor one whose page may not be executed', () => {
    const { parent, child } = withCode();
    child.protect(AT, AT + PAGE_SIZE, PROT.READ);
    expect(child.agrees()).toBe(true);
    parent.port.markCode(parent.port.translate(AT, PROT.EXEC) >>> 12);
    expect(child.agrees()).toBe(false);
  });
  test('each engine hears of changes to frames that it holds, and of nothing else', () => {
    const { parent, child, frame } = withCode();
    const other = parent.createPort()!;
    child.port = other;
    const heard: string[] = [];
    const listen = (name: string) => ({
      frameWritten: (_: number, offset: number) => void heard.push(`${name} ${offset}`), unmapped: () => void heard.push(`${name} unmapped`),
    });
    parent.port.codeListener = listen('first');
    other.codeListener = listen('second');
    parent.cache.update(testFile(1), 0, Uint8Array.of(1));
    parent.port.storing(frame, 16, 1);
    expect(heard).toEqual([]);
    other.markCode(frame);
    parent.port.storing(frame, 16, 1);
    other.storing(frame, 32, 1);
    child.unmap(AT, AT + PAGE_SIZE);
    expect(heard).toEqual(['second 16', 'first 32', 'second unmapped']);
    other.clearCode(frame);
    expect(parent.port.isCodeFrame(frame)).toBe(true);
    parent.port.clearCode(frame);
    expect(other.isCodeFrame(frame)).toBe(false);
  });
  test('who is detached changes its mappings unheard, and attached again is heard', () => {
    const { parent, child, frame } = withCode();
    const heard: string[] = [];
    parent.port.codeListener = { frameWritten: () => {}, unmapped: (start, end) => void heard.push(`${start - AT} ${end - AT}`) };
    child.detach();
    child.unmap(AT, AT + PAGE_SIZE);
    expect([heard, parent.port.isCodeFrame(frame), parent.agrees()]).toEqual([[], true, true]);
    child.port = parent.port;
    child.protect(AT + PAGE_SIZE, AT + 2 * PAGE_SIZE, PROT.READ);
    parent.protect(AT, AT + PAGE_SIZE, PROT.READ);
    expect(heard).toEqual(['0 4096']);
  });
  test.each([[MIB, 2, 32 * MIB], [4096 * MIB, 3, 8 * MIB]])('with a budget of %d bytes there are as many as there are areas, which do not overlap', (budgetBytes, moreEngines, size) => {
    const parent = createMmu({ budgetBytes, pageTable: lazy, moreEngines });
    const ports = [parent.port, ...Array.from({ length: moreEngines }, () => parent.createPort()!)];
    expect([parent.createPort(), ...ports.slice(1).map(({ engineArea }) => engineArea.size)]).toEqual([null, ...ports.slice(1).map(() => size)]);
    const areas = ports.map(({ engineArea: { base, size } }) => [base, base + size]).sort(([a], [b]) => a! - b!);
    for (let i = 1; i < areas.length; i++) expect(areas[i]![0]).toBeGreaterThanOrEqual(areas[i - 1]![1]!);
  });
  test.each([-1, 256, 1.5])('%d more engines are refused', (moreEngines) => {
    let error: unknown;
    try {
      createMmu({ budgetBytes: MIB, pageTable: lazy, moreEngines });
    } catch (thrown) {
      error = thrown;
    }
    expect(isEmulatorError(error) && error.code).toBe('E_OPTION');
  });
});
