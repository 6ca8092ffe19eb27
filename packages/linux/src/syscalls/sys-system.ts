import { E, GRND, packStruct, RLIM_INFINITY, RLIM_NLIMITS, RLIMIT, SYSINFO, UTSNAME } from '@tally86/abi';
import type { Limits } from '../kernel/limits.ts';
import type { Task } from '../kernel/types.ts';
import { findProcess } from './sys-process.ts';
import { fixed, full, partial } from './define.ts';
import type { SyscallEntry, SyscallHandler } from './types.ts';

const field = (text: string): Uint8Array => Uint8Array.from(text.slice(0, 64), (char) => char.charCodeAt(0));

const uname: SyscallHandler = ({ user, kernel: { identity } }, args) => {
  const bytes = packStruct(UTSNAME, {
    sysname: field(identity.sysname), nodename: field(identity.nodename), release: field(identity.release),
    version: field(identity.version), machine: field(identity.machine), domainname: field(identity.domainname),
  });
  return user.write(args.ptr(0), bytes) ? 0 : -E.EFAULT;
};

const sysinfo: SyscallHandler = ({ user, kernel, process }, args) => {
  const { budgetBytes, frames, pageTableBytes } = process.mm.mmu.stats();
  const bytes = packStruct(SYSINFO, {
    uptime: Math.floor(kernel.clock.monotonic() / 1e9),
    totalram: budgetBytes, freeram: Math.max(0, budgetBytes - frames * 4096 - pageTableBytes),
    procs: kernel.processes.size, mem_unit: 1,
  });
  return user.write(args.ptr(0), bytes) ? 0 : -E.EFAULT;
};

/** getrandom(2) never blocks: the generator is always seeded. Long requests are written piece by piece. */
const getrandom: SyscallHandler = ({ user, kernel }, args) => {
  const flags = args.u32(2);
  if ((flags & ~(GRND.NONBLOCK | GRND.RANDOM | GRND.INSECURE)) !== 0) return -E.EINVAL;
  if ((flags & (GRND.INSECURE | GRND.RANDOM)) === (GRND.INSECURE | GRND.RANDOM)) return -E.EINVAL;
  const address = args.ptr(0);
  const length = Math.min(args.size(1), 0x7fff_f000);
  if (!user.inUserSpace(address, length)) return -E.EFAULT;
  const chunk = new Uint8Array(Math.min(length, 65_536));
  for (let done = 0; done < length; ) {
    const piece = chunk.subarray(0, Math.min(chunk.length, length - done));
    kernel.entropy.fill(piece);
    const written = user.copyOut(address + done, piece);
    done += written;
    if (written < piece.length) return done === 0 ? -E.EFAULT : done;
  }
  return length;
};

const toRlim = (value: number): bigint => (value === Infinity ? RLIM_INFINITY : BigInt(value));
const fromRlim = (value: bigint): number => (value > BigInt(Number.MAX_SAFE_INTEGER) ? Infinity : Number(value));

function readLimit(task: Task, address: number): [number, number] | null {
  const view = task.user.view(address, 16);
  return view === null ? null : [fromRlim(view.getBigUint64(0, true)), fromRlim(view.getBigUint64(8, true))];
}

function writeLimit(task: Task, address: number, limits: Limits, resource: number): number {
  const [soft, hard] = limits.values[resource];
  return task.user.write(address, new Uint8Array(BigUint64Array.of(toRlim(soft), toRlim(hard)).buffer)) ? 0 : -E.EFAULT;
}

function setLimit(task: Task, limits: Limits, resource: number, next: [number, number]): number {
  const [soft, hard] = next;
  if (soft > hard) return -E.EINVAL;
  if (resource === RLIMIT.NOFILE && hard > 1_048_576) return -E.EPERM;
  if (hard > limits.values[resource][1] && task.process.credentials.euid !== 0) return -E.EPERM;
  limits.values[resource] = next;
  return 0;
}

const prlimit64: SyscallHandler = (task, args) => {
  const resource = args.u32(1);
  const next = args.isNull(2) ? null : readLimit(task, args.ptr(2));
  if (next === null && !args.isNull(2)) return -E.EFAULT;
  const target = findProcess(task, args.i32(0));
  if (target === null) return -E.ESRCH;
  if (resource >= RLIM_NLIMITS) return -E.EINVAL;
  const old: Limits = { values: target.limits.values.map(([soft, hard]) => [soft, hard]) };
  if (next !== null) {
    const error = setLimit(task, target.limits, resource, next);
    if (error < 0) return error;
  }
  return args.isNull(3) ? 0 : writeLimit(task, args.ptr(3), old, resource);
};

const getrlimit: SyscallHandler = (task, args) =>
  args.u32(0) >= RLIM_NLIMITS ? -E.EINVAL : writeLimit(task, args.ptr(1), task.process.limits, args.u32(0));
const setrlimit: SyscallHandler = (task, args) => {
  const next = readLimit(task, args.ptr(1));
  if (next === null) return -E.EFAULT;
  return args.u32(0) >= RLIM_NLIMITS ? -E.EINVAL : setLimit(task, task.process.limits, args.u32(0), next);
};

/** kernel/sys.c and drivers/char/random.c. */
export const systemSyscalls: readonly SyscallEntry[] = [
  full('uname', 'ptr', uname),
  partial('sysinfo', 'ptr', 'memory is the budget of the machine; no load', sysinfo),
  full('getrandom', 'ptr size hex', getrandom),
  full('prlimit64', 'pid resource ptr ptr', prlimit64),
  full('getrlimit', 'resource ptr', getrlimit),
  full('setrlimit', 'resource ptr', setrlimit),
  fixed('sethostname', 'string size', 'not privileged', -E.EPERM),
  fixed('setdomainname', 'string size', 'not privileged', -E.EPERM),
  fixed('reboot', 'hex hex hex ptr', 'not privileged', -E.EPERM),
  fixed('iopl', 'int', 'not privileged', -E.EPERM),
  fixed('ioperm', 'hex hex int', 'not privileged', -E.EPERM),
  fixed('syslog', 'int ptr int', 'not privileged', -E.EPERM),
  fixed('vhangup', '', 'not privileged', -E.EPERM),
  fixed('init_module', 'ptr size string', 'not privileged', -E.EPERM),
  fixed('finit_module', 'fd string int', 'not privileged', -E.EPERM),
  fixed('delete_module', 'string int', 'not privileged', -E.EPERM),
  fixed('kexec_load', 'long long ptr long', 'not privileged', -E.EPERM),
  fixed('bpf', 'int ptr uint', 'not privileged', -E.EPERM),
  fixed('perf_event_open', 'ptr pid int int hex', 'not privileged', -E.EACCES),
];
