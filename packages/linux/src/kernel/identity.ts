/** What uname(2) and gethostname show. */
export interface SystemIdentity {
  readonly sysname: string;
  readonly nodename: string;
  readonly release: string;
  readonly version: string;
  readonly machine: string;
  readonly domainname: string;
}

/** A machine of its own: the same everywhere. */
export const DEFAULT_IDENTITY: SystemIdentity = {
  sysname: 'Linux',
  nodename: 'tally86',
  release: '6.1.0-tally86',
  version: '#1 SMP PREEMPT_DYNAMIC tally86',
  machine: 'x86_64',
  domainname: '(none)',
};

/** User and group ids (struct cred). */
export interface Credentials {
  uid: number;
  euid: number;
  suid: number;
  fsuid: number;
  gid: number;
  egid: number;
  sgid: number;
  fsgid: number;
  groups: readonly number[];
}

/** Credentials with all user ids `uid` and all group ids `gid`. */
export function createCredentials(uid: number, gid: number, groups: readonly number[] = [gid]): Credentials {
  return { uid, euid: uid, suid: uid, fsuid: uid, gid, egid: gid, sgid: gid, fsgid: gid, groups };
}
