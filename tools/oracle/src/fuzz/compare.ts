import { isInexact, withinBound } from './bounds.ts';
import { FLAGS_COMPARED, initialArena, LAYOUT, REGISTERS, type CaseFault, type CaseResult, type FuzzCase, type NativeResult } from './case.ts';
import { allowance, ignoredMemory } from './known-differences.ts';
import { CONDITION_BITS, undefinedConditions } from './undefined-conditions.ts';
import { FLAG_BITS, undefinedFlags } from './undefined-flags.ts';

/** One field that is not as the CPU left it. */
export interface Difference {
  /** `rax`, `rflags`, `st0`, `xmm3`, `memory+0x120`, `fault`, … */
  readonly field: string;
  readonly before: string;
  readonly native: string;
  readonly ours: string;
}

/**
 * What the manual leaves undefined is, by choice: `allowed` to differ (on every CPU); `modelled`: compared where our model does what the CPU
 * it follows does, see `isModelledCpu`; `compared`, all of it.
 */
export type UndefinedMode = 'allowed' | 'modelled' | 'compared';

export interface CompareOptions {
  readonly undefined?: UndefinedMode;
}

export interface Comparison {
  /** Everything in which we are wrong; empty if we are not. */
  readonly differences: readonly Difference[];
  /** What differs and may: `AF`, `C1`, `st`, `memory`, `fault`, …, each once. */
  readonly allowed: readonly string[];
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).reverse().join('');
const hex64 = (value: bigint): string => `0x${value.toString(16)}`;

const VECTOR_NAMES: Readonly<Record<number, string>> = { 0: '#DE', 1: '#DB', 3: '#BP', 4: '#OF', 6: '#UD', 11: '#NP', 12: '#SS', 13: '#GP', 14: '#PF', 16: '#MF', 17: '#AC', 19: '#XM' };

function faultText(fault: CaseFault | null): string {
  if (fault === null) return 'none';
  const name = VECTOR_NAMES[fault.vector] ?? `#${fault.vector}`;
  return fault.vector === 14 ? `${name} error ${fault.errorCode} at ${hex64(fault.address)}` : name;
}

const FLAG_LETTERS: readonly (readonly [number, string])[] = [[1, 'C'], [4, 'P'], [0x10, 'A'], [0x40, 'Z'], [0x80, 'S'], [0x400, 'D'], [0x800, 'O'], [0x4000, 'N'], [0x40000, 'AC'], [0x200000, 'ID']];
export const flagText = (flags: number): string => FLAG_LETTERS.filter(([bit]) => flags & bit).map(([, name]) => name).join('') || '-';

/** Fields of the FXSAVE image that are compared: the pointers to the last x87 instruction are not kept by every CPU alike. */
const FX_FIELDS: readonly (readonly [name: string, at: number, length: number])[] = [
  ['fcw', 0, 2], ['fsw', 2, 2], ['ftw', 4, 1], ['mxcsr', 24, 4],
  ...Array.from({ length: 8 }, (_, i) => [`st${i}`, 32 + 16 * i, 10] as const),
  ...Array.from({ length: 16 }, (_, i) => [`xmm${i}`, 160 + 16 * i, 16] as const),
];

