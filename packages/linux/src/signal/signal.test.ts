import { E, errnoName, SA, SI, SIG } from '@tally86/abi';
import { CELL, REG, VECTOR } from '@tally86/core';
import { describe, expect, it } from 'vitest';
import { createGuest, DATA, type Guest } from '../../test/guest.ts';

const HANDLER = 0x400800n, RESTORER = 0x400900n;
const name = (result: number): number | string => (result < 0 && result >= -4095 ? `-${errnoName(-result)}` : result);

function handle(guest: Guest, signal: number, flags: bigint = SA.RESTORER, mask = 0n): void {
  guest.poke(DATA, new Uint8Array(BigUint64Array.of(HANDLER, flags | SA.RESTORER, RESTORER, mask).buffer));
  expect(guest.call('rt_sigaction', signal, DATA, 0, 8)).toBe(0);
}
const u64 = (guest: Guest, address: number): bigint => new DataView(guest.peek(address, 8).buffer).getBigUint64(0, true);
const u32 = (guest: Guest, address: number): number => new DataView(guest.peek(address, 4).buffer).getUint32(0, true);
const sp = (guest: Guest): number => Number(guest.register(REG.rsp));
/** The kernel looks at signals on the way back to user mode. */
const back = (guest: Guest): void => guest.idle(1);
const fault = (vector: number, extra: object = {}) => ({ kind: 'fault', fault: { vector, errorCode: 0, address: 0n, reason: 'unmapped', ...extra } }) as never;

describe('a fault becomes a signal', () => {
  const rows: [string, ReturnType<typeof fault>, { signo: number; code: number; address?: bigint; trapno: bigint; err?: bigint }][] = [
    ['divide error', fault(VECTOR.DE), { signo: SIG.FPE, code: 1, address: 0x400100n, trapno: 0n }],
    ['breakpoint', fault(VECTOR.BP), { signo: SIG.TRAP, code: SI.KERNEL, trapno: 3n }],
    ['single step', fault(VECTOR.DB), { signo: SIG.TRAP, code: 2, address: 0x400100n, trapno: 1n }],
    ['undefined opcode', fault(VECTOR.UD), { signo: SIG.ILL, code: 2, address: 0x400100n, trapno: 6n }],
    ['unsupported instruction', { kind: 'undefined', address: 0x400100, bytes: new Uint8Array(), text: 'vaddps' } as never, { signo: SIG.ILL, code: 2, address: 0x400100n, trapno: 6n }],
    ['privileged instruction', { kind: 'halt' } as never, { signo: SIG.SEGV, code: SI.KERNEL, trapno: 13n }],
    ['general protection', fault(VECTOR.GP), { signo: SIG.SEGV, code: SI.KERNEL, trapno: 13n }],
    ['alignment check', fault(VECTOR.AC), { signo: SIG.BUS, code: 1, address: 0n, trapno: 17n }],
    ['nothing mapped', fault(VECTOR.PF, { errorCode: 6, address: 0x1234n }), { signo: SIG.SEGV, code: 1, address: 0x1234n, trapno: 14n, err: 6n }],
    ['not allowed', fault(VECTOR.PF, { errorCode: 7, address: 0x400000n, reason: 'protection' }), { signo: SIG.SEGV, code: 2, address: 0x400000n, trapno: 14n, err: 7n }],
    ['an address in the kernel', fault(VECTOR.PF, { errorCode: 4, address: 0xffff_8000_0000_0000n }), { signo: SIG.SEGV, code: 1, address: 0xffff_8000_0000_0000n, trapno: 14n, err: 5n }],
    ['beyond the end of a file', fault(VECTOR.PF, { errorCode: 4, address: 0x5000n, reason: 'bus' }), { signo: SIG.BUS, code: 2, address: 0x5000n, trapno: 14n, err: 4n }],
  ];
  it.each(rows)('%s', (_, stop, expected) => {
    const guest = createGuest();
    handle(guest, expected.signo);
    guest.cpu.u64[CELL.rip] = 0x400100n;
    const before = sp(guest);
    guest.stop(stop);
    expect(guest.register(CELL.rip)).toBe(HANDLER);
    const frame = sp(guest);
    expect(frame % 16).toBe(8);
    expect(before - frame).toBeGreaterThanOrEqual(128 + 440 + 512);
    expect(u64(guest, frame)).toBe(RESTORER);
    expect([guest.register(REG.rdi), guest.register(REG.rsi), guest.register(REG.rdx), guest.register(REG.rax)]).toEqual([BigInt(expected.signo), BigInt(frame + 312), BigInt(frame + 8), 0n]);
    expect([u32(guest, frame + 312), u32(guest, frame + 320)]).toEqual([expected.signo, expected.code]);
    if (expected.address !== undefined) expect(u64(guest, frame + 312 + 16)).toBe(expected.address);
    const context = frame + 8 + 40;
    expect([u64(guest, context + 128), u64(guest, context + 120)]).toEqual([0x400100n, BigInt(before)]);
    expect(u64(guest, context + 160)).toBe(expected.trapno);
    if (expected.err !== undefined) expect(u64(guest, context + 152)).toBe(expected.err);
  });

  it('and kills without a handler, also where it is blocked or ignored', () => {
    for (const prepare of ['default', 'blocked', 'ignored']) {
      const guest = createGuest();
      guest.poke(DATA, new Uint8Array(BigUint64Array.of(prepare === 'ignored' ? 1n : 0n, 0n, 0n, 0n).buffer));
      if (prepare === 'ignored') guest.call('rt_sigaction', SIG.SEGV, DATA, 0, 8);
      guest.poke(DATA, new Uint8Array(8).fill(0xff));
      if (prepare === 'blocked') guest.call('rt_sigprocmask', 0, DATA, 0, 8);
      guest.stop(fault(VECTOR.PF, { address: 0x10n }));
      expect(guest.machine.exit).toMatchObject({ kind: 'signal', signal: SIG.SEGV, reason: 'SIGSEGV at 0x10' });
    }
  });

  it('and kills if the frame cannot be written', () => {
    const guest = createGuest();
    handle(guest, SIG.SEGV);
    guest.cpu.u64[REG.rsp] = 0x1000n;
    guest.stop(fault(VECTOR.PF));
    expect(guest.machine.exit).toMatchObject({ kind: 'signal', signal: SIG.SEGV });
  });
});

