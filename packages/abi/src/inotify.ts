import { struct } from './layout.ts';

/** inotify(7) (linux/inotify.h): events, what a watch asks for, and what an event says beside. */
export const IN = {
  ACCESS: 1, MODIFY: 2, ATTRIB: 4, CLOSE_WRITE: 8, CLOSE_NOWRITE: 0x10, OPEN: 0x20, MOVED_FROM: 0x40, MOVED_TO: 0x80, CREATE: 0x100, DELETE: 0x200,
  DELETE_SELF: 0x400, MOVE_SELF: 0x800, UNMOUNT: 0x2000, Q_OVERFLOW: 0x4000, IGNORED: 0x8000, ONLYDIR: 0x0100_0000, DONT_FOLLOW: 0x0200_0000,
  EXCL_UNLINK: 0x0400_0000, MASK_CREATE: 0x1000_0000, MASK_ADD: 0x2000_0000, ISDIR: 0x4000_0000, ONESHOT: 0x8000_0000,
} as const;
export const IN_CLOEXEC = 0o2000000, IN_NONBLOCK = 0o4000;
/** Head of struct inotify_event; the name follows, padded with zeros to a multiple of this size. */
export const INOTIFY_EVENT = struct('inotify_event', { wd: 'i32', mask: 'u32', cookie: 'u32', len: 'u32' });
