import { PAGE_SIZE, type Mappable, type PageCache } from '@tally86/core';
import type { Frames } from './frames.ts';

/** A page of a file that is mapped at least once. */
export interface CachedPage {
  readonly file: Mappable;
  readonly index: number;
  readonly frame: number;
  dirty: boolean;
  /** Keys of the pages whose PTE shows this frame. */
  readonly mappers: Set<number>;
}

/** What the cache asks of the address spaces whose pages it holds. A key is the number of an address space and a page number. */
export interface CacheClient {
  /** A frame that holds translated code is about to change. */
  aboutToWrite(frame: number, offset: number, length: number): void;
  /** The PTE of a page goes away: its file shrank. */
  drop(key: number): void;
  /** Stores to the page must be noticed again. */
  protectClean(key: number): void;
  /** No TLB entry may store to the frame. */
  dropWrites(frame: number): void;
}

export interface PageCacheInternal extends PageCache {
  readonly frames: number;
  /** The frame of a file's page if it is cached, else 0. */
  lookup(file: Mappable, index: number): number;
  /** The frame of a file's page, read in if need be, now also mapped at `page`; 0: out of budget. */
  map(file: Mappable, index: number, near: number, page: number, key: number): number;
  /** One more page maps the frame. */
  mapAlso(frame: number, key: number): void;
  /** A page no longer maps the frame; the last one to leave writes a dirty page back and frees it. */
  unmap(frame: number, key: number): void;
  /** The mapping moved. */
  moved(frame: number, from: number, to: number): void;
  /** A page holds a private copy of the file's page (of the page that `frame` caches; of what another page has a copy of). */
  copied(file: Mappable, index: number, key: number): void;
  copiedFrom(frame: number, key: number): void;
  shareCopy(from: number, to: number): void;
  /** The copy is gone, or moved. */
  forgetCopy(key: number): void;
  moveCopy(from: number, to: number): void;
  markDirty(frame: number): void;
  /** Writes the frame back if it is dirty. */
  clean(frame: number): void;
}

type Pages = Map<number, CachedPage>;

