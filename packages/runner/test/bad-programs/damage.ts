import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Random } from '../../../../tools/oracle/src/fuzz/random.ts';

/** A prebuilt guest, fresh bytes at every call. */
export const prebuilt = (name: string): Uint8Array => new Uint8Array(readFileSync(fileURLToPath(new URL(`../../../../tools/guests/prebuilt/${name}`, import.meta.url))));

/** Where the dynamic guest's PT_INTERP points, and the bytes there are room for. */
export const LOADER = '/tally86/loader/of/a/program/that/asks/for/one';

const HEADER = 64;
const PROGRAM_HEADER = 56;

/** Offset and bytes of the fields of an ELF header. */
export const EHDR = {
  class: [4, 1], data: [5, 1], identVersion: [6, 1], osabi: [7, 1], type: [16, 2], machine: [18, 2], version: [20, 4], entry: [24, 8], phoff: [32, 8], shoff: [40, 8],
  flags: [48, 4], ehsize: [52, 2], phentsize: [54, 2], phnum: [56, 2], shentsize: [58, 2], shnum: [60, 2], shstrndx: [62, 2],
} as const;
/** The same of a program header. */
export const PHDR = { type: [0, 4], flags: [4, 4], offset: [8, 8], vaddr: [16, 8], paddr: [24, 8], filesz: [32, 8], memsz: [40, 8], align: [48, 8] } as const;

const PHDR_FIELDS = Object.keys(PHDR) as (keyof typeof PHDR)[];

export type Field = readonly [offset: number, bytes: number];

const viewOf = (file: Uint8Array): DataView => new DataView(file.buffer, file.byteOffset, file.byteLength);

export function setField(file: Uint8Array, [offset, bytes]: Field, value: bigint): void {
  for (let i = 0; i < bytes && offset + i < file.length; i++) file[offset + i] = Number((value >> BigInt(8 * i)) & 0xffn);
}

export function getField(file: Uint8Array, [offset, bytes]: Field): bigint {
  let value = 0n;
  for (let i = bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(file[offset + i] ?? 0);
  return value;
}

/** A field of the program header of that index. */
export const phdr = (index: number, field: keyof typeof PHDR): Field => [HEADER + index * PROGRAM_HEADER + PHDR[field][0], PHDR[field][1]];

/** Lengths at which a file is worth cutting: anywhere in its headers, and around every border of a segment or a page. */
export function interestingLengths(file: Uint8Array): number[] {
  const count = viewOf(file).getUint16(EHDR.phnum[0], true);
  const lengths = new Set<number>(Array.from({ length: HEADER + count * PROGRAM_HEADER + 2 }, (_, i) => i));
  const around = (at: number): void => [at - 1, at, at + 1].forEach((length) => lengths.add(length));
  for (let i = 0; i < count; i++) {
    const offset = Number(getField(file, phdr(i, 'offset')));
    around(offset);
    around(offset + Number(getField(file, phdr(i, 'filesz'))));
  }
  for (let page = 4096; page < file.length; page += 4096) around(page);
  around(file.length - 1);
  return [...lengths].filter((length) => length >= 0 && length < file.length).sort((a, b) => a - b);
}

const EDGES: readonly bigint[] = [
  0n, 1n, 2n, 3n, 4n, 7n, 0x38n, 0x40n, 0x7fn, 0x80n, 0xffn, 0x800n, 0xfffn, 0x1000n, 0x1001n, 0xffffn, 0x1_0000n, 0x20_0000n, 0x40_0000n, 0x4000_0000n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn,
  0x1_0000_0000n, 1n << 40n, 1n << 46n, 0x5555_5555_4000n, 0x7fff_f7ff_8000n, 0x7fff_fffd_e000n, 0x7fff_ffff_e000n, 0x7fff_ffff_efffn, 0x7fff_ffff_f000n, (1n << 47n) - 1n, 1n << 47n,
  (1n << 53n) - 1n, 1n << 53n, (1n << 53n) + 1n, 1n << 63n, (1n << 64n) - 4096n, (1n << 64n) - 1n,
];

export interface Damage {
  readonly name: string;
  /** What was changed, and to what. */
  readonly field: string;
  readonly value: bigint;
  readonly bytes: Uint8Array;
}

/** Every field of the headers with every value at the edge of something, one at a time. */
export function* singleDamages(file: Uint8Array): Generator<Damage> {
  const count = viewOf(file).getUint16(EHDR.phnum[0], true);
  const fields = Object.entries<Field>(EHDR).map(([name, field]) => [name, name === 'flags' ? 'e_flags' : name, field] as const);
  for (let i = 0; i < count; i++) for (const name of PHDR_FIELDS) fields.push([`program header ${i}: ${name}`, name, phdr(i, name)]);
  for (const [name, short, field] of fields) {
    const before = getField(file, field);
    for (const value of new Set([...EDGES, before - 1n, before + 1n, before + 4096n, before - 4096n].map((v) => BigInt.asUintN(8 * field[1], v)))) {
      if (value === before) continue;
      const bytes = file.slice();
      setField(bytes, field, value);
      yield { name: `${name} = 0x${value.toString(16)}`, field: short, value, bytes };
    }
  }
}

/** Several damages at once: fields, bytes, program headers over one another, a cut. */
export function randomDamage(file: Uint8Array, random: Random): Uint8Array {
  const bytes = file.slice();
  const count = viewOf(file).getUint16(EHDR.phnum[0], true);
  const end = HEADER + count * PROGRAM_HEADER;
  for (let n = 1 + random.below(5); n > 0; n--) {
    switch (random.below(5)) {
      case 0: setField(bytes, random.pick(Object.values(EHDR)), random.chance(0.8) ? random.pick(EDGES) : random.u64()); break;
      case 1: setField(bytes, phdr(random.below(count), random.pick(PHDR_FIELDS)), random.chance(0.8) ? random.pick(EDGES) : random.u64()); break;
      case 2: bytes[random.below(Math.min(bytes.length, end + 256))] = random.below(256); break;
      case 3: bytes.copyWithin(HEADER + random.below(count) * PROGRAM_HEADER, HEADER + random.below(count) * PROGRAM_HEADER, end); break;
      default: bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    }
  }
  return random.chance(0.2) ? bytes.subarray(0, random.below(bytes.length)) : bytes;
}
