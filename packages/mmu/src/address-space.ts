import {
  EmulatorError, PAGE_SIZE, PROT, PTE, USER_END,
  type EnginePort, type FaultReason, type Mappable, type Mmu, type PageBacking, type Pager,
} from '@tally86/core';
import { createCopies } from './copy.ts';
import type { MachineMemory, Space } from './machine-memory.ts';

const USER_PAGES = USER_END / PAGE_SIZE;
const NOBODY: Pager = { backing: () => null };

/** An empty address space on a machine's memory. `port`: through which it is executed at first. */
export function createAddressSpace(machine: MachineMemory, port: EnginePort): Mmu {
  const { frames, tlb, cache, fault, ports } = machine;
  const { bytes, code } = frames;
  const table = machine.createPageTable();
  let pager = NOBODY;
  let resident = 0;
  let residentPeak = 0;
  /** How far `port` was compared with this address space. */
  const compared = { port, generation: -1, count: 0 };
  const space: Space = {
    dropPage: (page) => dropPages(page, page + 1),
    protectClean: (page) => void table.set(page, (table.get(page) & ~PTE.DIRTY) >>> 0),
    translate,
    peek: (address, into) => copies.peek(address, into),
  };
  /** Names this address space in the page cache: keys are this and a page number. */
  const base = machine.enter(space);
  const isActive = (): boolean => machine.active === space;
  let attached = true;
  const unmapped = (start: number, end: number): void => {
    if (attached) ports.unmapped(port, start * PAGE_SIZE, end * PAGE_SIZE);
  };

  function fail(address: number, access: number, reason: FaultReason, present: boolean): 0 {
    fault.address = address;
    fault.access = access;
    fault.reason = reason;
    fault.present = present;
    return 0;
  }

  /** The frame that would continue the run of a neighbour. */
  function near(page: number): number {
    let pte = page > 0 ? table.get(page - 1) : 0;
    if ((pte & (PTE.PRESENT | PTE.COW)) === PTE.PRESENT) return (pte >>> 12) + 1;
    pte = table.get(page + 1);
    return (pte & (PTE.PRESENT | PTE.COW)) === PTE.PRESENT ? (pte >>> 12) - 1 : 0;
  }

  /** Gives up what a PTE held. */
  function releaseFrame(page: number, pte: number): void {
    const frame = pte >>> 12;
    if ((pte & PTE.CACHE) !== 0) cache.unmap(frame, base + page);
    else if (frame !== machine.zeroFrame) frames.release(frame);
    if ((pte & PTE.COPY) !== 0) cache.forgetCopy(base + page);
  }

  function arrived(pages: number): void {
    resident += pages;
    if (resident > residentPeak) residentPeak = resident;
  }

  /** Stores a new PTE; gives its frame back and answers 0 if the page table has no room. */
  function install(page: number, pte: number, address: number, access: number): number {
    if (table.set(page, pte >>> 0)) {
      arrived(1);
      return pte;
    }
    releaseFrame(page, pte);
    return fail(address, access, 'budget', false);
  }

  /** The first touch: asks what backs the page. Answers the new PTE, or 0 with the fault set. */
  function demand(page: number, address: number, access: number, force: boolean): number {
    const backing = pager.backing(address, access);
    if (backing === null) return fail(address, access, 'unmapped', false);
    const rights = rightsOf(backing.prot);
    if ((rights & access) === 0 && !(force && mayForce(backing, access))) return fail(address, access, 'protection', false);
    const { source } = backing;
    if (source === null) {
      if (access !== PROT.WRITE) {
        const zero = machine.needZeroFrame();
        if (zero === 0) return fail(address, access, 'budget', false);
        return install(page, (zero << 12) | rights | PTE.PRESENT | PTE.COW, address, access);
      }
      const frame = frames.allocate(near(page), page, true);
      if (frame === 0) return fail(address, access, 'budget', false);
      return install(page, (frame << 12) | rights | PTE.PRESENT, address, access);
    }
    const index = backing.pageIndex;
    if (index * PAGE_SIZE >= source.size()) return fail(address, access, 'bus', false);
    if (backing.shared || access !== PROT.WRITE) {
      const frame = cache.map(source, index, near(page), page, base + page);
      if (frame === 0) return fail(address, access, 'budget', false);
      let flags = rights | PTE.PRESENT | PTE.CACHE;
      if (!backing.shared) flags |= PTE.COW;
      else if (access === PROT.WRITE) {
        cache.markDirty(frame);
        flags |= PTE.DIRTY;
      }
      return install(page, (frame << 12) | flags, address, access);
    }
    const cached = cache.lookup(source, index);
    const frame = frames.allocate(near(page), page, cached === 0);
    if (frame === 0) return fail(address, access, 'budget', false);
    if (cached !== 0) copyFrame(cached, frame);
    else readInto(source, index, frame);
    cache.copied(source, index, base + page);
    return install(page, (frame << 12) | rights | PTE.PRESENT | PTE.COPY, address, access);
  }

  function readInto(source: Mappable, index: number, frame: number): void {
    try {
      source.readPage(index, bytes.subarray(frame * PAGE_SIZE, (frame + 1) * PAGE_SIZE));
    } catch (error) {
      frames.release(frame);
      throw error;
    }
  }
  function copyFrame(from: number, to: number): void {
    bytes.copyWithin(to * PAGE_SIZE, from * PAGE_SIZE, (from + 1) * PAGE_SIZE);
  }

  /** The first store to a page that is shared with others or clean: copy on write, or notes that it is dirty. */
  function prepareStore(page: number, pte: number, address: number): number {
    const old = pte >>> 12;
    if ((pte & PTE.COW) === 0) {
      cache.markDirty(old);
      pte |= PTE.DIRTY;
      table.set(page, pte >>> 0);
      return pte;
    }
    const rights = pte & (PTE.READ | PTE.WRITE | PTE.EXEC);
    if ((pte & PTE.CACHE) === 0 && old !== machine.zeroFrame && frames.references(old) === 1) {
      pte &= ~PTE.COW;
      table.set(page, pte >>> 0);
      return pte;
    }
    const frame = frames.allocate(near(page), page, old === machine.zeroFrame);
    if (frame === 0) return fail(address, PROT.WRITE, 'budget', true);
    if (old !== machine.zeroFrame) copyFrame(old, frame);
    const wasCode = code[old] !== 0;
    let fresh = (frame << 12) | rights | PTE.PRESENT | (pte & PTE.COPY);
    if ((pte & PTE.CACHE) !== 0) {
      fresh |= PTE.COPY;
      cache.copiedFrom(old, base + page);
    }
    table.set(page, fresh >>> 0);
    if (isActive()) tlb.drop(page);
    releaseFrame(page, pte & ~PTE.COPY);
    if (wasCode) unmapped(page, page + 1);
    return fresh;
  }

  const storesNeedWork = (pte: number): boolean => (pte & PTE.COW) !== 0 || (pte & (PTE.CACHE | PTE.DIRTY)) === PTE.CACHE;

  /** PTE of a page that may be accessed, or 0 with the fault set. */
  function resolve(page: number, address: number, access: number, force: boolean): number {
    let pte = table.get(page);
    if ((pte & PTE.PRESENT) === 0) {
      pte = demand(page, address, access, force);
      if (pte === 0) return 0;
    } else if ((pte & access) === 0 && !(force && (access !== PROT.WRITE || !isShared(pte)))) {
      return fail(address, access, 'protection', (pte & PTE.READ) !== 0);
    }
    return access === PROT.WRITE && storesNeedWork(pte) ? prepareStore(page, pte, address) : pte;
  }

  function translate(address: number, access: number): number {
    if (!(address >= 0 && address < USER_END)) {
      fail(address, access, 'unmapped', false);
      return -1;
    }
    const page = Math.floor(address / PAGE_SIZE);
    let pte = table.get(page);
    if ((pte & access) === 0 || (access === PROT.WRITE && storesNeedWork(pte))) {
      pte = resolve(page, address, access, false);
      if (pte === 0) return -1;
    }
    const frame = pte >>> 12;
    const hostPage = frame * PAGE_SIZE;
    if (!isActive()) return hostPage + (address - page * PAGE_SIZE);
    if (access === PROT.WRITE) {
      if (code[frame] === 0) tlb.fillWrite(page, hostPage);
    } else if ((pte & PTE.READ) !== 0) tlb.fillRead(page, hostPage);
    return hostPage + (address - page * PAGE_SIZE);
  }

  /** For copies: no TLB fill, optionally without regard to permissions. */
  function locate(address: number, access: number, force: boolean): number {
    if (!(address >= 0 && address < USER_END)) {
      fail(address, access, 'unmapped', false);
      return -1;
    }
    const page = Math.floor(address / PAGE_SIZE);
    const pte = resolve(page, address, access, force);
    return pte === 0 ? -1 : (pte >>> 12) * PAGE_SIZE + (address - page * PAGE_SIZE);
  }

  /** Drops the pages of [start, end), in page numbers; shared ones too unless told otherwise. */
  function dropPages(start: number, end: number, keepShared = false): void {
    let hadCode = false;
    let any = false;
    const dirty: number[] = [];
    table.forEach(start, end, (page, pte) => {
      if (keepShared && isShared(pte)) return;
      any = true;
      if (code[pte >>> 12] !== 0) hadCode = true;
      if ((pte & PTE.DIRTY) !== 0) dirty.push(pte >>> 12);
      table.set(page, 0);
      resident--;
      if (isActive()) tlb.drop(page);
      releaseFrame(page, pte);
    });
    if (any) table.trim(start, end);
    // pages that others still map; those of a last mapping were written on release
    for (const frame of dirty) cache.clean(frame);
    if (hadCode) unmapped(start, end);
  }

  const copies = createCopies({
    bytes,
    locate,
    aboutToWrite(host, length) {
      const frame = host >>> 12;
      if (code[frame] !== 0) ports.written(frame, host & (PAGE_SIZE - 1), length);
    },
  });

  /** True if `port` was shown nothing that lies elsewhere here. */
  function agrees(): boolean {
    const shown = ports.shown(port);
    if (compared.port !== port || compared.generation !== shown.generation) compared.count = 0;
    compared.port = port;
    compared.generation = shown.generation;
    for (; compared.count < shown.pages.length; compared.count++) {
      const { page, frame } = shown.pages[compared.count];
      if (shown.frameOf.get(page) !== frame || !shown.marked.has(frame)) continue;
      let pte = table.get(page);
      if ((pte & PTE.PRESENT) === 0) pte = resolve(page, page * PAGE_SIZE, PROT.EXEC, false);
      if ((pte & PTE.EXEC) === 0 || pte >>> 12 !== frame) return false;
    }
    return true;
  }

  /** The PTE that a forked child gets for a page, whose own is changed if need be. */
  function shared(page: number, pte: number, childKey: number): number {
    const frame = pte >>> 12;
    if ((pte & PTE.CACHE) !== 0) {
      cache.mapAlso(frame, childKey);
      return (pte & ~PTE.DIRTY) >>> 0;
    }
    if ((pte & PTE.COPY) !== 0) cache.shareCopy(base + page, childKey);
    if (frame === machine.zeroFrame) return pte;
    frames.retain(frame);
    if ((pte & PTE.COW) === 0) {
      pte = (pte | PTE.COW) >>> 0;
      table.set(page, pte);
      tlb.dropWrites(frame);
    }
    return pte;
  }

  const mmu: Mmu & { readonly [INTERNALS]: Internals } = {
    memory: machine.memory,
    buffer: machine.buffer,
    tlb,
    get engineArea() {
      return port.engineArea;
    },
    pageTableName: table.name,
    fault,
    get pager() {
      return pager;
    },
    set pager(value) {
      pager = value;
    },
    get port() {
      return port;
    },
    set port(value) {
      port = value;
      attached = true;
    },
    detach() {
      attached = false;
    },
    createPort: () => ports.create(),
    get codeListener() {
      return port.codeListener;
    },
    set codeListener(value) {
      port.codeListener = value;
    },
    translate,
    markCode: (frame) => port.markCode(frame),
    clearCode: (frame) => port.clearCode(frame),
    isCodeFrame: (frame) => code[frame] !== 0,
    storing: (frame, offset, length) => port.storing(frame, offset, length),
    reset: () => port.reset(),
    agrees,
    createSibling: () => createAddressSpace(machine, port),
    share(child, start, end) {
      const into = internalsOf(child);
      let done = true;
      table.forEach(pageOf(start), pageOf(end), (page, pte) => {
        if (done && (pte & PTE.PRESENT) !== 0) done = into.adopt(page, (key) => shared(page, pte, key));
      });
      return done;
    },
    activate() {
      if (machine.active === space) return;
      machine.active = space;
      tlb.flush();
    },
    release() {
      dropPages(0, USER_PAGES);
      machine.leave(base, table);
    },
    get residentPages() {
      return resident;
    },
    get residentPeak() {
      return residentPeak;
    },
    [INTERNALS]: {
      adopt(page, pteFor) {
        const pte = pteFor(base + page);
        if (!table.set(page, pte)) {
          releaseFrame(page, pte);
          return false;
        }
        arrived(1);
        return true;
      },
    },
    map: (start, end, prot) => table.onMap(pageOf(start), pageOf(end), prot),
    protect(start, end, prot) {
      const from = pageOf(start);
      const to = pageOf(end);
      const rights = rightsOf(prot);
      if (!table.onProtect(from, to, prot)) return false;
      let hadCode = false;
      table.forEach(from, to, (page, pte) => {
        const changed = ((pte & ~7) | rights) >>> 0;
        if (changed === pte) return;
        if (code[pte >>> 12] !== 0) hadCode = true;
        table.set(page, changed);
        if (isActive()) tlb.drop(page);
      });
      if (hadCode) unmapped(from, to);
      return true;
    },
    unmap(start, end) {
      dropPages(pageOf(start), pageOf(end));
      return table.onUnmap(pageOf(start), pageOf(end));
    },
    move(from, to, length) {
      const count = pageOf(length);
      const source = pageOf(from);
      const target = pageOf(to);
      const moving: { page: number; pte: number }[] = [];
      table.forEach(source, source + count, (page, pte) => moving.push({ page, pte }));
      // new places first: if the table refuses one, the old ones still hold
      let refused = !table.onMap(target, target + count, moving.length > 0 ? moving[0].pte & 7 : PROT.NONE);
      let placed = 0;
      for (; !refused && placed < moving.length; placed++) {
        if (!table.set(moving[placed].page - source + target, moving[placed].pte)) refused = true;
      }
      if (refused) {
        for (const { page } of moving.slice(0, placed)) table.set(page - source + target, 0);
        table.trim(target, target + count);
        return false;
      }
      let hadCode = false;
      for (const { page, pte } of moving) {
        if (code[pte >>> 12] !== 0) hadCode = true;
        const to = page - source + target;
        if ((pte & PTE.CACHE) !== 0) cache.moved(pte >>> 12, base + page, base + to);
        if ((pte & PTE.COPY) !== 0) cache.moveCopy(base + page, base + to);
        table.set(page, 0);
        if (isActive()) tlb.drop(page);
      }
      table.trim(source, source + count);
      if (hadCode) unmapped(source, source + count);
      return table.onUnmap(source, source + count);
    },
    discard(start, end) {
      // pages of a shared mapping keep their content, so there is nothing to see in dropping them
      dropPages(pageOf(start), pageOf(end), true);
    },
    sync(start, end) {
      const dirty: number[] = [];
      table.forEach(pageOf(start), pageOf(end), (_, pte) => {
        if ((pte & PTE.DIRTY) !== 0) dirty.push(pte >>> 12);
      });
      for (const frame of dirty) cache.clean(frame);
    },
    resident: (address) => address >= 0 && address < USER_END && (table.get(Math.floor(address / PAGE_SIZE)) & PTE.PRESENT) !== 0,
    ...copies,
    cache,
    forEachPage(visit) {
      table.forEach(0, USER_PAGES, (page, pte) => visit(page * PAGE_SIZE, (pte >>> 12) * PAGE_SIZE, pte & 7, (pte & (PTE.CACHE | PTE.DIRTY)) === PTE.CACHE));
    },
    stats: () => machine.stats(),
    flushTlb: () => tlb.flush(),
  };
  return mmu;
}

/** What address spaces of one machine want of each other. */
interface Internals {
  /** Takes over a page; `pteFor` is told its key in the page cache. False if the page table has no room. */
  adopt(page: number, pteFor: (key: number) => number): boolean;
}
const INTERNALS = Symbol('internals');
function internalsOf(mmu: Mmu): Internals {
  if (!(INTERNALS in mmu)) throw new EmulatorError('E_STATE', 'not an address space of this machine');
  return mmu[INTERNALS] as Internals;
}

const pageOf = (address: number): number => Math.floor(address / PAGE_SIZE);

/** What the hardware allows: it has no page that can be written or executed but not read (SDM vol. 3, 4.6; protection keys aside). */
const rightsOf = (prot: number): number => (prot === 0 ? 0 : (prot & 7) | PROT.READ);

/** A page whose stores others see: never copied by a forced write. */
const isShared = (pte: number): boolean => (pte & (PTE.CACHE | PTE.COW)) === PTE.CACHE;

/** Forced writes copy private pages; they never reach a file through a read-only mapping. */
const mayForce = (backing: PageBacking, access: number): boolean => access !== PROT.WRITE || !backing.shared || (backing.prot & PROT.WRITE) !== 0;
