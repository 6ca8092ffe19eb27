import type { FunctionBody, FunctionType } from './module.ts';
import { MISC, OP, SIMD, TYPE } from './opcodes.ts';

/** What stands behind an opcode (core specification, 5.4). */
type Immediates = 'none' | 'block' | 'label' | 'labels' | 'function' | 'indirect' | 'local' | 'index' | 'memory' | 'memoryLane' | 'lane' | 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'shuffle' | 'copy' | 'fill';
interface Row {
  readonly name: string;
  readonly takes: Immediates;
}

const PLAIN: Readonly<Record<string, Immediates>> = {
  block: 'block', loop: 'block', if: 'block', br: 'label', br_if: 'label', br_table: 'labels', call: 'function', return_call: 'function', call_indirect: 'indirect',
  local_get: 'local', local_set: 'local', local_tee: 'local', global_get: 'index', global_set: 'index',
  i32_const: 'i32', i64_const: 'i64', f32_const: 'f32', f64_const: 'f64', v128_const: 'v128', i8x16_shuffle: 'shuffle', memory_copy: 'copy', memory_fill: 'fill',
};

function takes(key: string): Immediates {
  const known = PLAIN[key];
  if (known !== undefined) return known;
  if (/^[a-z0-9]+_(load|store)/.test(key)) return key.endsWith('_lane') ? 'memoryLane' : 'memory';
  return /_(extract|replace)_lane/.test(key) ? 'lane' : 'none';
}
/** The text format has a dot behind what an instruction works on: a type, `local`, `global`, `memory`. */
const nameOf = (key: string): string => key.replace(/^([ifv][0-9]+(?:x[0-9]+)?|local|global|memory)_/, '$1.');

function table(opcodes: Readonly<Record<string, number>>): (Row | undefined)[] {
  const rows: Row[] = [];
  for (const [key, code] of Object.entries(opcodes)) rows[code] = { name: nameOf(key), takes: takes(key) };
  return rows;
}
const ROWS = table(OP);
const PREFIXED: Readonly<Record<number, (Row | undefined)[]>> = { 0xfc: table(MISC), 0xfd: table(SIMD) };
const TYPES = new Map<number, string>(Object.entries(TYPE).map(([name, code]) => [code, name]));

/** Names and notes; all of them can be left out. */
export interface WatOptions {
  readonly name?: string;
  /** Names of locals, parameters first. */
  readonly locals?: readonly (string | undefined)[];
  /** Names of functions. */
  readonly functions?: readonly string[];
  /** Comments on a memory operand by its offset, and on constants. */
  noteOffset?(offset: number): string | undefined;
  noteConstant?(value: bigint): string | undefined;
}

/** Reads the binary format. */
class Reader {
  readonly bytes: Uint8Array;
  at = 0;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  get view(): DataView {
    return new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
  }
  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new Error('the code ends within an instruction');
    return byte;
  }
  leb(signed: boolean): bigint {
    let value = 0n;
    let shift = 0n;
    for (;;) {
      const byte = this.byte();
      value |= BigInt(byte & 127) << shift;
      shift += 7n;
      if (byte < 128) return signed ? BigInt.asIntN(Number(shift), value) : value;
    }
  }
  u32(): number {
    return Number(this.leb(false));
  }
  take(length: number): number[] {
    return Array.from({ length }, () => this.byte());
  }
}

const SMALL = 65_536n;
function integer(value: bigint): string {
  const size = value < 0n ? -value : value;
  return size < SMALL ? String(value) : `${value < 0n ? '-' : ''}0x${size.toString(16)}`;
}
/** `bits` of a float of `width` bits. */
function float(value: number, bits: bigint, width: 32 | 64): string {
  if (Object.is(value, -0)) return '-0';
  if (Number.isFinite(value)) return String(value);
  const mantissa = width === 32 ? 23n : 52n;
  const sign = bits >> BigInt(width - 1) === 1n ? '-' : '';
  const payload = bits & ((1n << mantissa) - 1n);
  return payload === 0n ? `${sign}inf` : `${sign}nan:0x${payload.toString(16)}`;
}

/**
 * A function as WebAssembly text, one instruction a line. Offsets of memory operands are told, and alignments other than 1, the one that
 * translations have: they are hints without meaning.
 * @throws Error if the code has an opcode that opcodes.ts lacks, or does not end with its last `end`.
 */
