import type { Process, Task } from '../../kernel/types.ts';
import type { Outgoing, PeerCredentials } from '../message.ts';
import { sendFiles } from './rights.ts';
import type { UnixSocket } from './unix-socket.ts';

/** Who a process is in a message, unless it says otherwise. */
function realIds({ pid, credentials: { uid, gid } }: Process): PeerCredentials {
  return { pid, uid, gid };
}

/** Puts one message into a receiver's queue; `charge` is what the sender's buffer pays for it. 0 or −ETOOMANYREFS. */
export function deliver(from: UnixSocket, to: UnixSocket, bytes: Uint8Array, charge: number, { control }: Outgoing, withFiles: boolean, task: Task): number {
  const files = withFiles ? control.files : [];
  const error = sendFiles(from.net.unixNames, task.process, files);
  if (error < 0) return error;
  to.received.push({
    bytes, files,
    used: 0,
    credentials: control.credentials ?? realIds(task.process),
    from: from.name,
    sender: from,
    size: charge,
  });
  to.queue.wake();
  return 0;
}
