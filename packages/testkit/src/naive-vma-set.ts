import type { GapView, Vma, VmaSet } from '@tally86/core';

export interface NaiveOptions {
  readonly low: number;
  readonly high: number;
  readonly stackGuard: number;
}

interface Gap {
  readonly start: number;
  readonly end: number;
}

/** A VMA set as a sorted array, written to be obviously right and not fast: what suites compare with. */
export function createNaiveVmaSet(options: NaiveOptions): VmaSet {
  const { low, high, stackGuard } = options;
  let areas: Vma[] = [];
  const fence = (vma: Vma): number => (vma.growsDown ? vma.start - stackGuard : vma.start);
  const gapsWithin = (from: number, to: number): Gap[] => {
    const gaps: Gap[] = [];
    let start = 0;
    for (const vma of areas) {
      gaps.push({ start, end: fence(vma) });
      start = vma.end;
    }
    gaps.push({ start, end: Infinity });
    return gaps.map((gap) => ({ start: Math.max(gap.start, from, low), end: Math.min(gap.end, to, high) })).filter((gap) => gap.end > gap.start);
  };
  const gaps: GapView = {
    low,
    high,
    isFree: (start, length) => gapsWithin(0, Infinity).some((gap) => gap.start <= start && start + length <= gap.end),
    firstFit: (length, from, to) => gapsWithin(from, to).find((gap) => gap.end - gap.start >= length)?.start ?? null,
    lastFit(length, from, below) {
      const gap = gapsWithin(from, below).findLast((g) => g.end - g.start >= length);
      return gap === undefined ? null : gap.end - length;
    },
    bestFit: (length, from, to) =>
      gapsWithin(from, to)
        .filter((gap) => gap.end - gap.start >= length)
        .sort((a, b) => a.end - a.start - (b.end - b.start) || a.start - b.start)[0]?.start ?? null,
  };
  const sameButPlace = (a: Vma, b: Vma): boolean =>
    a.prot === b.prot && a.shared === b.shared && a.source === b.source && a.name === b.name && a.growsDown === b.growsDown && a.tag === b.tag;
  const part = (vma: Vma, start: number, end: number): Vma => ({ ...vma, start, end, offset: vma.source === null ? vma.offset : vma.offset + start - vma.start });
  /** Merges neighbours, but only at a border that `touched` names: others were separate before and stay so. */
  function settle(next: Vma[], touched: readonly number[]): void {
    areas = [];
    for (const vma of next.sort((a, b) => a.start - b.start)) {
      const last = areas.at(-1);
      const joined =
        last !== undefined && last.end === vma.start && touched.includes(vma.start) && sameButPlace(last, vma) &&
        (vma.source === null || last.offset + last.end - last.start === vma.offset);
      if (joined) areas[areas.length - 1] = { ...last, end: vma.end };
      else areas.push(vma);
    }
  }
  const find = (address: number): Vma | null => areas.find((vma) => vma.start <= address && address < vma.end) ?? null;
  function remove(start: number, end: number): Vma[] {
    const removed: Vma[] = [];
    const kept: Vma[] = [];
    for (const vma of areas) {
      if (vma.end <= start || vma.start >= end) {
        kept.push(vma);
        continue;
      }
      if (vma.start < start) kept.push(part(vma, vma.start, start));
      if (vma.end > end) kept.push(part(vma, end, vma.end));
      removed.push(part(vma, Math.max(start, vma.start), Math.min(end, vma.end)));
    }
    areas = kept;
    return removed;
  }
  return {
    get size() {
      return areas.length;
    },
    create: () => createNaiveVmaSet(options),
    gaps,
    find,
    findFrom: (address) => areas.find((vma) => vma.end > address) ?? null,
    findBelow: (address) => areas.findLast((vma) => vma.end <= address) ?? null,
    insert(vma) {
      if (areas.some((other) => other.start < vma.end && vma.start < other.end)) throw new Error('overlap');
      settle([...areas, vma], [vma.start, vma.end]);
      return find(vma.start)!;
    },
    remove,
    update(start, end, change) {
      for (let at = start; at < end; ) {
        const vma = find(at);
        if (vma === null) return false;
        const piece = part(vma, at, Math.min(end, vma.end));
        at = piece.end;
        const changed = { ...change(piece), start: piece.start, end: piece.end };
        if (sameButPlace(piece, changed) && piece.offset === changed.offset) continue;
        remove(piece.start, piece.end);
        settle([...areas, changed], [changed.start, changed.end]);
      }
      return true;
    },
    range: (start, end) => areas.filter((vma) => vma.end > start && vma.start < end).values(),
    covers(start, end) {
      for (let at = start; at < end; ) {
        const vma = find(at);
        if (vma === null) return false;
        at = vma.end;
      }
      return true;
    },
  };
}
