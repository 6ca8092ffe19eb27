import { DIRENT64, E, S } from '@tally86/abi';
import type { DirectoryEntry } from '@tally86/core';
import type { Task } from '../kernel/types.ts';
import { fileAt, worldOf } from '../fs/access.ts';
import { DirectoryFile } from '../fs/directory-file.ts';
import { CHUNK } from '../fs/user-io.ts';
import { full } from './define.ts';
import type { SyscallArgs, SyscallEntry } from './types.ts';

/** d_type: the S_IFMT bits, shifted. */
const typeOf = (type: number): number => type >> 12;
const align = (length: number): number => (length + 7) & ~7;

/** Puts an entry at `at`; its length, or 0 if there is no room. */
type Layout = (entry: DirectoryEntry, next: number, bytes: Uint8Array, at: number) => number;

const HEAD64 = 19;
const dirent64: Layout = ({ name, ino, type }, next, bytes, at) => {
  const length = align(HEAD64 + name.length + 1);
  if (at + length > bytes.length) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, length);
  putHead(view, ino, next, length);
  view.setUint8(DIRENT64.fields.d_type.offset, typeOf(type));
  for (let i = 0; i < name.length; i += 1) view.setUint8(HEAD64 + i, name.charCodeAt(i));
  return length;
};

/** struct linux_dirent of getdents(2): the type is the last byte. */
const HEAD = 18;
const dirent: Layout = ({ name, ino, type }, next, bytes, at) => {
  const length = align(HEAD + name.length + 2);
  if (at + length > bytes.length) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, length);
  putHead(view, ino, next, length);
  for (let i = 0; i < name.length; i += 1) view.setUint8(HEAD + i, name.charCodeAt(i));
  view.setUint8(length - 1, typeOf(type));
  return length;
};

function putHead(view: DataView, ino: number, next: number, length: number): void {
  view.setBigUint64(0, BigInt(ino), true);
  view.setBigInt64(8, BigInt(next), true);
  view.setUint16(16, length, true);
}

function getdents(layout: Layout) {
  return (task: Task, args: SyscallArgs): number => {
    const file = fileAt(task, args.i32(0));
    if (typeof file === 'number') return file;
    if (file.dentry.inode.type !== S.IFDIR || !(file.operations instanceof DirectoryFile)) return -E.ENOTDIR;
    const entries = file.operations.entries(file);
    if (typeof entries === 'number') return entries;
    const bytes = new Uint8Array(Math.min(args.u32(2), CHUNK));
    let used = 0;
    let index = file.position;
    for (; index < entries.length; index += 1) {
      const length = layout(entries[index]!, index + 1, bytes, used);
      if (length === 0) break;
      used += length;
    }
    if (used === 0 && index < entries.length) return -E.EINVAL;
    if (used > 0 && !task.user.write(args.ptr(1), bytes.subarray(0, used))) return -E.EFAULT;
    file.position = index;
    worldOf(task).notify.accessed(file);
    return used;
  };
}

export const directorySyscalls: readonly SyscallEntry[] = [
  full('getdents64', 'fd ptr uint', getdents(dirent64)),
  full('getdents', 'fd ptr uint', getdents(dirent)),
];