describe('sigreturn', () => {
  function inHandler(flags?: bigint, mask?: bigint): Guest {
    const guest = createGuest();
    handle(guest, SIG.USR1, flags, mask);
    for (let i = 0; i < 16; i += 1) if (i !== REG.rsp) guest.cpu.u64[i] = BigInt(i + 100);
    guest.cpu.u64[CELL.mxcsr] = 0x3f80n;
    guest.cpu.u8[1024] = 0x5a;
    guest.machine.sendSignal(guest.process, SIG.USR1);
    back(guest);
    expect(guest.register(CELL.rip)).toBe(HANDLER);
    return guest;
  }
  const leave = (guest: Guest): void => {
    guest.cpu.u64[REG.rsp] += 8n;
    guest.start('rt_sigreturn');
  };

  it('restores every register, the mask and the SSE state', () => {
    const guest = inHandler();
    expect([guest.cpu.u64[CELL.mxcsr], guest.cpu.u8[1024]]).toEqual([0x1f80n, 0]);
    expect(guest.task.signalMask).toBe(1n << 9n);
    leave(guest);
    expect([guest.cpu.u64[CELL.mxcsr], guest.cpu.u8[1024], guest.task.signalMask]).toEqual([0x3f80n, 0x5a, 0n]);
    for (let i = 0; i < 16; i += 1) if (i !== REG.rsp) expect(guest.register(i)).toBe(BigInt(i + 100));
  });

  it('takes what the handler changed: registers, flags, xmm, mask', () => {
    const guest = inHandler();
    const frame = sp(guest);
    const context = frame + 48;
    const put = (address: number, value: bigint) => guest.poke(address, new Uint8Array(BigUint64Array.of(value).buffer));
    put(context + 104, 0xdead_beefn); // rax
    put(context + 128, 0x400777n); // rip
    put(context + 136, 0x8d5n | 0x400n); // eflags
    put(frame + 8 + 296, 0xffn); // uc_sigmask
    guest.poke(Number(u64(guest, context + 184)) + 160, Uint8Array.of(0x77)); // xmm0
    leave(guest);
    expect([guest.register(REG.rax), guest.register(CELL.rip), guest.task.signalMask, guest.cpu.u8[1024]]).toEqual([0xdead_beefn, 0x400777n, 0xffn, 0x77]);
    expect(guest.machine.cpuAccess.readRflags(guest.cpu) & 0xcd5).toBe(0xcd5);
  });

  const put32 = (guest: Guest, address: number, value: number) => guest.poke(address, new Uint8Array(Uint32Array.of(value).buffer));
  const bad: [string, (guest: Guest, frame: number) => void][] = [
    ['a stack that is gone', (guest) => (guest.cpu.u64[REG.rsp] = 8n)],
    ['a code segment that is none', (guest, frame) => put32(guest, frame + 48 + 144, 0x10)],
    ['an fpstate that is nowhere', (guest, frame) => put32(guest, frame + 48 + 184, 0x40)],
    ['reserved bits of MXCSR', (guest, frame) => put32(guest, Number(u64(guest, frame + 48 + 184)) + 24, 0xffff_ffff)],
  ];
  it.each(bad)('gives SIGSEGV for %s', (_, damage) => {
    const guest = inHandler();
    damage(guest, sp(guest));
    leave(guest);
    back(guest);
    expect(guest.machine.exit).toMatchObject({ kind: 'signal', signal: SIG.SEGV });
  });
});