export function createPageCache(frames: Frames, client: CacheClient): PageCacheInternal {
  const files = new Map<Mappable, Pages>();
  const byFrame = new Map<number, CachedPage>();
  /** Private copies by key, and the keys by file. */
  const copies = new Map<number, { readonly file: Mappable; readonly index: number }>();
  const copiesOf = new Map<Mappable, Set<number>>();
  const { bytes } = frames;

  function copied(file: Mappable, index: number, key: number): void {
    copies.set(key, { file, index });
    const keys = copiesOf.get(file);
    if (keys === undefined) copiesOf.set(file, new Set([key]));
    else keys.add(key);
  }
  function forgetCopy(key: number): void {
    const { file } = copies.get(key)!;
    copies.delete(key);
    const keys = copiesOf.get(file)!;
    keys.delete(key);
    if (keys.size === 0) copiesOf.delete(file);
  }
  function view(frame: number, length = PAGE_SIZE): Uint8Array {
    const at = frame * PAGE_SIZE;
    return bytes.subarray(at, at + length);
  }
  function writeBack(cached: CachedPage): void {
    cached.dirty = false;
    const length = Math.min(PAGE_SIZE, cached.file.size() - cached.index * PAGE_SIZE);
    if (length > 0) cached.file.writePage(cached.index, view(cached.frame), length);
  }
  function clean(cached: CachedPage): void {
    if (!cached.dirty) return;
    client.dropWrites(cached.frame);
    for (const key of cached.mappers) client.protectClean(key);
    writeBack(cached);
  }
  function forget(cached: CachedPage): void {
    byFrame.delete(cached.frame);
    const pages = files.get(cached.file)!;
    pages.delete(cached.index);
    if (pages.size === 0) files.delete(cached.file);
    frames.release(cached.frame);
  }
  const inOrder = (pages: Pages): CachedPage[] => [...pages.values()].sort((a, b) => a.index - b.index);
  const flush = (pages: Pages): void => {
    for (const cached of inOrder(pages)) clean(cached);
  };

  return {
    get frames() {
      return byFrame.size;
    },
    lookup: (file, index) => files.get(file)?.get(index)?.frame ?? 0,
    map(file, index, near, page, key) {
      let cached = files.get(file)?.get(index);
      if (cached === undefined) {
        const frame = frames.allocate(near, page, true);
        if (frame === 0) return 0;
        try {
          file.readPage(index, view(frame));
        } catch (error) {
          frames.release(frame);
          throw error;
        }
        cached = { file, index, frame, dirty: false, mappers: new Set() };
        const pages = files.get(file);
        if (pages === undefined) files.set(file, new Map([[index, cached]]));
        else pages.set(index, cached);
        byFrame.set(frame, cached);
      }
      cached.mappers.add(key);
      return cached.frame;
    },
    mapAlso: (frame, key) => void byFrame.get(frame)!.mappers.add(key),
    unmap(frame, key) {
      const cached = byFrame.get(frame)!;
      cached.mappers.delete(key);
      if (cached.mappers.size > 0) return;
      if (cached.dirty) writeBack(cached);
      forget(cached);
    },
    moved(frame, from, to) {
      const { mappers } = byFrame.get(frame)!;
      mappers.delete(from);
      mappers.add(to);
    },
    copied,
    copiedFrom(frame, key) {
      const { file, index } = byFrame.get(frame)!;
      copied(file, index, key);
    },
    shareCopy(from, to) {
      const { file, index } = copies.get(from)!;
      copied(file, index, to);
    },
    forgetCopy,
    moveCopy(from, to) {
      const { file, index } = copies.get(from)!;
      forgetCopy(from);
      copied(file, index, to);
    },
    markDirty(frame) {
      byFrame.get(frame)!.dirty = true;
    },
    clean(frame) {
      const cached = byFrame.get(frame);
      if (cached !== undefined) clean(cached);
    },
    has: (file) => files.has(file),
    update(file, offset, data) {
      const pages = files.get(file);
      if (pages === undefined || data.length === 0) return;
      const end = offset + data.length;
      const first = Math.floor(offset / PAGE_SIZE);
      const last = Math.floor((end - 1) / PAGE_SIZE);
      const take = (cached: CachedPage): void => {
        const start = cached.index * PAGE_SIZE;
        const from = Math.max(offset, start);
        const to = Math.min(end, start + PAGE_SIZE);
        client.aboutToWrite(cached.frame, from - start, to - from);
        bytes.set(data.subarray(from - offset, to - offset), cached.frame * PAGE_SIZE + from - start);
      };
      if (last - first < pages.size) {
        for (let index = first; index <= last; index++) {
          const cached = pages.get(index);
          if (cached !== undefined) take(cached);
        }
      } else for (const cached of inOrder(pages)) if (cached.index >= first && cached.index <= last) take(cached);
    },
    truncate(file, size) {
      for (const key of [...(copiesOf.get(file) ?? [])].sort((a, b) => a - b)) if (copies.get(key)!.index * PAGE_SIZE >= size) client.drop(key);
      const pages = files.get(file);
      if (pages === undefined) return;
      for (const cached of inOrder(pages)) {
        const start = cached.index * PAGE_SIZE;
        if (start >= size) {
          // what lies beyond the end is lost, not written back
          cached.dirty = false;
          for (const key of [...cached.mappers]) client.drop(key);
        } else if (size - start < PAGE_SIZE) {
          client.aboutToWrite(cached.frame, size - start, PAGE_SIZE - (size - start));
          bytes.fill(0, cached.frame * PAGE_SIZE + (size - start), (cached.frame + 1) * PAGE_SIZE);
        }
      }
    },
    flush(file) {
      const pages = files.get(file);
      if (pages !== undefined) flush(pages);
    },
    flushAll() {
      for (const pages of [...files.values()]) flush(pages);
    },
  };
}
