import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SYS, type SyscallName } from '@tally86/abi';
import { compile } from '../../../tools/oracle/src/index.ts';
import { createGuest, type Guest } from './guest.ts';

/** One step of a comparison: a call, a look at the maps of a window, a byte stored or loaded. */
export type Step =
  | { readonly kind: 'call'; readonly name: SyscallName; readonly args: readonly (number | bigint)[] }
  | { readonly kind: 'maps'; readonly low: number; readonly high: number }
  | { readonly kind: 'put'; readonly address: number; readonly value: number }
  | { readonly kind: 'get'; readonly address: number };

const hex = (value: number | bigint): string => BigInt.asUintN(64, BigInt(value)).toString(16);

function lineOf(step: Step): string {
  switch (step.kind) {
    case 'call':
      return `c ${hex(SYS[step.name])} ${step.args.map(hex).join(' ')}`;
    case 'maps':
      return `m ${hex(step.low)} ${hex(step.high)}`;
    case 'put':
      return `p ${hex(step.address)} ${hex(step.value)}`;
    case 'get':
      return `g ${hex(step.address)}`;
  }
}

/** What the kernel of this machine answers, a line for each step that answers. */
export function runNatively(steps: readonly Step[]): string[] {
  const driver = compile([fileURLToPath(new URL('syscall-driver.c', import.meta.url))], { flags: ['-O1', '-static', '-no-pie'] });
  return execFileSync(driver, { input: `${steps.map(lineOf).join('\n')}\n`, encoding: 'utf8' }).trimEnd().split('\n');
}

/** What ours answers. */
export function runHere(steps: readonly Step[], guest: Guest = createGuest()): string[] {
  const lines: string[] = [];
  for (const step of steps) {
    if (step.kind === 'call') lines.push(String(guest.call(step.name, ...step.args)));
    else if (step.kind === 'put') guest.poke(step.address, Uint8Array.of(step.value));
    else if (step.kind === 'get') lines.push(String(guest.peek(step.address, 1)[0]));
    else lines.push(mapsLine(guest, step.low, step.high));
  }
  return lines;
}

function mapsLine(guest: Guest, low: number, high: number): string {
  const letters = (prot: number, shared: boolean): string => ((prot & 1) !== 0 ? 'r' : '-') + ((prot & 2) !== 0 ? 'w' : '-') + ((prot & 4) !== 0 ? 'x' : '-') + (shared ? 's' : 'p');
  let text = '';
  for (const vma of guest.process.mm.vmas.range(low, high)) if (vma.start >= low && vma.end <= high) text += `${vma.start.toString(16)}-${vma.end.toString(16)} ${letters(vma.prot, vma.shared)};`;
  return text;
}
