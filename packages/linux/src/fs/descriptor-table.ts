import { E, RLIMIT } from '@tally86/abi';
import type { FileTable, MapSource } from '../kernel/file-seam.ts';
import { type Limits, softLimit } from '../kernel/limits.ts';
import type { OpenFile } from './open-file.ts';

interface Descriptor {
  readonly file: OpenFile;
  closeOnExec: boolean;
}

/** What becomes of a file's locks and mappings is for others to say. */
export interface TableHooks {
  mapSource(file: OpenFile): MapSource | null | number;
  /** 0, or −ENFILE if the machine has no room for so many open files more. */
  roomFor(files: number): number;
  /** The first descriptor of an open file is there. */
  onOpen(file: OpenFile): void;
  /** A descriptor of the file goes away: POSIX locks of its owner go with it. */
  onClose(table: DescriptorTable, file: OpenFile): void;
}

/** The descriptors of a process (struct files_struct). */
export class DescriptorTable implements FileTable {
  users = 1;
  readonly #slots: (Descriptor | undefined)[] = [];
  readonly #hooks: TableHooks;
  /** No number below is free. */
  #lowest = 0;

  constructor(hooks: TableHooks) {
    this.#hooks = hooks;
  }

  get(fd: number): OpenFile | undefined {
    return this.#slots[fd]?.file;
  }

  /** Open descriptors in rising order. */
  *numbers(): IterableIterator<number> {
    for (let fd = 0; fd < this.#slots.length; fd += 1) if (this.#slots[fd] !== undefined) yield fd;
  }

  /** Lowest free number at or above `from`; −EMFILE. */
  free(limits: Limits, from = 0): number {
    let fd = Math.max(from, this.#lowest);
    while (this.#slots[fd] !== undefined) fd += 1;
    if (from <= this.#lowest) this.#lowest = fd;
    return fd < softLimit(limits, RLIMIT.NOFILE) ? fd : -E.EMFILE;
  }

  /** 0, or −ENFILE if the machine has no room for so many open files more. */
  roomFor(files: number): number {
    return this.#hooks.roomFor(files);
  }
  /** Lowest free number, for a file that is opened now; −EMFILE, −ENFILE. */
  freeForOpen(limits: Limits): number {
    const fd = this.free(limits);
    return fd < 0 ? fd : this.roomFor(1) || fd;
  }

  /** Puts a file at a free number. */
  install(fd: number, file: OpenFile, closeOnExec: boolean): number {
    while (this.#slots.length < fd) this.#slots.push(undefined);
    this.#slots[fd] = { file, closeOnExec };
    file.references += 1;
    if (file.references === 1) this.#hooks.onOpen(file);
    return fd;
  }

  /** Puts a file at the lowest free number; −EMFILE, −ENFILE, and then the file is released. */
  add(limits: Limits, file: OpenFile, closeOnExec: boolean): number {
    const fd = file.references === 0 ? this.freeForOpen(limits) : this.free(limits);
    if (fd < 0) {
      if (file.references === 0) file.release();
      return fd;
    }
    return this.install(fd, file, closeOnExec);
  }

  /** dup2: puts a file at this number, closing what was there. */
  replace(fd: number, file: OpenFile, closeOnExec: boolean): void {
    // Hold it while the old one goes: they may be the same.
    file.references += 1;
    this.close(fd);
    this.install(fd, file, closeOnExec);
    file.references -= 1;
  }

  close(fd: number): number {
    const slot = this.#slots[fd];
    if (slot === undefined) return -E.EBADF;
    this.#slots[fd] = undefined;
    this.#lowest = Math.min(this.#lowest, fd);
    while (this.#slots.length > 0 && this.#slots.at(-1) === undefined) this.#slots.pop();
    this.#hooks.onClose(this, slot.file);
    slot.file.references -= 1;
    if (slot.file.references === 0) slot.file.release();
    return 0;
  }

  closesOnExec(fd: number): boolean {
    return this.#slots[fd]?.closeOnExec ?? false;
  }
  setCloseOnExec(fd: number, value: boolean): void {
    const slot = this.#slots[fd];
    if (slot !== undefined) slot.closeOnExec = value;
  }

  /** Highest open number; −1: none. */
  get last(): number {
    return this.#slots.length - 1;
  }

  mapSource(fd: number): MapSource | null | number {
    const file = this.get(fd);
    return file === undefined ? -E.EBADF : this.#hooks.mapSource(file);
  }

  closeOnExec(): void {
    for (const fd of [...this.numbers()]) if (this.closesOnExec(fd)) this.close(fd);
  }
  closeAll(): void {
    for (const fd of [...this.numbers()]) this.close(fd);
  }

  fork(): DescriptorTable {
    const copy = new DescriptorTable(this.#hooks);
    for (const fd of this.numbers()) copy.install(fd, this.#slots[fd]!.file, this.#slots[fd]!.closeOnExec);
    return copy;
  }
}
