import { E } from '@tally86/abi';

/** −errno of an error that node:fs threw: by name, because numbers differ between hosts. What has no name here is EIO. */
export function hostErrno(error: unknown): number {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  // The host's own descriptors ran out, not the guest's.
  if (code === 'EMFILE') return -E.ENFILE;
  return -((E as Readonly<Record<string, number>>)[code] ?? E.EIO);
}

/** Runs a host call whose value does not matter: 0 or −errno. */
export function attempt(call: () => void): number {
  try {
    call();
    return 0;
  } catch (error) {
    return hostErrno(error);
  }
}
