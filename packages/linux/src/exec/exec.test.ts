import { AT, E, errnoName } from '@tally86/abi';
import { CELL, isEmulatorError, REG } from '@tally86/core';
import { describe, expect, it } from 'vitest';
import { createGuest, DATA, type Guest, tinyProgram } from '../../test/guest.ts';
import { createTestMachine, spawn, testFiles } from '../../test/harness.ts';
import { parseShebang } from './script.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const name = (result: number): number | string => (result < 0 && result >= -4095 ? `-${errnoName(-result)}` : result);
const u64 = (guest: Guest, address: number): bigint => new DataView(guest.peek(address, 8).buffer).getBigUint64(0, true);
const text = (guest: Guest, address: number): string => {
  const raw = guest.peek(address, 256);
  return String.fromCharCode(...raw.subarray(0, raw.indexOf(0)));
};

describe('the stack of a new program', () => {
  const guest = createGuest({ argv: ['tiny', 'second'], envp: ['A=1', 'B=22'] });
  const sp = Number(guest.register(REG.rsp));
  it('holds argc, argv and envp', () => {
    expect(sp % 16).toBe(0);
    expect(u64(guest, sp)).toBe(2n);
    const strings = [8, 16, 32, 40].map((offset) => text(guest, Number(u64(guest, sp + offset))));
    expect(strings).toEqual(['tiny', 'second', 'A=1', 'B=22']);
    expect([u64(guest, sp + 24), u64(guest, sp + 48)]).toEqual([0n, 0n]);
  });
  it('ends with the file name, 8 bytes below the top', () => {
    expect(text(guest, 0x7fff_ffff_f000 - 8 - '/tiny'.length - 1)).toBe('/tiny');
    expect([...guest.process.mm.vmas.range(sp, sp + 1)][0]).toMatchObject({ start: 0x7fff_fffd_e000, end: 0x7fff_ffff_f000, name: '[stack]', growsDown: true });
  });
  it('has the auxiliary vector in the order of the kernel', () => {
    const pairs: [number, bigint][] = [];
    for (let at = sp + 56; ; at += 16) {
      pairs.push([Number(u64(guest, at)), u64(guest, at + 8)]);
      if (pairs.at(-1)![0] === AT.NULL) break;
    }
    expect(pairs.map(([type]) => type)).toEqual([51, 16, 6, 17, 3, 4, 5, 7, 8, 9, 11, 12, 13, 14, 23, 25, 26, 31, 15, 0]);
    const value = new Map(pairs);
    expect([value.get(AT.PHDR), value.get(AT.PHNUM), value.get(AT.ENTRY), value.get(AT.PAGESZ), value.get(AT.UID), value.get(AT.BASE)]).toEqual([0x400040n, 2n, 0x400100n, 4096n, 1000n, 0n]);
    expect(text(guest, Number(value.get(AT.PLATFORM)))).toBe('x86_64');
    expect(text(guest, Number(value.get(AT.EXECFN)))).toBe('/tiny');
    expect(guest.peek(Number(value.get(AT.RANDOM)), 16)).not.toEqual(new Uint8Array(16));
  });
  it('is the same for the same seed', () => {
    const other = createGuest({ argv: ['tiny', 'second'], envp: ['A=1', 'B=22'] });
    expect(other.peek(sp, 0x7fff_ffff_f000 - sp)).toEqual(guest.peek(sp, 0x7fff_ffff_f000 - sp));
  });
});