export function printFunction(body: FunctionBody, type: FunctionType, options: WatOptions = {}): string {
  const seen = new Map<string, number>();
  const names = Array.from({ length: type.params.length + body.locals.length }, (_, i) => {
    const name = options.locals?.[i];
    if (name === undefined) return undefined;
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return before === 0 ? `$${name}` : `$${name}.${before}`;
  });
  const declared = (kind: string, t: number, i: number): string => `(${kind}${names[i] === undefined ? '' : ` ${names[i]}`} ${TYPES.get(t)})`;
  const head = ['(func', ...(options.name === undefined ? [] : [`$${options.name}`]), ...type.params.map((t, i) => declared('param', t, i))];
  if (type.results.length > 0) head.push(`(result ${type.results.map((t) => TYPES.get(t)).join(' ')})`);
  const lines = [head.join(' ')];
  const locals = body.locals.map((t, i) => declared('local', t, type.params.length + i));
  for (let i = 0; i < locals.length; i += 8) lines.push(`  ${locals.slice(i, i + 8).join(' ')}`);
  lines.push(...printCode(body.code, { ...options, locals: names }), ')');
  return `${lines.join('\n')}\n`;
}

/** Instructions as lines; the last `end` closes what they stand in and is no line. Names of locals come with their `$`. */
function printCode(code: Uint8Array, { locals = [], functions = [], noteOffset, noteConstant }: WatOptions): string[] {
  const r = new Reader(code);
  const lines: string[] = [];
  let depth = 1;
  const label = (n: number): string => `${n} (;@${depth - 1 - n};)`;

  function immediates(kind: Immediates): string {
    switch (kind) {
      case 'none': return '';
      case 'block': {
        const type = r.byte();
        const name = TYPES.get(type);
        if (name === undefined) throw new Error(`no block type: 0x${type.toString(16)}`);
        return type === TYPE.empty ? '' : ` (result ${name})`;
      }
      case 'label': return ` ${label(r.u32())}`;
      case 'labels': return Array.from({ length: r.u32() + 1 }, () => ` ${label(r.u32())}`).join('');
      case 'function': {
        const f = r.u32();
        return functions[f] === undefined ? ` ${f}` : ` $${functions[f]}`;
      }
      case 'indirect': {
        const [type, from] = [r.u32(), r.u32()];
        return `${from === 0 ? '' : ` ${from}`} (type ${type})`;
      }
      case 'local': {
        const l = r.u32();
        return ` ${locals[l] ?? l}`;
      }
      case 'index': return ` ${r.u32()}`;
      case 'memory': case 'memoryLane': {
        const [align, offset] = [r.u32(), r.u32()];
        const lane = kind === 'memoryLane' ? ` ${r.byte()}` : '';
        const note = noteOffset?.(offset);
        return `${offset === 0 ? '' : ` offset=${offset}`}${align === 0 ? '' : ` align=${1 << align}`}${lane}${note === undefined ? '' : `  ;; ${note}`}`;
      }
      case 'lane': return ` ${r.byte()}`;
      case 'i32': return ` ${integer(r.leb(true))}`;
      case 'i64': {
        const value = r.leb(true);
        const note = noteConstant?.(value);
        return ` ${integer(value)}${note === undefined ? '' : `  ;; ${note}`}`;
      }
      case 'f32': case 'f64': {
        const { view, at } = r;
        r.take(kind === 'f32' ? 4 : 8);
        return ` ${kind === 'f32' ? float(view.getFloat32(at, true), BigInt(view.getUint32(at, true)), 32) : float(view.getFloat64(at, true), view.getBigUint64(at, true), 64)}`;
      }
      case 'v128': {
        const { view, at } = r;
        r.take(16);
        return ` i32x4${[0, 4, 8, 12].map((i) => ` 0x${view.getUint32(at + i, true).toString(16).padStart(8, '0')}`).join('')}`;
      }
      case 'shuffle': return r.take(16).map((lane) => ` ${lane}`).join('');
      case 'copy': r.take(2); return '';
      case 'fill': r.take(1); return '';
    }
  }

  while (depth > 0) {
    const first = r.byte();
    const prefixed = PREFIXED[first];
    const second = prefixed === undefined ? 0 : r.u32();
    const row = prefixed === undefined ? ROWS[first] : prefixed[second];
    if (row === undefined) throw new Error(`no such opcode: 0x${first.toString(16)}${prefixed === undefined ? '' : ` 0x${second.toString(16)}`}`);
    if (row.name === 'end' || row.name === 'else') depth--;
    const text = row.name + immediates(row.takes);
    const opens = row.takes === 'block';
    if (depth > 0) lines.push('  '.repeat(depth) + text + (opens ? `  ;; @${depth}` : ''));
    if (opens || row.name === 'else') depth++;
  }
  if (r.at !== code.length) throw new Error(`${code.length - r.at} bytes behind the end`);
  return lines;
}
