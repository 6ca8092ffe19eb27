/** Operand formats in memory, by the number that IR helper operations carry. */
export const FORMAT = { f32: 0, f64: 1, f80: 2, i16: 3, i32: 4, i64: 5, bcd: 6 } as const;
export type Format = (typeof FORMAT)[keyof typeof FORMAT];
/** Bytes in memory. */
export const FORMAT_BYTES: readonly number[] = [4, 8, 10, 2, 4, 8, 10];
