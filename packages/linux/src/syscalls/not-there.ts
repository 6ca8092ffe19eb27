import type { SyscallName } from '@tally86/abi';
import { absent } from './define.ts';
import type { SyscallEntry } from './types.ts';

/** Whole groups of calls that a kernel can be built without, or that nobody has: names by reason. */
const REASONS: readonly (readonly [note: string, names: readonly SyscallName[]])[] = [
  ['no System V IPC', ['shmget', 'shmat', 'shmctl', 'shmdt', 'semget', 'semop', 'semctl', 'semtimedop', 'msgget', 'msgsnd', 'msgrcv', 'msgctl']],
  ['no POSIX message queues', ['mq_open', 'mq_unlink', 'mq_timedsend', 'mq_timedreceive', 'mq_notify', 'mq_getsetattr']],
  ['no asynchronous reads and writes', ['io_setup', 'io_destroy', 'io_getevents', 'io_submit', 'io_cancel', 'io_pgetevents']],
  ['no io_uring', ['io_uring_setup', 'io_uring_enter', 'io_uring_register']],
  ['no keyrings', ['add_key', 'request_key', 'keyctl']],
  ['no fanotify', ['fanotify_mark']],
  ['nothing can be mounted', ['open_tree', 'move_mount', 'fsopen', 'fsconfig', 'fsmount', 'fspick', 'mount_setattr']],
  ['no Landlock', ['landlock_create_ruleset', 'landlock_add_rule', 'landlock_restrict_self']],
  ['NUMA', ['set_mempolicy_home_node']],
  ['not configured', ['quotactl_fd', 'kexec_file_load', 'uselib', 'lookup_dcookie']],
  ['obsolete', ['ustat', 'sysfs']],
  ['newer than Linux 6.1', [
    'cachestat', 'map_shadow_stack', 'statmount', 'listmount', 'lsm_get_self_attr', 'lsm_set_self_attr', 'lsm_list_modules', 'mseal',
  ]],
  ['ENOSYS on Linux, too', [
    '_sysctl', 'create_module', 'get_kernel_syms', 'query_module', 'nfsservctl', 'getpmsg', 'putpmsg', 'afs_syscall', 'tuxcall', 'security', 'set_thread_area',
    'get_thread_area', 'epoll_ctl_old', 'epoll_wait_old', 'vserver',
  ]],
];

export const absentSyscalls: readonly SyscallEntry[] = REASONS.flatMap(([note, names]) => names.map((name) => absent(name, note)));
