import type { Task } from '../../kernel/types.ts';
import type { Socket } from '../socket.ts';

/** An option as data. */
export interface OptionRow {
  readonly name: number;
  /** A number as an int, bytes as they are; below −1: −errno (see {@link isError}). `room`: bytes of the guest's buffer. Absent: −ENOPROTOOPT. */
  readonly get?: (socket: Socket, room: number, task: Task) => number | Uint8Array;
  /** `value` is the first int of the bytes, or the first byte where that is enough. 0 or −errno. Absent: −ENOPROTOOPT. */
  readonly set?: (socket: Socket, value: number, bytes: Uint8Array, task: Task) => number;
  /** Bytes that set() needs at least: −EINVAL for fewer. Default 4. */
  readonly least?: number;
}

/** Options of one level by number. */
export type OptionTable = ReadonlyMap<number, OptionRow>;

export const optionTable = (rows: readonly OptionRow[]): OptionTable => new Map(rows.map((row) => [row.name, row]));

/** Numbers below −1 are errors of a getter: no option has such a value. */
export const isError = (value: number | Uint8Array): value is number => typeof value === 'number' && value < -1;
