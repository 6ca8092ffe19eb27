import { closeSync } from 'node:fs';
import { attempt } from './errors.ts';

/** Somebody who holds host descriptors and can do without for a while. */
export interface DescriptorHolder {
  /** False: closing now would lose the file. */
  canRelease(): boolean;
  releaseDescriptors(): void;
}

/** Keeps the number of host descriptors low: the least recently used ones are closed, and opened again when needed. */
export class DescriptorPool {
  readonly #limit: number;
  readonly #holders = new Set<DescriptorHolder>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The holder opened or used a descriptor just now. */
  used(holder: DescriptorHolder): void {
    this.#holders.delete(holder);
    this.#holders.add(holder);
    if (this.#holders.size <= this.#limit) return;
    for (const old of this.#holders) {
      if (old !== holder && old.canRelease()) {
        old.releaseDescriptors();
        break;
      }
    }
  }

  forget(holder: DescriptorHolder): void {
    this.#holders.delete(holder);
  }
}

export function closeQuietly(fd: number): void {
  if (fd >= 0) attempt(() => closeSync(fd));
}
