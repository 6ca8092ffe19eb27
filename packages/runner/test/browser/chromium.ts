import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, createReadStream, createWriteStream, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { npmFile } from '../support/npm-file.ts';

/** Chromium without a window, as npm has it; and the libraries that it needs beside those of a bare system. */
const PACKAGE = ['@sparticuz/chromium', '131.0.1'] as const;

async function unpacked(name: string): Promise<string | null> {
  const packed = npmFile(...PACKAGE, `bin/${name}.br`);
  if (packed === null) return null;
  const file = packed.slice(0, -3);
  if (!existsSync(file)) {
    await pipeline(createReadStream(packed), createBrotliDecompress(), createWriteStream(`${file}.part`));
    renameSync(`${file}.part`, file);
  }
  return file;
}

export interface Browser {
  close(): void;
  /** What it said, once it ended; null: it runs. */
  ended(): string | null;
}

/** Opens a page in Chromium; null: it cannot be had on this machine. */
export async function openChromium(url: string): Promise<Browser | null> {
  const program = await unpacked('chromium');
  const libraries = await unpacked('al2023.tar');
  if (program === null || libraries === null) return null;
  chmodSync(program, 0o755);
  const directory = dirname(program);
  if (!existsSync(join(directory, 'lib'))) execFileSync('tar', ['xf', libraries, '-C', directory]);
  const profile = mkdtempSync(join(tmpdir(), 'tally86-chromium-'));
  const parts: string[] = [];
  const child: ChildProcess = spawn(program, ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', `--user-data-dir=${profile}`, url], {
    env: { ...process.env, LD_LIBRARY_PATH: join(directory, 'lib'), HOME: profile }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('utf8').on('data', (text: string) => parts.push(text));
  child.on('error', (error) => parts.push(String(error)));
  return {
    ended: () => (child.exitCode === null && child.signalCode === null && child.pid !== undefined ? null : parts.join('')),
    close() {
      child.once('exit', () => rmSync(profile, { recursive: true, force: true }));
      child.kill('SIGKILL');
    },
  };
}
