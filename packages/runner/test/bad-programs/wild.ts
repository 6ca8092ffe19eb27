import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWildCalls } from '../../../linux/test/wild-calls.ts';
import { createEmulator, type EmulatorOptions } from '../../src/index.ts';
import { prebuilt } from './damage.ts';

const AREA = 0x1000_0000;
const PAGE = 4096;

/** What prebuilt/wild reads: the page with these names, then the calls. Some are told a name and otherwise what they are: those are the ones that could do harm. */
function script(seed: bigint, calls: number, names: readonly string[], multiply: boolean): Uint8Array {
  const bytes = new Uint8Array(PAGE + calls * 56);
  const places: number[] = [];
  let at = 0;
  for (const name of names) {
    places.push(AREA + at);
    bytes.set(new TextEncoder().encode(name), at);
    at += name.length + 1;
  }
  const view = new DataView(bytes.buffer);
  const wild = createWildCalls(seed, AREA + PAGE, [...places, ...places, ...places], { multiply });
  for (let i = 0; i < calls; i++) {
    const { number, args } = wild.next();
    [BigInt(number), ...args].forEach((word, k) => view.setBigUint64(PAGE + i * 56 + k * 8, BigInt.asUintN(64, word), true));
  }
  return bytes;
}

/** Everything below a directory: type, mode, size, times, contents. */
export function picture(directory: string): string {
  const lines: string[] = [];
  const visit = (path: string): void => {
    const stat = lstatSync(path, { bigint: true });
    const contents = stat.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : stat.isSymbolicLink() ? readlinkSync(path) : '';
    lines.push(`${path} ${stat.mode} ${stat.nlink} ${stat.size} ${stat.uid} ${stat.mtimeNs} ${stat.ctimeNs} ${contents}`);
    if (stat.isDirectory()) for (const name of readdirSync(path).toSorted()) visit(join(path, name));
  };
  visit(directory);
  return lines.join('\n');
}

/** A directory of the host that must stay as it is, and its names. */
export function createCanary(): { readonly path: string; readonly names: readonly string[]; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'tally86-'));
  mkdirSync(join(path, 'd'));
  writeFileSync(join(path, 'f'), 'canary\n');
  writeFileSync(join(path, 'd', 'g'), new Uint8Array(10_000).fill(7));
  symlinkSync('f', join(path, 'l'));
  const names = ['', '/f', '/d', '/d/g', '/l', '/new'].map((name) => path + name);
  return { path, names: [...names, 'f', 'd', 'new', '../f', '.', '/', '/dev/zero', '/dev/shm/x', '/proc/self/maps', '/proc/self/fd/0', '/proc/self/cwd/f'], remove: () => rmSync(path, { recursive: true }) };
}

/** Runs the calls of one seed; how it ended, and how many system calls it made. Throws what is no end of a guest. */
export async function runWild(
  seed: bigint, calls: number, names: readonly string[], { multiply = false, ...options }: Partial<EmulatorOptions> & { readonly multiply?: boolean },
): Promise<{ readonly kind: string; readonly calls: number }> {
  const input = script(seed, calls, names, multiply);
  let [at, made] = [0, 0];
  const emulator = createEmulator({
    program: prebuilt('wild'), maxInstructions: 5_000_000, maxMemory: 16 << 20,
    stdin: { kind: 'pipe', read: (into) => { const part = input.subarray(at, at + into.length); into.set(part); at += part.length; return part.length; }, write: () => -9, readable: () => true, wait: () => Promise.resolve() },
    stdout: { kind: 'pipe', read: () => 0, write: (from) => from.length, readable: () => true, wait: () => Promise.resolve() },
    stderr: null,
    strace: () => made++,
    ...options,
  });
  const { exit, memory } = await emulator.run();
  const held = [memory.framesPeak * PAGE, memory.pageTablePeakBytes, memory.frames * PAGE + memory.pageTableBytes];
  if (memory.peakBytes > memory.budgetBytes) throw new Error(`seed ${seed}: more memory than the budget: ${memory.peakBytes} bytes of ${memory.budgetBytes}`);
  if (held.some((bytes) => bytes > memory.peakBytes)) throw new Error(`seed ${seed}: memory that the budget does not know of: ${held.join(', ')} bytes, ${memory.peakBytes} known`);
  return { kind: exit.kind, calls: made };
}
