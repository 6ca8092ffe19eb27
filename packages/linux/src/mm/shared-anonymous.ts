import { type Mappable, PAGE_SIZE } from '@tally86/core';

/** What stands behind MAP_SHARED | MAP_ANONYMOUS: a nameless file of shmem. */
export interface SharedAnonymous extends Mappable {
  /** A second mapping may show the same pages from now on (fork, mremap with length 0): what is unmapped here must be kept. */
  keep(): void;
  /** madvise(MADV_REMOVE): the pages read as zero again. */
  punch(startPage: number, endPage: number): void;
}

/** A nameless shared object of `size` bytes. Pages that no mapping can show any more are forgotten, so it holds no host memory by itself. */
export function createSharedAnonymous(size: number): SharedAnonymous {
  const pages = new Map<number, Uint8Array>();
  let kept = false;
  return {
    size: () => size,
    readPage(pageIndex, into) {
      const page = pages.get(pageIndex);
      if (page === undefined) into.fill(0);
      else into.set(page);
    },
    writePage(pageIndex, from) {
      if (kept) pages.set(pageIndex, from.slice(0, PAGE_SIZE));
    },
    keep() {
      kept = true;
    },
    punch(startPage, endPage) {
      for (const index of pages.keys()) if (index >= startPage && index < endPage) pages.delete(index);
    },
  };
}

export function isSharedAnonymous(source: Mappable | null): source is SharedAnonymous {
  return source !== null && 'punch' in source;
}
