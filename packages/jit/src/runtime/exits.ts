import type { Cause, ExitPoint } from '../emit/writer.ts';
import type { ExitTally } from '../report/exits.ts';
import { NO_COUNTS } from './instrumentation.ts';

const KINDS: readonly ExitPoint['kind'][] = ['interpret', 'budget', 'leave'];
const CAUSES: readonly Cause[] = ['memory', 'float', 'other'];
/** Of an exit whose region is gone. */
const GONE = 255;

/** Exits as numbers. */
export interface ExitColumns {
  readonly exitRips: Float64Array;
  readonly exitCharges: Int32Array;
  readonly exitKinds: Uint8Array;
}

/** The exits of regions by number. Those that an earlier engine kept become objects when they are taken: most never are. */
export class Exits {
  #points: (ExitPoint | undefined)[] = [];
  #kept: ExitColumns = { exitRips: new Float64Array(), exitCharges: new Int32Array(), exitKinds: new Uint8Array() };

  get count(): number {
    return this.#points.length;
  }
  /** The number of a new one. */
  add(point: ExitPoint): number {
    return this.#points.push(point) - 1;
  }
  /** One whose region is not gone. */
  at(n: number): ExitPoint {
    return (this.#points[n] ??= this.#restored(n)!);
  }
  between(first: number, end: number): ExitPoint[] {
    return Array.from({ length: end - first }, (_, i) => this.at(first + i));
  }
  /** Their region is gone: what they counted goes to a tally. */
  drop(first: number, end: number, tally: ExitTally): void {
    for (let n = first; n < end; n++) {
      tally.add(this.#points[n]);
      this.#points[n] = undefined;
      if (n < this.#kept.exitKinds.length) this.#kept.exitKinds[n] = GONE;
    }
  }
  /** Those that were taken are among them. */
  known(): Iterable<ExitPoint | undefined> {
    return this.#points;
  }
  clear(): void {
    this.#points = [];
    this.#kept = { exitRips: new Float64Array(), exitCharges: new Int32Array(), exitKinds: new Uint8Array() };
  }
  save(): ExitColumns {
    const { count } = this;
    const columns: ExitColumns = { exitRips: new Float64Array(count), exitCharges: new Int32Array(count), exitKinds: new Uint8Array(count).fill(GONE) };
    columns.exitRips.set(this.#kept.exitRips);
    columns.exitCharges.set(this.#kept.exitCharges);
    columns.exitKinds.set(this.#kept.exitKinds);
    for (const [n, point] of this.#points.entries()) {
      if (point === undefined) continue;
      columns.exitRips[n] = point.rip;
      columns.exitCharges[n] = point.charge;
      columns.exitKinds[n] = KINDS.indexOf(point.kind) * 4 + CAUSES.indexOf(point.cause);
    }
    return columns;
  }
  /** What another one saved, while there are none. */
  load({ exitRips, exitCharges, exitKinds }: ExitColumns): void {
    this.#points.length = exitRips.length;
    this.#kept = { exitRips: exitRips.slice(), exitCharges: exitCharges.slice(), exitKinds: exitKinds.slice() };
  }

  #restored(n: number): ExitPoint | undefined {
    const { exitRips, exitCharges, exitKinds } = this.#kept;
    const kind = KINDS[exitKinds[n]! >> 2];
    const cause = CAUSES[exitKinds[n]! & 3];
    return kind === undefined || cause === undefined ? undefined : { rip: exitRips[n]!, charge: exitCharges[n]!, counts: NO_COUNTS, kind, cause, count: 0, misses: 0 };
  }
}
