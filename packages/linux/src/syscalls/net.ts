import { netConnectSyscalls } from './net-connect.ts';
import { netCreateSyscalls } from './net-create.ts';
import { netOptionSyscalls } from './net-options.ts';
import { netReceiveSyscalls } from './net-receive.ts';
import { netSendSyscalls } from './net-send.ts';
import type { SyscallEntry } from './types.ts';

/** Every system call about sockets. */
export const netSyscalls: readonly SyscallEntry[] = [...netCreateSyscalls, ...netConnectSyscalls, ...netOptionSyscalls, ...netSendSyscalls, ...netReceiveSyscalls];
