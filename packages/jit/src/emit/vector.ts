export function emitVector(..._: unknown[]): boolean { return false; }
