import { AT_FDCWD, CLOCK, MAP, O, RLIMIT, signalName } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import type { ArgFormat } from '../syscalls/types.ts';

const MAX_TEXT = 32;
const hex = (value: bigint): string => (value === 0n ? 'NULL' : `0x${value.toString(16)}`);

/** One argument as text; `result` is known for `@out` formats. Never throws, whatever the guest passes. */
export function formatArgument(task: Task, formats: readonly ArgFormat[], index: number, result: number | null): string {
  const { args, user } = task;
  const address = args.ptr(index);
  const pointer = hex(args.u64(index));
  switch (formats[index]) {
    case 'int':
    case 'fd':
    case 'pid':
      return String(args.i32(index));
    case 'uint':
      return String(args.u32(index));
    case 'long':
      return String(args.i64(index));
    case 'size':
      return String(args.u64(index));
    case 'octal':
      return `0${args.u32(index).toString(8)}`;
    case 'dirfd':
      return args.i32(index) === AT_FDCWD ? 'AT_FDCWD' : String(args.i32(index));
    case 'path':
    case 'string': {
      const text = args.isNull(index) ? null : user.readString(address, 4096);
      return typeof text === 'string' ? quote(text, formats[index] === 'path' ? 4096 : MAX_TEXT) : pointer;
    }
    case 'strings':
      return formatStrings(task, address, pointer);
    case 'signal':
      return args.i32(index) > 0 ? signalName(args.i32(index)) : String(args.i32(index));
    case 'buf':
      return formatBytes(task, address, args.size(index + 1), pointer);
    case 'buf@out':
      return result === null || result < 0 ? pointer : formatBytes(task, address, result, pointer);
    case 'int@out': {
      const value = user.readI32(address);
      return value === null || result === null || result < 0 ? pointer : `[${value}]`;
    }
    case 'timespec':
      return formatTimespec(task, address, pointer);
    case 'timespec@out':
      return result === null || result < 0 ? pointer : formatTimespec(task, address, pointer);
    case 'sigset': {
      const set = user.readU64(address);
      return set === null ? pointer : formatSigset(set);
    }
    case 'prot':
      return formatBits(args.u32(index), { PROT_READ: 1, PROT_WRITE: 2, PROT_EXEC: 4 }, 'PROT_NONE');
    case 'mapflags':
      return formatMapFlags(args.u32(index));
    case 'openflags':
      return formatOpenFlags(args.u32(index));
    case 'clock':
      return nameOf(CLOCK, args.i32(index), 'CLOCK_');
    case 'resource':
      return nameOf(RLIMIT, args.i32(index), 'RLIMIT_');
    default:
      return pointer;
  }
}

function nameOf(names: Readonly<Record<string, number>>, value: number, prefix: string): string {
  const found = Object.entries(names).find(([, number]) => number === value);
  return found === undefined ? String(value) : prefix + found[0];
}

function formatBits(value: number, names: Readonly<Record<string, number>>, none: string): string {
  const parts: string[] = [];
  let rest = value;
  for (const [name, bit] of Object.entries(names)) {
    if (bit === 0 || (rest & bit) !== bit) continue;
    parts.push(name);
    rest &= ~bit;
  }
  if (rest !== 0) parts.push(`0x${(rest >>> 0).toString(16)}`);
  return parts.length === 0 ? none : parts.join('|');
}

function formatMapFlags(flags: number): string {
  const type = ['0', 'MAP_SHARED', 'MAP_PRIVATE', 'MAP_SHARED_VALIDATE'][flags & MAP.TYPE] ?? `0x${(flags & MAP.TYPE).toString(16)}`;
  const { SHARED: _s, PRIVATE: _p, SHARED_VALIDATE: _v, TYPE: _t, ...others } = MAP;
  const rest = flags & ~MAP.TYPE;
  return rest === 0 ? type : `${type}|${formatBits(rest, Object.fromEntries(Object.entries(others).map(([name, bit]) => [`MAP_${name}`, bit])), '')}`;
}

function formatOpenFlags(flags: number): string {
  const mode = ['O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_ACCMODE'][flags & O.ACCMODE];
  const { ACCMODE: _a, RDONLY: _r, WRONLY: _w, RDWR: _rw, ...others } = O;
  // Flags that contain others come first.
  const ordered = Object.entries(others).sort(([, a], [, b]) => bitCount(b) - bitCount(a)).map(([name, bit]) => [`O_${name}`, bit]);
  const rest = flags & ~O.ACCMODE;
  return rest === 0 ? mode : `${mode}|${formatBits(rest, Object.fromEntries(ordered), '')}`;
}

const bitCount = (value: number): number => value.toString(2).replaceAll('0', '').length;

function formatTimespec({ user }: Task, address: number, pointer: string): string {
  const view = user.view(address, 16);
  return view === null ? pointer : `{tv_sec=${view.getBigInt64(0, true)}, tv_nsec=${view.getBigInt64(8, true)}}`;
}

function formatSigset(set: bigint): string {
  const names: string[] = [];
  for (let signal = 1; signal <= 64; signal += 1) if ((set >> BigInt(signal - 1)) & 1n) names.push(signalName(signal).slice(3));
  return names.length > 32 ? `~[${64 - names.length} others]` : `[${names.join(' ')}]`;
}

function formatBytes({ user }: Task, address: number, length: number, pointer: string): string {
  const bytes = new Uint8Array(Math.min(length, MAX_TEXT));
  if (!user.read(address, bytes)) return pointer;
  return quote(String.fromCharCode(...bytes), MAX_TEXT) + (length > MAX_TEXT ? '...' : '');
}

function formatStrings({ user }: Task, address: number, pointer: string): string {
  const texts: string[] = [];
  for (let i = 0; i < 16; i += 1) {
    const at = user.readPtr(address + i * 8);
    if (at === null) return pointer;
    if (at === 0) return `[${texts.join(', ')}]`;
    const text = user.readString(at, 4096);
    texts.push(typeof text === 'string' ? quote(text, MAX_TEXT) : `0x${at.toString(16)}`);
  }
  return `[${texts.join(', ')}, ...]`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '"': '\\"', '\\': '\\\\' };

/** A byte string in quotes, cut at `limit`. */
function quote(text: string, limit: number): string {
  let out = '';
  for (const char of text.slice(0, limit)) {
    const code = char.charCodeAt(0);
    out += ESCAPES[char] ?? (code < 32 || code > 126 ? `\\${code.toString(8)}` : char);
  }
  return `"${out}"${text.length > limit ? '...' : ''}`;
}
