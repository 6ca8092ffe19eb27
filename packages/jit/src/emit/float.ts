export function emitFloat(..._: unknown[]): boolean { return false; }
