import { O } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import { tableOf, worldOf } from './access.ts';
import type { FileOperations } from './open-file.ts';

/**
 * Opens a file that is nothing but its operations, at the lowest free descriptor (fs/anon_inodes.c, anon_inode_getfd). `name` as in
 * /proc/PID/fd, without `anon_inode:`; of `flags` O_CLOEXEC and O_NONBLOCK count. −EMFILE, −ENFILE.
 */
export function openAnonymous(task: Task, name: string, operations: FileOperations, flags: number, access: number = O.RDWR): number {
  const world = worldOf(task);
  const table = tableOf(task);
  const { limits } = task.process;
  const room = table.freeForOpen(limits);
  if (room < 0) return room;
  const file = world.looseFile(world.anonymousMount, `anon_inode:${name}`, world.anonymousInode, operations, access | (flags & O.NONBLOCK));
  return table.add(limits, file, (flags & O.CLOEXEC) !== 0);
}