function equal(a: Uint8Array, b: Uint8Array, at: number, length: number): boolean {
  for (let i = at; i < at + length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const arena = new Uint8Array(LAYOUT.arenaSize);
const before = new Uint8Array(LAYOUT.arenaSize);

function compareMemory(test: FuzzCase, native: NativeResult, ours: CaseResult, out: Difference[]): void {
  initialArena(test, arena);
  for (const { offset, bytes } of native.changes) arena.set(bytes, offset);
  const n = LAYOUT.arenaWritable;
  if (Buffer.compare(arena.subarray(0, n), ours.arena.subarray(0, n)) === 0) return;
  initialArena(test, before);
  const ignored = ignoredMemory(test);
  for (let i = 0; i < n; i++) {
    if (arena[i] === ours.arena[i] || ignored(LAYOUT.arenaBase + i)) continue;
    let j = i + 1;
    while (j < n && j < i + 16 && arena[j] !== ours.arena[j] && !ignored(LAYOUT.arenaBase + j)) j++;
    out.push({ field: `memory+0x${i.toString(16)}`, before: hex(before.subarray(i, j)), native: hex(arena.subarray(i, j)), ours: hex(ours.arena.subarray(i, j)) });
    if (out.length > 20) return;
    i = j;
  }
}

/** `xmm` of `xmm3`, `register` of `rax`: what a difference is counted by. */
const kindOf = (field: string): string =>
  (REGISTERS as readonly string[]).includes(field) ? 'register' : field.replace(/^(xmm|ymm|st)\d+.*$/, '$1').replace(/^memory.*$/, 'memory');

const namesOf = (table: Readonly<Record<string, number>>, bits: number): string[] => Object.entries(table).filter(([, bit]) => (bits & bit) !== 0).map(([name]) => name);

/** Compares what `ours` made of `test` with what the CPU did. */
export function compareResults(test: FuzzCase, native: NativeResult, ours: CaseResult, options: CompareOptions = {}): Comparison {
  const mode = options.undefined ?? 'allowed';
  const modelled = mode !== 'allowed';
  const out: Difference[] = [];
  const allowed = new Set<string>();
  const inexact = isInexact(test);
  const a = native.fault, b = ours.fault;
  if (faultText(a) !== faultText(b)) out.push({ field: 'fault', before: '', native: faultText(a), ours: faultText(b) });
  if (native.rip !== ours.rip) out.push({ field: 'rip', before: hex64(BigInt(LAYOUT.codeBase + test.codeOffset)), native: hex64(native.rip), ours: hex64(ours.rip) });
  for (let i = 0; i < 16; i++) {
    if (native.gpr[i] !== ours.gpr[i]) out.push({ field: REGISTERS[i]!, before: hex64(test.gpr[i]!), native: hex64(native.gpr[i]!), ours: hex64(ours.gpr[i]!) });
  }
  const flags = (native.rflags ^ ours.rflags) & FLAGS_COMPARED;
  if (flags !== 0) {
    // an instruction that faults leaves all flags; a division is the exception that computes first
    const free = mode === 'compared' || native.fault !== null && native.fault.vector !== 0 ? 0 : undefinedFlags(test, modelled);
    for (const name of namesOf(FLAG_BITS, flags & free)) allowed.add(name);
    if (flags & ~free) out.push({ field: 'rflags', before: flagText(test.rflags), native: flagText(native.rflags), ours: `${flagText(ours.rflags)} (differ: ${flagText(flags & ~free)})` });
  }
  for (const [name, at, length] of FX_FIELDS) {
    if (equal(native.fx, ours.fx, at, length)) continue;
    if (inexact && withinBound(test, name, native.fx, ours.fx, at, modelled)) {
      allowed.add(kindOf(name));
      continue;
    }
    if (name === 'fsw') {
      const differ = (native.fx[2]! ^ ours.fx[2]!) | (native.fx[3]! ^ ours.fx[3]!) << 8;
      const free = mode === 'compared' ? 0 : undefinedConditions(test, native, modelled);
      for (const condition of namesOf(CONDITION_BITS, differ & free)) allowed.add(condition);
      if ((differ & ~free) === 0) continue;
    }
    out.push({ field: name, before: hex(test.fx.subarray(at, at + length)), native: hex(native.fx.subarray(at, at + length)), ours: hex(ours.fx.subarray(at, at + length)) });
  }
  for (let i = 0; i < 16; i++) {
    if (!equal(native.ymmHigh, ours.ymmHigh, 16 * i, 16)) {
      const part = (bytes: Uint8Array): string => hex(bytes.subarray(16 * i, 16 * i + 16));
      out.push({ field: `ymm${i} upper half`, before: part(test.ymmHigh), native: part(native.ymmHigh), ours: part(ours.ymmHigh) });
    }
  }
  compareMemory(test, native, ours, out);
  if (out.length === 0) return { differences: out, allowed: [...allowed] };
  const why = allowance({ test, native, ours }, modelled);
  const differences = out.filter(({ field }) => {
    if (why(field) === null) return true;
    allowed.add(kindOf(field));
    return false;
  });
  return { differences, allowed: [...allowed] };
}
