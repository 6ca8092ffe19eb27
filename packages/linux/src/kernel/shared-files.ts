import type { Process } from './types.ts';

/** Descriptors that other processes use are copied (unshare_files). */
export function unshareFiles(process: Process): void {
  if (process.files.users === 1) return;
  process.files.users -= 1;
  process.files = process.files.fork();
}

/** A process lets go of its descriptors; the last one to do so closes them (put_files_struct). */
export function dropFiles({ files }: Process): void {
  files.users -= 1;
  if (files.users === 0) files.closeAll();
}
