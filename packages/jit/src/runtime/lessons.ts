import type { FloatWay } from '../emit/region-options.ts';
import type { Cause } from '../emit/writer.ts';
import type { RegionImage } from './region-image.ts';

type Columns = Pick<RegionImage, 'taught' | 'ways' | 'taughtAt'>;
/** What an image has in `ways`. */
const WAYS = ['alone', 'exact', 'host'] as const;

/** See JitOptions.stubborn. */
export const STUBBORN: Readonly<Record<Cause, number>> = { memory: 2000, float: 64, other: Infinity };

/** What exits taught about single instructions, by address: of an instruction that loads and calculates, apart for each. */
export class Lessons {
  /** Accesses that are looked up alone, with how many regions there had been when that was learnt. */
  readonly #alone = new Map<number, number>();
  readonly #floats = new Map<number, { readonly way: FloatWay; readonly at: number }>();

  get isEmpty(): boolean {
    return this.#alone.size === 0 && this.#floats.size === 0;
  }
  isAlone(address: number): boolean {
    return this.#alone.has(address);
  }
  floats(address: number): FloatWay | undefined {
    return this.#floats.get(address)?.way;
  }
  /** The instruction at an address left a region for a cause over and over. `born`: how many regions there had been before that one; `now`: there are now. False: there is no other way to try. */
  learn(address: number, cause: Cause, born: number, now: number): boolean {
    if (cause === 'other') return false;
    const known = this.#floats.get(address);
    const at = cause === 'memory' ? this.#alone.get(address) : known?.at;
    // the region is older than what is known: it has only to be translated anew
    if (at !== undefined && at > born) return true;
    if (cause === 'memory') {
      if (at !== undefined) return false;
      this.#alone.set(address, now);
    } else {
      if (known?.way === 'host') return false;
      this.#floats.set(address, { way: known === undefined ? 'exact' : 'host', at: now });
    }
    return true;
  }
  /** For a later engine; `now`: how many regions there are, of which that one will have none. */
  save(now: number): Columns {
    const all = [...[...this.#alone].map(([address, at]) => ({ address, way: 'alone' as const, at })), ...[...this.#floats].map(([address, lesson]) => ({ address, ...lesson }))];
    return { taught: Float64Array.from(all, ({ address }) => address), ways: Uint8Array.from(all, ({ way }) => WAYS.indexOf(way)), taughtAt: Int32Array.from(all, ({ at }) => at - now) };
  }
  load({ taught, ways, taughtAt }: Columns): void {
    taught.forEach((address, i) => {
      const way = WAYS[ways[i]!];
      const at = taughtAt[i]!;
      if (way === 'alone') this.#alone.set(address, at);
      else if (way !== undefined) this.#floats.set(address, { way, at });
    });
  }
  clear(): void {
    this.#alone.clear();
    this.#floats.clear();
  }
}
