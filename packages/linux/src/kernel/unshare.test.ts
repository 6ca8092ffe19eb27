import { AT_FDCWD, CLONE, errnoName, F, O } from '@tally86/abi';
import { describe, expect, it } from 'vitest';
import { createGuest, DATA, type Guest } from '../../test/guest.ts';

const THREAD = CLONE.VM | CLONE.FS | CLONE.FILES | CLONE.SIGHAND | CLONE.THREAD | CLONE.SYSVSEM;
const name = (result: number): number | string => (result < 0 ? `-${errnoName(-result)}` : result);

/** A guest whose child shares with it what `flags` say. */
function withChild(flags: number): Guest & { readonly child: Guest['task'] } {
  const guest = createGuest();
  const tid = guest.call('clone', flags | ((flags & CLONE.THREAD) === 0 ? 17 : 0), DATA + 0x800, 0, 0, 0);
  return { ...guest, child: guest.machine.tasks.get(tid)! };
}
/** A child that shares all, and a thread: what is copied is the caller's own either way. */
const CHILDREN = [['process', CLONE.VM | CLONE.FILES | CLONE.FS], ['thread', THREAD]] as const;

describe('unshare', () => {
  it.each(CHILDREN)('copies the table of descriptors that another %s has, too', (_kind, flags) => {
    const { child, task, call } = withChild(flags);
    expect([child.files === task.files, task.files.users]).toEqual([true, 2]);
    expect(call('unshare', CLONE.FILES)).toBe(0);
    expect([child.files === task.files, task.files.users, child.files.users]).toEqual([false, 1, 1]);
    expect([call('close', 0), call('fcntl', 0, F.GETFD), call('unshare', CLONE.FILES)].map(name)).toEqual([0, '-EBADF', 0]);
  });
  it.each(CHILDREN)('copies directory and umask of another %s', (_kind, flags) => {
    const { child, task, call, poke } = withChild(flags);
    expect(child.fs).toBe(task.fs);
    expect(call('unshare', CLONE.FS)).toBe(0);
    call('umask', 0o77);
    expect(child.fs).toMatchObject({ umask: 0o022 });
    expect(task.fs).toMatchObject({ umask: 0o077 });
    poke(DATA, new TextEncoder().encode('/tmp\0'));
    expect(call('chdir', DATA)).toBe(0);
    expect((child.fs as unknown as { cwd: unknown }).cwd).not.toBe((task.fs as unknown as { cwd: unknown }).cwd);
  });
  it.each([[0, 0], [CLONE.SYSVSEM, 0], [CLONE.THREAD, 0], [CLONE.SIGHAND, 0], [CLONE.VM, 0], [CLONE.FILES | CLONE.FS, 0], [1, '-EINVAL'], [0x1_0000_0000, '-EINVAL'], [CLONE.PARENT_SETTID, '-EINVAL'],
    [CLONE.NEWNET, '-EPERM'], [CLONE.NEWNS, '-EPERM'], [CLONE.NEWUSER, '-EINVAL']])('of %i alone: %s', (flags, expected) => {
    expect(name(createGuest().call('unshare', flags))).toBe(expected);
  });
  it.each([[CLONE.THREAD], [CLONE.SIGHAND], [CLONE.VM]])('of %i beside another thread is refused', (flags) => {
    const { call } = createGuest();
    call('clone', THREAD, DATA + 0x400, 0, 0, 0);
    expect(name(call('unshare', flags))).toBe('-EINVAL');
  });
  it('of handlers and memory that another process has is refused', () => {
    const { call } = withChild(CLONE.VM | CLONE.SIGHAND);
    expect([CLONE.SIGHAND, CLONE.VM, CLONE.THREAD].map((flag) => name(call('unshare', flag)))).toEqual(['-EINVAL', '-EINVAL', 0]);
  });
});

describe('close_range', () => {
  it.each(CHILDREN)('with CLOSE_RANGE_UNSHARE leaves the descriptors of another %s', (_kind, flags) => {
    const { child, task, call, poke } = withChild(flags);
    poke(DATA, new TextEncoder().encode('/dev/null\0'));
    expect(call('openat', AT_FDCWD, DATA, O.RDONLY, 0)).toBe(3);
    expect(call('close_range', 3, 0xffff_ffff, 2)).toBe(0);
    expect([task.files, child.files].map((files) => (files as unknown as { last: number }).last)).toEqual([2, 3]);
  });
  it('without it closes them for all', () => {
    const { child, call } = withChild(CLONE.VM | CLONE.FILES);
    expect(call('close_range', 1, 0xffff_ffff, 0)).toBe(0);
    expect((child.files as unknown as { last: number }).last).toBe(0);
  });
});