describe('flags of handlers', () => {
  it('SA_RESETHAND, SA_NODEFER and the mask', () => {
    const guest = createGuest();
    handle(guest, SIG.USR1, SA.RESETHAND | SA.NODEFER, 1n << 11n);
    guest.machine.sendSignal(guest.process, SIG.USR1);
    back(guest);
    expect(guest.task.signalMask).toBe(1n << 11n);
    guest.machine.sendSignal(guest.process, SIG.USR1);
    back(guest);
    expect(guest.machine.exit).toMatchObject({ signal: SIG.USR1 });
  });

  it('SA_ONSTACK runs on the alternate stack, and says so', () => {
    const guest = createGuest();
    guest.call('mmap', 0x1000_0000, 0x4000, 3, 0x32, -1, 0);
    guest.poke(DATA + 64, new Uint8Array(BigUint64Array.of(0x1000_0000n, 0n, 0x4000n).buffer));
    expect(guest.call('sigaltstack', DATA + 64, 0)).toBe(0);
    handle(guest, SIG.USR1, SA.ONSTACK);
    guest.machine.sendSignal(guest.process, SIG.USR1);
    back(guest);
    expect(sp(guest)).toBeGreaterThan(0x1000_3000);
    expect(sp(guest)).toBeLessThan(0x1000_4000);
    expect(guest.call('sigaltstack', 0, DATA + 128)).toBe(0);
    expect(u32(guest, DATA + 136)).toBe(1);
    expect(name(guest.call('sigaltstack', DATA + 64, 0))).toBe('-EPERM');
  });

  it('an alternate stack that is too small for the frame kills', () => {
    const guest = createGuest();
    guest.call('mmap', 0x1000_0000, 0x4000, 3, 0x32, -1, 0);
    guest.poke(DATA + 64, new Uint8Array(BigUint64Array.of(0x1000_2000n, 0n, 2048n).buffer));
    guest.call('sigaltstack', DATA + 64, 0);
    handle(guest, SIG.SEGV, SA.ONSTACK | SA.NODEFER);
    for (let i = 0; i < 4 && guest.machine.exit === null; i += 1) guest.stop(fault(VECTOR.PF));
    expect(guest.machine.exit).toMatchObject({ signal: SIG.SEGV });
  });
});

