import { CLONE, CLONE_ARGS, errnoName, packStruct, RLIMIT } from '@tally86/abi';
import { CELL, REG } from '@tally86/core';
import { describe, expect, it } from 'vitest';
import { createGuest, DATA, type Guest } from '../../test/guest.ts';
import { createCredentials } from '../index.ts';

const THREAD = CLONE.VM | CLONE.FS | CLONE.FILES | CLONE.SIGHAND | CLONE.THREAD | CLONE.SYSVSEM;
const PTHREAD = THREAD | CLONE.SETTLS | CLONE.PARENT_SETTID | CLONE.CHILD_CLEARTID | CLONE.CHILD_SETTID;
const name = (result: number): number | string => (result < 0 ? `-${errnoName(-result)}` : result);
const word = (guest: Guest, address: number): number => new DataView(guest.peek(address, 4).buffer).getUint32(0, true);
const clone3 = (guest: Guest, fields: Parameters<typeof packStruct<keyof typeof CLONE_ARGS.fields>>[1]): number => {
  guest.poke(DATA + 0x800, packStruct(CLONE_ARGS, fields));
  return guest.call('clone3', DATA + 0x800, CLONE_ARGS.size);
};

describe('a new thread', () => {
  it('returns 0 on its own stack, with the mask of its creator and nothing counted', () => {
    const guest = createGuest();
    guest.poke(DATA, new Uint8Array(BigUint64Array.of(0x200n).buffer));
    guest.call('rt_sigprocmask', 0, DATA, 0, 8);
    guest.poke(DATA, new Uint8Array(BigUint64Array.of(BigInt(DATA), 0n, 8192n).buffer));
    guest.call('sigaltstack', DATA, 0);
    expect(clone3(guest, { flags: PTHREAD, stack: DATA, stack_size: 0x400, tls: 0x1234_5000, parent_tid: DATA + 0x900, child_tid: DATA + 0x904 })).toBe(1001);
    expect([word(guest, DATA + 0x900), word(guest, DATA + 0x904)]).toEqual([1001, 1001]);
    const thread = guest.machine.tasks.get(1001)!;
    expect([thread.process, thread.signalMask, thread.altStack.size, guest.task.altStack.size, thread.clearChildTid]).toEqual([guest.process, 0x200n, 0, 8192, DATA + 0x904]);
    const cells = new BigUint64Array(thread.saved.buffer, 0, 64);
    expect([cells[REG.rax], cells[REG.rsp], cells[CELL.fsBase], cells[CELL.retired]]).toEqual([0n, BigInt(DATA + 0x400), 0x1234_5000n, 0n]);
    expect(guest.machine.counts(1001).retired).toBe(0);
  });
  it.each([[0, false, false], [CLONE.FILES, true, false], [CLONE.FS, false, true]])('has what it does not share with its creator to itself: %i', (shared, files, fs) => {
    const { call, machine, task } = createGuest();
    const thread = machine.tasks.get(call('clone', CLONE.VM | CLONE.SIGHAND | CLONE.THREAD | shared, DATA + 0x400, 0, 0, 0))!;
    expect([thread.files === task.files, thread.fs === task.fs, task.files.users]).toEqual([files, fs, files ? 2 : 1]);
  });
  it('ends, and its counts stay', () => {
    const guest = createGuest({ quantum: 100 });
    expect(guest.call('clone', PTHREAD, DATA + 0x400, DATA + 0x900, DATA + 0x904, 0)).toBe(1001);
    // The creator uses up its turn, then the thread runs.
    guest.idle(150);
    const before = guest.machine.counts(1001).retired;
    guest.start('exit', 0);
    expect(guest.machine.tasks.has(1001)).toBe(false);
    expect(word(guest, DATA + 0x904)).toBe(0);
    expect(guest.machine.counts(1001).retired).toBe(before + 1);
    const { retired } = guest.machine.counts();
    expect(guest.machine.ledger.threads().reduce((sum, { counts }) => sum + counts.retired, 0)).toBe(retired);
    expect(retired).toBe(guest.machine.totalRetired());
  });
});

describe('a thread that is refused', () => {
  it('for its number', () => {
    const guest = createGuest();
    guest.poke(DATA, new Uint8Array(Int32Array.of(77, 88).buffer));
    expect(name(clone3(guest, { flags: THREAD, set_tid: DATA, set_tid_size: 1 }))).toBe('-EPERM');
    expect(name(clone3(guest, { flags: THREAD, set_tid: DATA, set_tid_size: 2 }))).toBe('-EINVAL');
    guest.process.credentials.euid = 0;
    expect(clone3(guest, { flags: THREAD, set_tid: DATA, set_tid_size: 1 })).toBe(77);
    expect(name(clone3(guest, { flags: THREAD, set_tid: DATA, set_tid_size: 1 }))).toBe('-EEXIST');
    expect(guest.call('clone', THREAD, 0, 0, 0, 0)).toBe(1001);
  });
  it('for the budget of tasks', () => {
    const guest = createGuest({ maxTasks: 3 });
    expect([1, 2, 3].map(() => name(guest.call('clone', THREAD, 0, 0, 0, 0)))).toEqual([1001, 1002, '-EAGAIN']);
    expect(guest.notes).toContain('the budget of 3 tasks is spent: clone answers EAGAIN');
  });
  it('for the limit of its user, unless that is root', () => {
    const guest = createGuest();
    guest.process.limits.values[RLIMIT.NPROC] = [2, 2];
    expect([1, 2].map(() => name(guest.call('clone', THREAD, 0, 0, 0, 0)))).toEqual([1001, '-EAGAIN']);
    guest.process.credentials.euid = 0;
    expect(guest.call('clone', THREAD, 0, 0, 0, 0)).toBe(1002);
  });
  it.each([[CLONE.NEWNET, 1000, '-EPERM'], [CLONE.NEWNET, 0, '-EINVAL'], [CLONE.NEWUSER, 1000, '-EINVAL']])('for a name space (%i) of user %i', (flag, uid, expected) => {
    const guest = createGuest();
    Object.assign(guest.process.credentials, createCredentials(uid, uid));
    expect(name(guest.call('clone', flag | 17, 0, 0, 0, 0))).toBe(expected);
  });
});

