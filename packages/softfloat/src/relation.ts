/** How two numbers compare. */
export const LESS = -1;
export const EQUAL = 0;
export const GREATER = 1;
export const UNORDERED = 2;
export type Relation = -1 | 0 | 1 | 2;
