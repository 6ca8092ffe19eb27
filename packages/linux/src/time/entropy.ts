/** Random bytes for the guest: seeded and the same on every host, or the host's. */
export interface Entropy {
  fill(into: Uint8Array): void;
}
