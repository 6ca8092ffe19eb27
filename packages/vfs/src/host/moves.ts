/**
 * Directories that any host tree moved or removed. Two trees may show the same host directory (overlapping mounts): what one remembers of a
 * path then leads elsewhere, even through a link that the guest put there.
 */
export const directoryMoves = { count: 0 };
