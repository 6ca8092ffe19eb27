import { E } from '@tally86/abi';
import { byteString } from '@tally86/vfs';
import type { Process } from '../kernel/types.ts';

const MAX_ADJUSTMENT = 1000;
/** /proc/PID/oom_adj has a scale of its own (OOM_ADJUST_MAX, OOM_DISABLE). */
const OLD_MAX = 15, OLD_MIN = -17;

/** A number as user space writes it: decimal, hexadecimal or octal, blanks around it; null for anything else. */
function parseNumber(bytes: Uint8Array): number | null {
  const text = byteString(bytes.subarray(0, 32)).trim();
  const octal = /^([+-]?)0([0-7]+)$/.exec(text);
  if (octal !== null) return Number.parseInt(octal[1]! + octal[2]!, 8);
  return /^[+-]?(0x[\da-f]+|\d+)$/i.test(text) ? Number(text) : null;
}

/** A write that sets a number within bounds: the bytes taken, or −errno. */
function writeNumber(bytes: Uint8Array, lowest: number, highest: number, set: (value: number) => number): number {
  const value = parseNumber(bytes);
  if (value === null || value < lowest || value > highest) return -E.EINVAL;
  const error = set(value);
  return error < 0 ? error : bytes.length;
}

/** Only root makes a process less likely a victim than it was last allowed to be. */
function setAdjustment({ settings, credentials }: Process, value: number): number {
  if (value < settings.oomScoreFloor && credentials.euid !== 0) return -E.EACCES;
  settings.oomScoreAdjustment = value;
  if (credentials.euid === 0) settings.oomScoreFloor = value;
  return 0;
}

/** /proc/PID/oom_score_adj. */
export const writeOomScoreAdjustment = (process: Process) => (bytes: Uint8Array): number =>
  writeNumber(bytes, -MAX_ADJUSTMENT, MAX_ADJUSTMENT, (value) => setAdjustment(process, value));

/** /proc/PID/oom_adj: the same in −17 to 15. */
export function oomAdjText({ settings: { oomScoreAdjustment } }: Process): string {
  return `${oomScoreAdjustment === MAX_ADJUSTMENT ? OLD_MAX : Math.trunc((oomScoreAdjustment * -OLD_MIN) / MAX_ADJUSTMENT)}\n`;
}
export const writeOomAdj = (process: Process) => (bytes: Uint8Array): number =>
  writeNumber(bytes, OLD_MIN, OLD_MAX, (value) => {
    const scaled = value === OLD_MAX ? MAX_ADJUSTMENT : Math.trunc((value * MAX_ADJUSTMENT) / -OLD_MIN);
    const { settings, credentials } = process;
    return scaled < settings.oomScoreAdjustment && credentials.euid !== 0 ? -E.EACCES : setAdjustment(process, scaled);
  });

/** /proc/PID/oom_score: what of a thousand parts of memory it uses, and what was added (mm/oom_kill.c, oom_badness). */
export function oomScoreText({ mm, settings }: Process): string {
  const { budgetBytes, frames, pageTableBytes } = mm.mmu.stats();
  const share = Math.floor(((frames * 4096 + pageTableBytes) / budgetBytes) * 1000);
  return `${Math.max(0, Math.floor(((1000 + share + settings.oomScoreAdjustment) * 2) / 3))}\n`;
}

/** /proc/PID/coredump_filter. */
export const coreFilterText = ({ settings }: Process): string => `${settings.coreFilter.toString(16).padStart(8, '0')}\n`;
export const writeCoreFilter = ({ settings }: Process) => (bytes: Uint8Array): number =>
  writeNumber(bytes, 0, 0xffff_ffff, (value) => {
    settings.coreFilter = value & 0x1ff;
    return 0;
  });

/** /proc/PID/timerslack_ns. */
export const writeTimerSlack = ({ settings }: Process, initial: number) => (bytes: Uint8Array): number =>
  writeNumber(bytes, 0, Number.MAX_SAFE_INTEGER, (value) => {
    settings.timerSlack = value === 0 ? initial : value;
    return 0;
  });

/** /proc/PID/io. Nothing tells what reached a disk. */
export function ioText({ settings: { io } }: Process): string {
  return `rchar: ${io.readBytes}\nwchar: ${io.writtenBytes}\nsyscr: ${io.reads}\nsyscw: ${io.writes}\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n`;
}
