import type { ByteBudget } from '../budget.ts';

const PAGE = 4096;
/** Pages looked at one by one before a search goes over all that exist. */
const PROBES = 1024;

/** Content that shows where no page was written yet. */
export interface BaseContent {
  /** Bytes that show; what lies behind is a hole. */
  size: number;
  /** Bytes read, or −errno. */
  read(offset: number, into: Uint8Array): number;
}

/** The content of a file as pages that exist once they are written: a hole costs nothing, wherever it ends. */
export class SparseBytes {
  readonly #pages = new Map<number, Uint8Array>();
  readonly #budget: ByteBudget;
  readonly #base: BaseContent | null;

  constructor(budget: ByteBudget, base: BaseContent | null = null) {
    this.#budget = budget;
    this.#base = base;
  }

  get pageCount(): number {
    return this.#pages.size;
  }

  /** 0, or the −errno of the base. */
  read(offset: number, into: Uint8Array): number {
    for (let done = 0; done < into.length; ) {
      const at = offset + done;
      const within = at % PAGE;
      const index = (at - within) / PAGE;
      const page = this.#pages.get(index);
      let count = Math.min(PAGE - within, into.length - done);
      if (page !== undefined) {
        into.set(page.subarray(within, within + count), done);
      } else {
        if (this.#pages.size === 0) count = into.length - done;
        const error = this.#readBase(at, into.subarray(done, done + count));
        if (error < 0) return error;
      }
      done += count;
    }
    return 0;
  }

  /** Bytes written, fewer than given when the budget is spent; or the −errno of the base. */
  write(offset: number, from: Uint8Array): number {
    let done = 0;
    while (done < from.length) {
      const at = offset + done;
      const within = at % PAGE;
      const count = Math.min(PAGE - within, from.length - done);
      const page = this.#pageFor((at - within) / PAGE, count < PAGE);
      if (typeof page === 'number') return done > 0 ? done : page;
      if (page === null) break;
      page.set(from.subarray(done, done + count), within);
      done += count;
    }
    return done;
  }

  /** Gives every page of [start, end) a place. False if the budget is spent; what was done stays. */
  allocate(start: number, end: number): boolean {
    for (let index = Math.floor(start / PAGE); index * PAGE < end; index++) {
      if (typeof (this.#pageFor(index, true) ?? 0) === 'number') return false;
    }
    return true;
  }

  /** Makes [start, end) read as zero, freeing the pages wholly inside. False if that needed pages over the budget. */
  punch(start: number, end: number): boolean {
    if (end <= start) return true;
    // Zero must hide what lies below.
    const covered = Math.min(end, this.#base?.size ?? 0);
    if (covered > start && !this.allocate(start, covered)) return false;
    const first = Math.ceil(start / PAGE);
    const last = Math.floor(end / PAGE);
    if (first > last) {
      this.#pages.get(last)?.fill(0, start - last * PAGE, end - last * PAGE);
      return true;
    }
    if (start % PAGE !== 0) this.#pages.get(first - 1)?.fill(0, start % PAGE);
    if (end % PAGE !== 0) this.#pages.get(last)?.fill(0, 0, end % PAGE);
    if (last - first < this.#pages.size) {
      for (let index = first; index < last; index++) this.#drop(index);
    } else {
      for (const index of [...this.#pages.keys()]) if (index >= first && index < last) this.#drop(index);
    }
    return true;
  }

  /** Everything from `size` on is gone and reads as zero. */
  truncate(size: number): void {
    if (this.#base !== null) this.#base.size = Math.min(this.#base.size, size);
    const tail = this.#pages.get(Math.floor(size / PAGE));
    tail?.fill(0, size % PAGE);
    const first = Math.ceil(size / PAGE);
    for (const index of [...this.#pages.keys()]) if (index >= first) this.#drop(index);
  }

  /** Start of the first data at or behind `offset`; Infinity if only a hole follows. */
  nextData(offset: number): number {
    if (offset < (this.#base?.size ?? 0)) return offset;
    const first = Math.floor(offset / PAGE);
    for (let index = first; index < first + PROBES; index++) if (this.#pages.has(index)) return Math.max(offset, index * PAGE);
    let nearest = Infinity;
    for (const index of this.#pages.keys()) if (index >= first && index < nearest) nearest = index;
    return nearest * PAGE;
  }

  /** Start of the first hole at or behind `offset`. */
  nextHole(offset: number): number {
    let at = Math.max(offset, this.#base?.size ?? 0);
    let index = Math.floor(at / PAGE);
    while (this.#pages.has(index)) at = ++index * PAGE;
    return at;
  }

  #readBase(offset: number, into: Uint8Array): number {
    const base = this.#base;
    let done = 0;
    const wanted = base === null ? 0 : Math.max(0, Math.min(into.length, base.size - offset));
    if (base !== null && wanted > 0) {
      done = base.read(offset, into.subarray(0, wanted));
      if (done < 0) return done;
    }
    into.fill(0, done);
    return 0;
  }

  /** null: over the budget; a number: the −errno of the base. */
  #pageFor(index: number, keepRest: boolean): Uint8Array | null | number {
    let page = this.#pages.get(index);
    if (page === undefined) {
      if (!this.#budget.take(PAGE)) return null;
      page = new Uint8Array(PAGE);
      const error = keepRest ? this.#readBase(index * PAGE, page) : 0;
      if (error < 0) {
        this.#budget.give(PAGE);
        return error;
      }
      this.#pages.set(index, page);
    }
    return page;
  }

  #drop(index: number): void {
    // Below the end of the base a missing page would show the base again.
    if (index * PAGE < (this.#base?.size ?? 0)) this.#pages.get(index)?.fill(0);
    else if (this.#pages.delete(index)) this.#budget.give(PAGE);
  }
}
