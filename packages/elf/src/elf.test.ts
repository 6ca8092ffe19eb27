import { existsSync, readFileSync } from 'node:fs';
import { isEmulatorError } from '@tally86/core';
import { describe, expect, it } from 'vitest';
import { bytesSource, parseElf } from './index.ts';

/** A program with two segments, an interpreter and a note; `edit` damages it. */
function program(edit: (view: DataView, bytes: Uint8Array) => void = () => {}): Uint8Array {
  const bytes = new Uint8Array(0x3000);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 3, true);
  view.setUint16(18, 62, true);
  view.setBigUint64(24, 0x1000n, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 3, true);
  const header = (index: number, type: number, flags: number, offset: number, vaddr: number, filesz: number, memsz: number): void => {
    const at = 64 + index * 56;
    view.setUint32(at, type, true);
    view.setUint32(at + 4, flags, true);
    for (const [i, value] of [offset, vaddr, vaddr, filesz, memsz, 0x1000].entries()) view.setBigUint64(at + 8 + i * 8, BigInt(value), true);
  };
  header(0, 1, 5, 0, 0, 0x1800, 0x1800);
  header(1, 1, 6, 0x1800, 0x2800, 0x800, 0x4000);
  header(2, 3, 4, 0x200, 0x200, 8, 8);
  bytes.set(new TextEncoder().encode('/lib/ld\0'), 0x200);
  edit(view, bytes);
  return bytes;
}

const segment = (index: number, field: number) => 64 + index * 56 + field;
const [OFFSET, VADDR, FILESZ, MEMSZ] = [8, 16, 32, 40];
const set64 = (at: number, value: bigint) => (view: DataView) => view.setBigUint64(at, value, true);

describe('refuses, with the reason', () => {
  const rows: [string, Uint8Array, RegExp][] = [
    ['an empty file', new Uint8Array(), /not an ELF file/],
    ['a script', new TextEncoder().encode('#!/bin/sh\necho'), /not an ELF file/],
    ['four bytes', program().subarray(0, 4), /truncated/],
    ['half a header', program().subarray(0, 40), /truncated/],
    ['no program header table', program().subarray(0, 64), /program headers lie at 0x40/],
    ['a cut segment', program().subarray(0, 0x1900), /truncated ELF file: segment 1 ends at 0x2000/],
    ['32 bits', program((v, b) => { b[4] = 1; v.setUint16(18, 3, true); }), /32-bit/],
    ['x32', program((v, b) => { b[4] = 1; v.setUint16(42, 32, true); }), /x32/],
    ['big-endian', program((v, b) => { b[5] = 2; v.setUint16(18, 62, false); }), /big-endian/],
    ['AArch64', program((v) => v.setUint16(18, 183, true)), /AArch64/],
    ['machine 999', program((v) => v.setUint16(18, 999, true)), /machine 999/],
    ['an object file', program((v) => v.setUint16(16, 1, true)), /relocatable/],
    ['a core dump', program((v) => v.setUint16(16, 4, true)), /core dump/],
    ['no program headers', program((v) => v.setUint16(56, 0, true)), /no program headers/],
    ['foreign program header size', program((v) => v.setUint16(54, 32, true)), /of 32 bytes/],
    ['too many program headers', program((v) => v.setUint16(56, 0xffff, true)), /65535 program headers/],
    ['a table beyond 2^53', program(set64(32, 0xffff_ffff_ffff_fff0n)), /program headers lie/],
    ['filesz > memsz', program(set64(segment(0, MEMSZ), 0x100n)), /only 0x100 in memory/],
    ['a wrapping address', program(set64(segment(1, VADDR), 0xffff_ffff_ffff_f800n)), /outside of user space/],
    ['a kernel address', program(set64(segment(1, VADDR), 0x7fff_ffff_f800n)), /outside of user space/],
    ['a size beyond 2^53', program(set64(segment(1, MEMSZ), 1n << 60n)), /outside of user space/],
    ['an offset beyond 2^53', program(set64(segment(1, OFFSET), 1n << 60n)), /truncated/],
    ['misaligned', program(set64(segment(1, VADDR), 0x2900n)), /modulo the page size/],
    ['no load segment', program((v) => { v.setUint32(segment(0, 0), 0, true); v.setUint32(segment(1, 0), 0, true); }), /no loadable/],
    ['an endless interpreter', program(set64(segment(2, FILESZ), 1n << 40n)), /interpreter/],
    ['an unterminated interpreter', program((_, b) => (b[0x207] = 65)), /not terminated/],
    ['an interpreter beyond the end', program(set64(segment(2, OFFSET), 0x2fffn)), /interpreter path lies beyond/],
  ];
  it.each(rows)('%s', (_, bytes, reason) => {
    expect(() => parseElf(bytesSource(bytes))).toThrow(reason);
    try {
      parseElf(bytesSource(bytes));
    } catch (error) {
      expect(isEmulatorError(error) && error.code).toBe('E_ELF');
    }
  });
});

describe('accepts what Linux does', () => {
  it.each([
    ['class 7', program((_, b) => (b[4] = 7))],
    ['byte order 2', program((_, b) => (b[5] = 2))],
    ['version 9', program((v) => v.setUint32(20, 9, true))],
    ['an entry point of 64 bits', program(set64(24, 0xffff_ffff_ffff_ffffn))],
    ['segments over one another', program(set64(segment(1, VADDR), 0x800n))],
  ])('%s', (_, bytes) => expect(parseElf(bytesSource(bytes)).segments).toHaveLength(2));
});

it('reads what it accepts', () => {
  const image = parseElf(bytesSource(program()));
  expect(image.header).toMatchObject({ type: 3, entry: 0x1000n, phnum: 3 });
  expect(image.segments.map((s) => [s.vaddr, s.filesz, s.memsz, s.flags])).toEqual([[0, 0x1800, 0x1800, 5], [0x2800, 0x800, 0x4000, 6]]);
  expect(new TextDecoder().decode(image.interpreter!)).toBe('/lib/ld');
  expect([image.sections(), image.symbols().size, image.notes(), image.buildId(), image.executableStack]).toEqual([[], 0, [], null, null]);
});

it('damaged bytes anywhere give an image or E_ELF, never anything else', () => {
  const real = existsSync('/bin/true') ? readFileSync('/bin/true') : program();
  let state = 1;
  const random = (n: number): number => ((state = (Math.imul(state, 1103515245) + 12345) >>> 0), state % n);
  const interesting = [0, 1, 0x7f, 0x80, 0xff];
  for (let round = 0; round < 3000; round += 1) {
    const bytes = Uint8Array.from(round % 2 === 0 ? program() : real);
    for (let n = random(6) + 1; n > 0; n -= 1) {
      const at = random(3) > 0 ? random(0x200) : bytes.length - 1 - random(Math.min(0x800, bytes.length));
      bytes[at] = random(2) === 0 ? random(256) : interesting[random(5)]!;
    }
    try {
      const image = parseElf(bytesSource(random(4) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes));
      image.sections();
      image.symbols().find(random(1 << 30));
      image.buildId();
    } catch (error) {
      if (!isEmulatorError(error) || error.code !== 'E_ELF') throw error;
    }
  }
});
