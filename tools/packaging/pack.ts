import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Packs the package in `folder` as npm would publish it. Returns the tarball's path and the files in it. */
export function pack(folder: string, destination: string): { tarball: string; files: string[] } {
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', destination];
  const output = execFileSync('npm', args, { cwd: folder, encoding: 'utf8', shell: process.platform === 'win32' });
  const [packed]: { filename: string; files: { path: string }[] }[] = Object.values(JSON.parse(output));
  if (!packed) throw new Error(`npm pack in ${folder} packed nothing`);
  return { tarball: join(destination, packed.filename), files: packed.files.map(({ path }) => path) };
}
