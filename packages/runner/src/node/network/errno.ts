import { E } from '@tally86/abi';

/** A positive errno for an error of Node's sockets. */
export function errnoOf(error: unknown): number {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'ERR_SOCKET_BAD_PORT' || code === 'ERR_INVALID_ARG_VALUE') return E.EINVAL;
  return (typeof code === 'string' ? (E as Readonly<Record<string, number>>)[code] : undefined) ?? E.EIO;
}
