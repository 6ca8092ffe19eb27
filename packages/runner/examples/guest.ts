import { readFileSync } from 'node:fs';

/** The ELF file of the guest that maps and unmaps 6 GiB for each contract. */
export function contractGuest(): Uint8Array {
  return readFileSync(new URL('../../../tools/guests/prebuilt/contract', import.meta.url));
}
