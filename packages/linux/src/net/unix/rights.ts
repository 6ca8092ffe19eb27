import { E, RLIMIT } from '@tally86/abi';
import type { OpenFile } from '../../fs/open-file.ts';
import { softLimit } from '../../kernel/limits.ts';
import type { Process } from '../../kernel/types.ts';
import { holdFile, releaseFile } from '../hold.ts';
import type { UnixNames } from './names.ts';
import type { UnixSocket } from './unix-socket.ts';

/** Descriptions that are in flight, and how often: held by messages, not by descriptors (net/unix/scm.c). */
const flights = new WeakMap<OpenFile, number>();
const inFlight = (file: OpenFile): number => flights.get(file) ?? 0;

/** Files go on their way. One user has no more of them there than RLIMIT_NOFILE: −ETOOMANYREFS. */
export function sendFiles(names: UnixNames, { limits, credentials }: Process, files: readonly OpenFile[]): number {
  if (files.length === 0) return 0;
  const tooMany = (): boolean => names.inFlight > softLimit(limits, RLIMIT.NOFILE);
  if (tooMany()) collectGarbage(names);
  if (tooMany() && credentials.euid !== 0) return -E.ETOOMANYREFS;
  holdInFlight(names, files);
  return 0;
}

/** One more message holds them. */
function holdInFlight(names: UnixNames, files: readonly OpenFile[]): void {
  names.inFlight += files.length;
  for (const file of files) {
    holdFile(file);
    flights.set(file, inFlight(file) + 1);
  }
}

/** They have arrived: the hold goes over to the receiver. */
export function receiveFiles(names: UnixNames, files: readonly OpenFile[]): void {
  names.inFlight -= files.length;
  for (const file of files) flights.set(file, inFlight(file) - 1);
}

/** They never arrive. */
export function dropFiles(names: UnixNames, files: readonly OpenFile[]): void {
  receiveFiles(names, files);
  for (const file of files) releaseFile(file);
}

/**
 * Closes sockets that only messages hold which nobody can receive any more (net/unix/garbage.c): candidates are those whose every
 * reference is in flight; what a socket outside of them holds in its queue is no garbage, nor what that holds.
 */
export function collectGarbage(names: UnixNames): void {
  if (names.inFlight === 0) return;
  const everywhere = [...names.sockets];
  const queued = (socket: UnixSocket): readonly OpenFile[] => socket.received.packets.flatMap(({ files }) => files);
  const socketOf = ({ operations }: OpenFile): UnixSocket | null => (names.sockets.has(operations as UnixSocket) ? (operations as UnixSocket) : null);
  const candidates = new Set<UnixSocket>();
  for (const file of everywhere.flatMap(queued)) {
    const socket = socketOf(file);
    if (socket !== null && file.references === inFlight(file)) candidates.add(socket);
  }
  // A connection that waits for accept belongs to its listener.
  const reachable = everywhere.filter((socket) => !candidates.has(socket.listener ?? socket));
  while (reachable.length > 0) {
    for (const file of queued(reachable.pop()!)) {
      const socket = socketOf(file);
      if (socket !== null && candidates.delete(socket)) reachable.push(socket, ...socket.acceptQueue);
    }
  }
  for (const socket of candidates) {
    socket.received.clear();
    for (const child of socket.acceptQueue) child.received.clear();
  }
}
