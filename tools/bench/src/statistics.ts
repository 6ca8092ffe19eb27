/** Geometric mean; NaN of nothing. */
export function geomean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, v) => sum + Math.log(v), 0) / values.length);
}

/** The middle item by `key`, the upper of two. Throws `RangeError` if there is none. */
export function medianBy<T>(items: readonly T[], key: (item: T) => number): T {
  if (items.length === 0) throw new RangeError('a median of nothing');
  return [...items].sort((a, b) => key(a) - key(b))[items.length >> 1]!;
}
