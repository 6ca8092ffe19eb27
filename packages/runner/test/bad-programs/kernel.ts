import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '../../../../tools/oracle/src/compile.ts';
import type { BadOutcome } from './run-bad.ts';

/** What the kernel of this machine does with a program. */
export type NativeOutcome =
  | { readonly kind: 'exit'; readonly code: number; readonly stdout: string }
  | { readonly kind: 'signal'; readonly signal: number }
  | { readonly kind: 'errno'; readonly errno: number }
  | { readonly kind: 'endless' };

const MILLISECONDS = 1000;
/** nobody: what only root may do is no part of the comparison. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** A directory for bad programs, short enough for a PT_INTERP. */
export function createCage(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'tally86-'));
  chmodSync(path, 0o755);
  return { path, remove: () => rmSync(path, { recursive: true }) };
}

/** Executes the first of these files (by absolute path), at the addresses of a kernel that does not randomise. Needs gcc. */
export function runNative(files: Readonly<Record<string, Uint8Array>>): NativeOutcome {
  for (const [path, bytes] of Object.entries(files)) {
    rmSync(path, { force: true });
    writeFileSync(path, bytes, { mode: 0o755 });
  }
  const driver = compile([fileURLToPath(new URL('exec.c', import.meta.url))]);
  const [program] = Object.keys(files);
  // not spawned directly: Node runs by a shell what the kernel refuses
  const run = spawnSync(driver, [program!], { cwd: dirname(program!), timeout: MILLISECONDS, killSignal: 'SIGKILL', encoding: 'latin1', env: {}, ...NOBODY });
  if ((run.error as NodeJS.ErrnoException | undefined)?.code === 'ETIMEDOUT') return { kind: 'endless' };
  if (run.error !== undefined) throw run.error;
  if (run.signal !== null) return { kind: 'signal', signal: constants.signals[run.signal] };
  const refused = /^errno (\d+)$/.exec(run.stderr);
  if (run.status === 255 && refused !== null) return { kind: 'errno', errno: Number(refused[1]) };
  return { kind: 'exit', code: run.status!, stdout: run.stdout };
}

/** Whether ours is what the kernel does: where it refuses or kills while it loads, we may refuse; what it runs, we run to the same end. */
export function agree(native: NativeOutcome, ours: BadOutcome): boolean {
  switch (native.kind) {
    case 'errno': return ours.kind === 'refused';
    // which signal depends on what lies there: natively it may be the vDSO
    case 'signal': return ours.kind === 'refused' || ours.kind === 'signal';
    case 'exit': return ours.kind === 'exit' && ours.code === native.code && ours.stdout === native.stdout;
    case 'endless': return ours.kind === 'budget';
  }
}
