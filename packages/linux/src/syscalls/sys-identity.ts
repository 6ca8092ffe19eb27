import { CAP_LAST_CAP, E, LINUX_CAPABILITY_VERSION } from '@tally86/abi';
import type { Credentials } from '../kernel/identity.ts';
import type { Process, Task } from '../kernel/types.ts';
import { findProcess } from './sys-process.ts';
import { fixed, full, partial } from './define.ts';
import type { SyscallArgs, SyscallEntry, SyscallHandler } from './types.ts';

type UserIds = 'uid' | 'euid' | 'suid';
type GroupIds = 'gid' | 'egid' | 'sgid';
const NO_CHANGE = 0xffff_ffff;
const MAX_GROUPS = 65_536;

/** Root is privileged, as with all capabilities; there are no other ways to be. */
const isPrivileged = ({ euid }: Credentials): boolean => euid === 0;

const writeIds = (task: Task, args: SyscallArgs, ids: readonly number[]): number =>
  ids.every((id, index) => task.user.writeU32(args.ptr(index), id)) ? 0 : -E.EFAULT;

/** setresuid and its kind: each id may become one of the present three, or anything for root. */
function setIds(credentials: Credentials, names: readonly (UserIds | GroupIds)[], wanted: readonly number[]): number {
  const present = names.map((name) => credentials[name]);
  const allowed = (id: number): boolean => id === NO_CHANGE || isPrivileged(credentials) || present.includes(id);
  if (!wanted.every(allowed)) return -E.EPERM;
  names.forEach((name, index) => {
    if (wanted[index] !== NO_CHANGE) credentials[name] = wanted[index];
  });
  if (names[1] === 'euid') credentials.fsuid = credentials.euid;
  else credentials.fsgid = credentials.egid;
  return 0;
}

const USER: readonly UserIds[] = ['uid', 'euid', 'suid'];
const GROUP: readonly GroupIds[] = ['gid', 'egid', 'sgid'];

const setres = (names: readonly (UserIds | GroupIds)[]): SyscallHandler => ({ process }, args) => setIds(process.credentials, names, [args.u32(0), args.u32(1), args.u32(2)]);

/** setreuid(2): a changed real id, or an effective one that is not the real, moves the saved id along. */
const setre = (names: readonly (UserIds | GroupIds)[]): SyscallHandler => ({ process }, args) => {
  const { credentials } = process;
  const [real, effective] = [args.u32(0), args.u32(1)];
  const oldReal = credentials[names[0]];
  const saved = real !== NO_CHANGE || (effective !== NO_CHANGE && effective !== oldReal) ? (effective === NO_CHANGE ? credentials[names[1]] : effective) : NO_CHANGE;
  const error = setIds(credentials, names, [real, effective, NO_CHANGE]);
  if (error === 0 && saved !== NO_CHANGE) credentials[names[2]] = saved;
  return error;
};

/** setuid(2): root sets all three, others only the effective one. */
const setOne = (names: readonly (UserIds | GroupIds)[]): SyscallHandler => ({ process }, args) => {
  const id = args.u32(0);
  if (id === NO_CHANGE) return -E.EINVAL;
  const { credentials } = process;
  if (isPrivileged(credentials)) return setIds(credentials, names, [id, id, id]);
  return id === credentials[names[0]] || id === credentials[names[2]] ? setIds(credentials, names, [NO_CHANGE, id, NO_CHANGE]) : -E.EPERM;
};

/** setfsuid(2): answers the old id and never fails. */
const setFs = (name: 'fsuid' | 'fsgid', names: readonly (UserIds | GroupIds)[]): SyscallHandler => ({ process }, args) => {
  const { credentials } = process;
  const old = credentials[name];
  const id = args.u32(0);
  if (id !== NO_CHANGE && (isPrivileged(credentials) || id === old || names.some((other) => credentials[other] === id))) credentials[name] = id;
  return old;
};

const getgroups: SyscallHandler = (task, args) => {
  const { groups } = task.process.credentials;
  const size = args.i32(0);
  if (size < 0) return -E.EINVAL;
  if (size === 0) return groups.length;
  if (groups.length > size) return -E.EINVAL;
  return task.user.write(args.ptr(1), new Uint8Array(Uint32Array.from(groups).buffer)) ? groups.length : -E.EFAULT;
};

