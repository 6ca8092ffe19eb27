import type { Destination, OpenFile, Source } from '../fs/open-file.ts';

/** Who sent a message (struct ucred). */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly groups?: readonly number[];
}

/** Nobody: what a socket without a peer shows. */
export const NO_PEER: PeerCredentials = { pid: 0, uid: -1, gid: -1 };

/** One message of a control buffer (struct cmsghdr and what follows it). */
export interface ControlMessage {
  readonly level: number;
  readonly type: number;
  readonly data: Uint8Array;
}

/** What a message carries beside bytes, as the sender gave it. Files are held by whoever made this. */
export interface SentControl {
  /** The whole buffer, for protocols that look at it themselves, when their turn comes: see `controlMessages`. */
  readonly bytes: Uint8Array;
  readonly files: readonly OpenFile[];
  /** SCM_CREDENTIALS; null: the caller's own. */
  readonly credentials: PeerCredentials | null;
}
export const NO_CONTROL: SentControl = { bytes: new Uint8Array(0), files: [], credentials: null };

/** One message to be sent. */
export interface Outgoing {
  readonly from: Source;
  /** MSG_*. */
  readonly flags: number;
  /** Address as the guest gave it; null: none. */
  readonly name: Uint8Array | null;
  readonly control: SentControl;
}

/** One message to be received. */
export interface Incoming {
  readonly to: Destination;
  /** MSG_*. */
  readonly flags: number;
  /** Address of the sender; null: none is told. */
  name: Uint8Array | null;
  /** MSG_TRUNC, MSG_EOR, MSG_CTRUNC. */
  outFlags: number;
  /** For the receiver's control buffer. */
  readonly control: ControlMessage[];
  /** Files that came along: held for the receiver, who installs or drops them. */
  files: readonly OpenFile[];
  /** The message ends here: a call that waits for more bytes waits no longer. */
  complete: boolean;
}

export function incoming(to: Destination, flags: number): Incoming {
  return { to, flags, name: null, outFlags: 0, control: [], files: [], complete: false };
}
