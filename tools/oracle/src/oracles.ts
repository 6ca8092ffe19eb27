import { spawnSync } from 'node:child_process';
import { arch, platform, release } from 'node:os';

/** What a test can ask of the machine. `native`: an x86-64 Linux that lets us trace; the others are Debian's programs. */
export const ORACLES = {
  native: { command: null, packages: [] },
  gcc: { command: ['gcc', '--version'], packages: ['gcc', 'libc6-dev'] },
  'musl-gcc': { command: ['musl-gcc', '--version'], packages: ['musl-tools'] },
  nasm: { command: ['nasm', '-v'], packages: ['nasm'] },
  gdb: { command: ['gdb', '--version'], packages: ['gdb'] },
  'qemu-x86_64': { command: ['qemu-x86_64', '--version'], packages: ['qemu-user'] },
} as const;
export type OracleName = keyof typeof ORACLES;

const known = new Map<OracleName, boolean>();

function probe(name: OracleName): boolean {
  const { command } = ORACLES[name];
  if (command === null) return platform() === 'linux' && arch() === 'x64';
  return spawnSync(command[0], command.slice(1), { stdio: 'ignore' }).status === 0;
}

/**
 * Whether the named oracles are all here, for `describe.skipIf(!hasOracle('gcc'))`.
 * Under `CI=true` a missing one throws an `Error` instead: there a skipped test is a failure.
 */
export function hasOracle(...names: readonly OracleName[]): boolean {
  for (const name of names) {
    if (!known.has(name)) known.set(name, probe(name));
    if (known.get(name)) continue;
    if (process.env.CI === 'true') throw new Error(`oracle ${name} is missing; install ${ORACLES[name].packages.join(' ') || 'on x86-64 Linux'}`);
    return false;
  }
  return true;
}

/** Whether the kernel of this machine is at least this one: for answers that changed with a version. */
export function kernelAtLeast(major: number, minor: number, kernel: string = release()): boolean {
  const [have = 0, and = 0] = kernel.split('.').map((part) => parseInt(part, 10));
  return have > major || have === major && and >= minor;
}