describe('interrupted calls', () => {
  const timespec = (guest: Guest, seconds: bigint) => guest.poke(DATA + 256, new Uint8Array(BigInt64Array.of(seconds, 0n).buffer));
  it('nanosleep ends with EINTR and tells the rest', () => {
    const guest = createGuest();
    handle(guest, SIG.ALRM);
    timespec(guest, 10n);
    guest.call('alarm', 3);
    guest.start('nanosleep', DATA + 256, DATA + 512);
    while (guest.task.state === 'waiting') guest.idle(1);
    expect(guest.register(CELL.rip)).toBe(HANDLER);
    expect(u64(guest, sp(guest) + 48 + 104)).toBe(BigInt.asUintN(64, BigInt(-E.EINTR)));
    expect(u64(guest, DATA + 512)).toBe(7n);
  });

  it('an ignored signal does not disturb', () => {
    const guest = createGuest();
    timespec(guest, 2n);
    const before = guest.machine.clock.monotonic();
    guest.start('nanosleep', DATA + 256, 0);
    guest.machine.sendSignal(guest.process, SIG.WINCH);
    while (guest.task.state === 'waiting') guest.idle(1);
    expect(guest.register(REG.rax)).toBe(0n);
    expect(guest.machine.clock.monotonic() - before).toBeGreaterThanOrEqual(2e9);
  });

  it('a futex wait is restarted with SA_RESTART and not without', () => {
    for (const [flags, rip] of [[SA.RESTART, 0x400100n], [0n, 0x400102n]] as const) {
      const guest = createGuest();
      handle(guest, SIG.USR1, flags);
      guest.cpu.u64[CELL.rip] = 0x400100n;
      guest.start('futex', DATA + 1024, 0, 0, 0);
      expect(guest.task.state).toBe('waiting');
      guest.machine.sendSignal(guest.process, SIG.USR1);
      back(guest);
      const context = sp(guest) + 48;
      expect(u64(guest, context + 128)).toBe(rip);
      expect(u64(guest, context + 104)).toBe(flags === 0n ? BigInt.asUintN(64, -4n) : 202n);
    }
  });

  it('sigsuspend shows the old mask in the frame', () => {
    const guest = createGuest();
    handle(guest, SIG.USR1);
    guest.poke(DATA + 64, new Uint8Array(BigUint64Array.of(1n << 9n).buffer));
    guest.call('rt_sigprocmask', 2, DATA + 64, 0, 8);
    guest.machine.sendSignal(guest.process, SIG.USR1);
    back(guest);
    expect(guest.register(CELL.rip)).not.toBe(HANDLER);
    guest.poke(DATA + 64, new Uint8Array(8));
    guest.start('rt_sigsuspend', DATA + 64, 8);
    back(guest);
    expect(guest.register(CELL.rip)).toBe(HANDLER);
    expect(u64(guest, sp(guest) + 8 + 296)).toBe(1n << 9n);
  });
});

describe('queues', () => {
  it('a standard signal is queued once, a real-time one each time; sigtimedwait takes the lowest', () => {
    const guest = createGuest();
    guest.poke(DATA + 64, new Uint8Array(8).fill(0xff));
    guest.call('rt_sigprocmask', 2, DATA + 64, 0, 8);
    for (const signal of [34, 34, SIG.USR1, SIG.USR1]) guest.call('kill', guest.process.pid, signal);
    guest.poke(DATA + 96, new Uint8Array(16));
    const taken = Array.from({ length: 4 }, () => guest.call('rt_sigtimedwait', DATA + 64, 0, DATA + 96, 8));
    expect(taken.map(name)).toEqual([SIG.USR1, 34, 34, '-EAGAIN']);
  });

  it('stop signals stop, and a program that nothing can continue is a deadlock', () => {
    const guest = createGuest();
    guest.call('kill', guest.process.pid, SIG.STOP);
    guest.idle(10);
    expect(guest.machine.exit).toMatchObject({ kind: 'deadlock', reason: expect.stringContaining('stopped by SIGSTOP') });
  });
});
