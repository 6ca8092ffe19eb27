import { CLONE } from '@tally86/abi';
import type { TaskFiles } from './create-task.ts';
import type { FileTable } from './file-seam.ts';
import type { Task } from './types.ts';

/** What a new task has of its parent's descriptors and directories: the same, or a copy (copy_files, copy_fs). */
export function inheritFiles({ files, fs }: Task, flags: number): TaskFiles {
  const shared = (flags & CLONE.FILES) !== 0;
  if (shared) files.users += 1;
  return { files: shared ? files : files.fork(), fs: (flags & CLONE.FS) === 0 ? fs.fork() : fs };
}

/** Descriptors that other tasks use are copied (unshare_files). */
export function unshareFiles(task: Task): void {
  if (task.files.users === 1) return;
  task.files.users -= 1;
  task.files = task.files.fork();
}

/** A task lets go of its descriptors; the last one to do so closes them (put_files_struct). */
export function dropFiles(files: FileTable): void {
  files.users -= 1;
  if (files.users === 0) files.closeAll();
}
