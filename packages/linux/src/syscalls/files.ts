import { absentFileSyscalls } from './files-absent.ts';
import { attributeSyscalls } from './files-attributes.ts';
import { directorySyscalls } from './files-directory.ts';
import { epollSyscalls } from './files-epoll.ts';
import { eventSyscalls } from './files-events.ts';
import { fcntlSyscalls } from './files-fcntl.ts';
import { inotifySyscalls } from './files-inotify.ts';
import { ioSyscalls } from './files-io.ts';
import { ioctlSyscalls } from './files-ioctl.ts';
import { nameSyscalls } from './files-names.ts';
import { openSyscalls } from './files-open.ts';
import { pipeSyscalls } from './files-pipe.ts';
import { pollSyscalls } from './files-poll.ts';
import { spaceSyscalls } from './files-space.ts';
import { statSyscalls } from './files-stat.ts';
import type { SyscallEntry } from './types.ts';

/** Every system call about files. They need the files of {@link createMachineFiles}. */
export const fileSyscalls: readonly SyscallEntry[] = [
  ...ioSyscalls, ...openSyscalls, ...fcntlSyscalls, ...statSyscalls, ...nameSyscalls, ...attributeSyscalls, ...directorySyscalls, ...pipeSyscalls,
  ...pollSyscalls, ...spaceSyscalls, ...ioctlSyscalls, ...epollSyscalls, ...eventSyscalls, ...inotifySyscalls, ...absentFileSyscalls,
];