const setgroups: SyscallHandler = (task, args) => {
  const { credentials } = task.process;
  if (!isPrivileged(credentials)) return -E.EPERM;
  const count = args.u32(0);
  if (count > MAX_GROUPS) return -E.EINVAL;
  const list = new Uint32Array(count);
  if (!task.user.read(args.ptr(1), new Uint8Array(list.buffer))) return -E.EFAULT;
  credentials.groups = [...list].sort((a, b) => a - b);
  return 0;
};

const ALL_CAPABILITIES = (1n << BigInt(CAP_LAST_CAP + 1)) - 1n;
const capabilities = ({ credentials }: Process): bigint => (isPrivileged(credentials) ? ALL_CAPABILITIES : 0n);

/** Reads the header; the number of 32-bit words, or −errno after writing the version we prefer. */
function capHeader(task: Task, args: SyscallArgs): { words: number; pid: number } | number {
  const header = task.user.view(args.ptr(0), 8);
  if (header === null) return -E.EFAULT;
  const version = header.getUint32(0, true);
  const { V1, V2, V3 } = LINUX_CAPABILITY_VERSION;
  if (version === V1) return { words: 1, pid: header.getInt32(4, true) };
  if (version === V2 || version === V3) return { words: 2, pid: header.getInt32(4, true) };
  if (!task.user.writeU32(args.ptr(0), V3)) return -E.EFAULT;
  return args.isNull(1) ? 0 : -E.EINVAL;
}

const capget: SyscallHandler = (task, args) => {
  const header = capHeader(task, args);
  if (typeof header === 'number') return header;
  if (header.pid < 0) return -E.EINVAL;
  const process = findProcess(task, header.pid);
  if (process === null) return -E.ESRCH;
  const set = capabilities(process);
  const words = new Uint32Array(header.words * 3);
  for (let i = 0; i < header.words; i += 1) words[i * 3] = words[i * 3 + 1] = Number((set >> BigInt(i * 32)) & 0xffff_ffffn);
  return task.user.write(args.ptr(1), new Uint8Array(words.buffer)) ? 0 : -E.EFAULT;
};

const capset: SyscallHandler = (task, args) => {
  const header = capHeader(task, args);
  if (typeof header === 'number') return header;
  if (header.pid !== 0 && header.pid !== task.process.pid) return -E.EPERM;
  const data = task.user.view(args.ptr(1), header.words * 12);
  if (data === null) return -E.EFAULT;
  let wanted = 0n;
  for (let i = 0; i < header.words; i += 1) wanted |= BigInt(data.getUint32(i * 12, true) | data.getUint32(i * 12 + 4, true) | data.getUint32(i * 12 + 8, true)) << BigInt(i * 32);
  return (BigInt.asUintN(64, wanted) & ~capabilities(task.process)) === 0n ? 0 : -E.EPERM;
};

/** kernel/sys.c, kernel/capability.c: who the program is. */
export const identitySyscalls: readonly SyscallEntry[] = [
  full('getuid', '', ({ process }) => process.credentials.uid),
  full('geteuid', '', ({ process }) => process.credentials.euid),
  full('getgid', '', ({ process }) => process.credentials.gid),
  full('getegid', '', ({ process }) => process.credentials.egid),
  full('getresuid', 'ptr ptr ptr', (task, args) => writeIds(task, args, USER.map((name) => task.process.credentials[name]))),
  full('getresgid', 'ptr ptr ptr', (task, args) => writeIds(task, args, GROUP.map((name) => task.process.credentials[name]))),
  full('setuid', 'uint', setOne(USER)),
  full('setgid', 'uint', setOne(GROUP)),
  full('setreuid', 'int int', setre(USER)),
  full('setregid', 'int int', setre(GROUP)),
  full('setresuid', 'int int int', setres(USER)),
  full('setresgid', 'int int int', setres(GROUP)),
  full('setfsuid', 'uint', setFs('fsuid', USER)),
  full('setfsgid', 'uint', setFs('fsgid', GROUP)),
  full('getgroups', 'int ptr', getgroups),
  full('setgroups', 'int ptr', setgroups),
  full('capget', 'ptr ptr', capget),
  partial('capset', 'ptr ptr', 'capabilities that are given up stay', capset),
  fixed('acct', 'path', 'not privileged', -E.EPERM),
];
