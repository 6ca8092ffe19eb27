const KEY = Symbol.for('tally86.reserved-memory');
const place = globalThis as { [KEY]?: { readonly pages: number; readonly memory: WebAssembly.Memory } };

/**
 * Makes a machine's memory before there is anything else. V8 sees gigabytes appear, of which the host has given none, and collects all garbage at once:
 * that takes as long as what is there is large.
 */
export function reserveMemory(pages: number): void {
  try {
    place[KEY] = { pages, memory: new WebAssembly.Memory({ initial: pages, maximum: pages }) };
  } catch {
    // the machine says so, if it wants as much
  }
}

/** The memory that was reserved, once and only if it has so many pages of 64 KiB. */
export function takeReserved(pages: number): WebAssembly.Memory | undefined {
  const reserved = place[KEY];
  delete place[KEY];
  return reserved?.pages === pages ? reserved.memory : undefined;
}
