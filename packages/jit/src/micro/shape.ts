import { FLAG_KIND, type TlbLayout } from '@tally86/core';
import type { Cond, Size, Width } from '@tally86/decoder';
import type { MicroWriter } from './writer.ts';

/** Functions of the module that shapes call. */
export interface Calls {
  /** (place) → i32, for each condition code. */
  readonly conditions: readonly number[];
  readonly allFlags: number;
  /** (number, a, b, c, d) */
  readonly helper: number;
}
export interface ShapeContext extends Calls {
  readonly tlb: TlbLayout;
}

/** One kind of micro-operation. */
export interface Shape {
  readonly name: string;
  /** Bytes of its record; 0: it says itself where execution goes on. */
  readonly size: number;
  /** Bytes of guest memory that it accesses; absent: none. */
  readonly access?: number;
  emit(w: MicroWriter, context: ShapeContext): void;
}

export const CONDS: readonly Cond[] = ['eq', 'ne', 'ltu', 'leu', 'gtu', 'geu', 'lts', 'les', 'gts', 'ges'];
export const WIDTHS: readonly Width[] = [32, 64];

/** A comparison or test and the branch on it, by kind, size and condition code. */
export const FUSED: readonly { readonly kind: number; readonly size: Size; readonly name: string; readonly codes: readonly number[] }[] = [
  ...([1, 2, 4, 8] as const).map((size) => ({ kind: FLAG_KIND.sub as number, size, name: 'sub', codes: [2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15] })),
  ...([1, 2, 4, 8] as const).map((size) => ({ kind: FLAG_KIND.logic as number, size, name: 'logic', codes: [4, 5, 6, 7, 8, 9, 12, 13, 14, 15] })),
];
