const PAGE = 4096;
/** How far behind its start a function is looked for, in pages. */
const REACH = 4;

/** Where functions start, as far as calls have shown. */
export class FunctionStarts {
  /** By page, in rising order. */
  readonly #pages = new Map<number, number[]>();

  add(address: number): void {
    const page = Math.floor(address / PAGE);
    const starts = this.#pages.get(page);
    if (starts === undefined) {
      this.#pages.set(page, [address]);
      return;
    }
    let i = starts.length;
    while (i > 0 && starts[i - 1]! > address) i--;
    if (starts[i - 1] !== address) starts.splice(i, 0, address);
  }
  /** The last start at or in front of an address; −1: none is near. */
  around(address: number): number {
    const page = Math.floor(address / PAGE);
    for (let p = page; p > page - REACH; p--) {
      const starts = this.#pages.get(p);
      if (starts === undefined) continue;
      for (let i = starts.length - 1; i >= 0; i--) if (starts[i]! <= address) return starts[i]!;
    }
    return -1;
  }
  all(): number[] {
    return [...this.#pages.values()].flat();
  }
  clear(): void {
    this.#pages.clear();
  }
}
