import { expect, test } from 'vitest';
import { cpuModels, DEFAULT_CPU_MODEL } from '../cpu-models.ts';
import type { IrBlock } from '../ir/ops.ts';
import { createLifter, type Lifter } from './lifter.ts';

const SIZE = 512;
const memory = { base: 0, bytes: new Uint8Array(SIZE) };
function fetch(address: number, into: Uint8Array): number {
  const from = address - memory.base;
  if (from < 0 || from >= SIZE) return 0;
  const bytes = memory.bytes.subarray(from, from + into.length);
  into.set(bytes);
  return bytes.length;
}

const { features } = cpuModels[DEFAULT_CPU_MODEL]!;
let settings = 0;
/** A lifter that knows no instruction yet: nobody else has a CPU with that feature. */
function fresh(): Lifter {
  return createLifter({ fetch, features: new Set([...features, `settings ${settings++}`]) });
}

let seed = 7;
function random(below: number): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 0x1_0000_0000) * below);
}
const PREFIXES = [0x0f, 0x0f, 0x66, 0xf2, 0xf3, 0x48, 0x4c, 0x67, 0x64];
/** Bytes that are often a prefix, an escape, or a ModRM byte of an operand relative to rip or to a register. */
function randomByte(): number {
  const kind = random(10);
  return kind < 3 ? PREFIXES[random(PREFIXES.length)]! : kind < 5 ? (random(2) === 0 ? 5 : 0x43) + 8 * random(8) : random(256);
}
const BASES = [0, 0x1_0000, 0x40_0e00, 0x5555_5555_4f00, 0x7fff_ffff_f000 - SIZE];

test('what a lifter knows by the bytes of an instruction is what it would find out', () => {
  const known = fresh();
  for (let round = 0; round < 300; round++) {
    memory.base = BASES[random(BASES.length)]!;
    for (let i = 0; i < SIZE; i++) memory.bytes[i] = randomByte();
    const unknowing = fresh();
    for (let k = 0; k < 10; k++) {
      const at = memory.base + random(SIZE - 64);
      expect(known.liftWhole(at, 8)).toEqual(unknowing.liftWhole(at, 8));
      expect(known.lift(at, 8)).toEqual(unknowing.lift(at, 8));
    }
  }
});

test('an instruction with another immediate operand is what it would be by itself', () => {
  const known = fresh();
  memory.base = 0x40_0e00;
  const opcodes = [0x68, 0x6a, 0x69, 0x6b, 0x80, 0x81, 0x83, 0xa8, 0xa9, 0xc0, 0xc1, 0xc2, 0xc6, 0xc7, 0xf6, 0xf7, ...Array.from({ length: 16 }, (_, i) => 0xb0 + i)];
  for (let i = 0; i < 0x40; i += 8) opcodes.push(i + 4, i + 5);
  const edges = [0, 0, 0, 1, 8, 0x7f, 0x80, 0xff, 0xff, 0xff];
  for (const opcode of opcodes) for (const prefix of [[], [0x66], [0x48], [0x41], [0x66, 0x48], [0xf0], [0x67], [0x64]]) for (let round = 0; round < 8; round++) {
    memory.bytes.fill(0x90);
    const modrm = [0x05, 0x43, 0x84, 0x24, 0x03, 0xc0, 0xc3, 0xc4][round % 8]! | (round % 3 === 0 ? 0 : random(8) << 3);
    memory.bytes.set([...prefix, opcode, modrm, ...Array.from({ length: 12 }, () => (random(2) === 0 ? edges[random(edges.length)]! : random(256)))]);
    expect(known.liftWhole(memory.base, 2)).toEqual(fresh().liftWhole(memory.base, 2));
  }
});

test.each([
  ['mov rax, [rip+d]', '488b05', 4, ''],
  ['mov dword [rip+d], 7', 'c705', 4, '07000000'],
  ['bts qword [rip+d], rax', '480fab05', 4, ''],
  ['cmpxchg16b [rip+d]', '480fc70d', 4, ''],
  ['movaps xmm1, [rip+d]', '0f280d', 4, ''],
  ['lea rax, [rip+d]', '488d05', 4, ''],
  ['lea eax, [rip+d]', '8d05', 4, ''],
  ['mov rax, [eip+d]', '67488b05', 4, ''],
  ['call [rip+d]', 'ff15', 4, ''],
  ['call rax', 'ffd0', 0, ''],
  ['call d', 'e8', 4, ''],
  ['jmp d', 'eb', 1, ''],
  ['je d', '0f84', 4, ''],
  ['loopne d', 'e0', 1, ''],
  ['jrcxz d', 'e3', 1, ''],
  ['rep movsb', 'f3a4', 0, ''],
  ['syscall', '0f05', 0, ''],
  ['mov rax, [rbx+d]', '488b43', 1, ''],
  ['mov rax, [rsp+d]', '488b8424', 4, ''],
  ['mov rax, fs:[rbx+d]', '64488b43', 1, ''],
  ['mov rax, [ebx+d]', '67488b43', 1, ''],
  ['mov rax, fs:[d]', '64488b0425', 4, ''],
  ['add dword [rbx+d], 7', '8343', 1, '07'],
  ['test byte [rbx+d], 7', 'f643', 1, '07'],
  ['not byte [rbx+d]', 'f653', 1, ''],
  ['lea rax, [rbx+d]', '488d43', 1, ''],
  ['lea ax, [rbx+d]', '668d43', 1, ''],
  ['lea rax, [rbx+rcx*4+d]', '488d448b', 1, ''],
  ['push qword [rbx+d]', 'ff73', 1, ''],
  ['pop qword [rsp+d]', '8f4424', 1, ''],
  ['call [rbx+d]', 'ff53', 1, ''],
  ['bts qword [rbx+d], rax', '480fab43', 1, ''],
  ['cmpxchg16b [rbx+d]', '480fc74b', 1, ''],
  ['movups [rbx+d], xmm1', '0f114b', 1, ''],
  ['nop dword [rax+d]', '0f1f40', 1, ''],
])('%s at another place or with another displacement', (_, opcode, size, rest) => {
  const place = (base: number, displacement: number): void => {
    const distance = Buffer.alloc(4);
    distance.writeInt32LE(displacement);
    memory.base = base;
    memory.bytes.fill(0x90).set(Buffer.concat([Buffer.from(opcode, 'hex'), distance.subarray(0, size), Buffer.from(rest, 'hex')]));
  };
  for (const [first, firstBy] of [[0, 0], [0x1_0000, 64], [0x7fff_ffff_0000, 127]] as const) {
    const known = fresh();
    place(first, firstBy);
    known.lift(first, 3);
    for (const second of [0, 0x2_0000, 0x5555_5555_4000, 0x7fff_ffff_ee00]) {
      for (const by of [-128, -1, 0, 127]) {
        place(second, by);
        const block: IrBlock = known.lift(second, 3);
        expect(block).toEqual(fresh().lift(second, 3));
      }
    }
  }
});
