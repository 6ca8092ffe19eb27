import type { OpenFile } from '../fs/open-file.ts';

/** A hold on a file that is not a descriptor's. */
export function holdFile(file: OpenFile): void {
  file.references += 1;
}

export function releaseFile(file: OpenFile): void {
  file.references -= 1;
  if (file.references === 0) file.release();
}