describe('execve', () => {
  function execGuest(): Guest {
    const images = { '/other': tinyProgram(), '/script': bytes('#! /other  -x y \nrest'), '/deep': bytes('#!/deep\n'), '/text': bytes('hello'), '/lost': bytes('#!/nowhere\n') };
    const files = testFiles(images);
    const guest = createGuest({ files: { ...files } });
    (guest.task as { fs: unknown }).fs = files.fs;
    return guest;
  }
  function exec(guest: Guest, path: string, argv: readonly string[] = [path]): number {
    guest.poke(DATA, bytes(`${path}\0`));
    const pointers: number[] = [];
    let at = DATA + 0x400;
    for (const arg of argv) {
      pointers.push(at);
      guest.poke(at, bytes(`${arg}\0`));
      at += arg.length + 1;
    }
    guest.poke(DATA + 0x200, new Uint8Array(BigUint64Array.from([...pointers.map(BigInt), 0n]).buffer));
    return guest.call('execve', DATA, DATA + 0x200, 0);
  }
  it('replaces the image, its handlers and its registers', () => {
    const guest = execGuest();
    guest.call('mmap', 0x1000_0000, 0x1000, 3, 0x32, -1, 0);
    guest.poke(DATA, new Uint8Array(BigUint64Array.of(0x400800n, 0x0400_0000n, 0x400900n, 0n).buffer));
    guest.call('rt_sigaction', 10, DATA, 0, 8);
    guest.cpu.u64[REG.rbx] = 5n;
    const before = guest.machine.counts().retired;
    expect(exec(guest, '/other', ['a', 'b'])).toBe(0);
    expect([guest.register(REG.rbx), guest.register(CELL.rip), guest.process.signals.get(10).handler]).toEqual([0n, 0x400100n, 0n]);
    expect(guest.process.mm.vmas.find(0x1000_0000)).toBe(null);
    expect(guest.machine.counts().retired).toBe(before + 1);
    expect([guest.process.image.path, guest.task.name]).toEqual(['/other', 'other']);
    expect(u64(guest, Number(guest.register(REG.rsp)))).toBe(2n);
  });
  it('runs scripts by their interpreter', () => {
    const guest = execGuest();
    expect(exec(guest, '/script', ['zero', 'one'])).toBe(0);
    const sp = Number(guest.register(REG.rsp));
    const argv = Array.from({ length: Number(u64(guest, sp)) }, (_, i) => text(guest, Number(u64(guest, sp + 8 + i * 8))));
    expect(argv).toEqual(['/other', '-x y', '/script', 'one']);
    expect(guest.task.name).toBe('script');
  });
  it.each([['/nowhere', '-ENOENT'], ['/text', '-ENOEXEC'], ['/deep', '-ELOOP'], ['/lost', '-ENOENT'], ['', '-ENOENT']])('%s gives %s and changes nothing', (path, error) => {
    const guest = execGuest();
    expect(name(exec(guest, path))).toBe(error);
    expect(guest.process.image.path).toBe('/tiny');
  });
  it('refuses pointers and arguments', () => {
    const guest = execGuest();
    guest.poke(DATA, bytes('/other\0'));
    expect([guest.call('execve', -1, 0, 0), guest.call('execve', DATA, 8, 0), guest.call('execve', DATA, -8, 0)].map(name)).toEqual(['-EFAULT', '-EFAULT', '-EFAULT']);
    guest.call('mmap', 0x1000_0000, 0x4_0000, 3, 0x32, -1, 0);
    guest.poke(0x1000_0000, new Uint8Array(0x3_0000).fill(65));
    guest.poke(DATA + 0x200, new Uint8Array(BigUint64Array.of(0x1000_0000n, 0n).buffer));
    expect(name(guest.call('execve', DATA, DATA + 0x200, 0))).toBe('-E2BIG');
  });
});

describe('#! lines', () => {
  const rows: [string, ReturnType<typeof parseShebang>][] = [
    ['#!/bin/sh\n', { interpreter: '/bin/sh', argument: null }],
    ['#!/bin/sh', { interpreter: '/bin/sh', argument: null }],
    ['#!  /usr/bin/env \t python3 -u  \nx', { interpreter: '/usr/bin/env', argument: 'python3 -u' }],
    ['#!\n', -E.ENOEXEC],
    ['#!   \n', -E.ENOEXEC],
    [`#!${'a'.repeat(300)}`.slice(0, 256), -E.ENOEXEC],
    ['# !/bin/sh\n', null],
  ];
  it.each(rows)('%j', (line, expected) => expect(parseShebang(bytes(line))).toEqual(expected));
});

describe('the first program', () => {
  const idle = { name: 'idle', create: () => ({ name: 'idle', run: () => ({ kind: 'budget' as const }), invalidate() {}, stats: () => ({}) }) };
  const rows: [string, Uint8Array | null, string, RegExp][] = [
    ['that is not there', null, 'E_NOT_FOUND', /No such file/],
    ['that is text', bytes('hello'), 'E_ELF', /not an ELF file/],
    ['that is cut', tinyProgram().subarray(0, 0x1100), 'E_ELF', /truncated/],
    ['whose interpreter is missing', bytes('#!/nowhere\n'), 'E_NOT_FOUND', /No such file/],
  ];
  it.each(rows)('%s throws a reason', (_, image, code, reason) => {
    const test = createTestMachine(idle);
    let error: unknown;
    try {
      spawn(test, image === null ? {} : { '/p': image }, { path: '/p' });
    } catch (thrown) {
      error = thrown;
    }
    expect(isEmulatorError(error) && error.code).toBe(code);
    expect(String(error)).toMatch(reason);
    // The machine can still be used.
    spawn(test, { '/p': tinyProgram() }, { path: '/p' });
  });
  it('that does not fit into the memory budget throws', () => {
    const big = tinyProgram();
    expect(() => spawn(createTestMachine(idle, { budgetBytes: 64 << 10 }), { '/p': big }, { path: '/p', argv: ['x'.repeat(100_000)] })).toThrow(/memory budget/);
  });
});
