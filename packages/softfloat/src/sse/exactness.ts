/** Error-free transformations: what a rounded double operation lost. Arguments must keep clear of overflow and underflow. */

/** The exact error of sum = fl(a + b); 0 when exact (Knuth's TwoSum). */
export function sumError(a: number, b: number, sum: number): number {
  const bb = sum - a;
  return a - (sum - bb) + (b - bb);
}

/** 2^27 + 1 splits a double into two halves of 26 bits. */
const SPLITTER = 134217729;

/** The exact error of product = fl(a * b); 0 when exact (Dekker). |a|, |b| < 2^995, |product| > 2^-960. */
export function productError(a: number, b: number, product: number): number {
  const p = a * SPLITTER;
  const ah = p - (p - a);
  const al = a - ah;
  const q = b * SPLITTER;
  const bh = q - (q - b);
  const bl = b - bh;
  return ah * bh - product + ah * bl + al * bh + al * bl;
}

/** Within these bounds `productError` is exact. */
export const PRODUCT_MIN = 2 ** -960;
export const PRODUCT_MAX = 2 ** 995;
