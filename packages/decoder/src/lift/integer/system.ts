import { CELL, REG, VECTOR, type Vector } from '@tally86/core';
import { Mnemonic, Register } from '../../iced.ts';
import { imm, type Slot } from '../../ir/ops.ts';
import { gprPlace, type LiftContext } from '../context.ts';
import { family, type Lift } from '../family.ts';
import { ifFeature, offsetEa } from './operands.ts';

const { rax, rbx, rcx, rdx } = REG;

function trap(c: LiftContext, vector: Vector, rip: number, errorCode = 0): void {
  c.b.end({ op: 'trap', vector, errorCode, rip });
}
const privileged: Lift = (c) => trap(c, VECTOR.GP, c.address);
const undefinedByDesign: Lift = (c) => trap(c, VECTOR.UD, c.address);
const nothing: Lift = () => undefined;

/** Control and debug registers. */
export function isControl(register: Register): boolean {
  return (register >= Register.CR0 && register <= Register.CR15) || (register >= Register.DR0 && register <= Register.DR15);
}
/** mov with one of them: those that exist are privileged. */
export function movControl(c: LiftContext): void | false {
  const register = isControl(c.insn.opRegister(0)) ? c.insn.opRegister(0) : c.insn.opRegister(1);
  if (register >= Register.CR0 && register <= Register.CR15) {
    const n = register - Register.CR0;
    if (n !== 0 && n !== 2 && n !== 3 && n !== 4 && n !== 8) return false;
  }
  privileged(c);
}

/** int3 and int 4 are traps that user mode may ask for; other vectors are the kernel's. int 0x80 too: there is no 32-bit system-call entry. */
const int: Lift = (c) => {
  const n = Number(c.insn.immediate(0) & 0xffn);
  if (n === 3) trap(c, VECTOR.BP, c.next);
  else if (n === 4) trap(c, VECTOR.OF, c.next);
  else trap(c, VECTOR.GP, c.address, n * 8 + 2);
};

/** What Linux shows for the instructions that UMIP takes from user mode (arch/x86/kernel/umip.c). */
const UMIP = { gdtBase: 0xffff_ffff_fffe_0000n, idtBase: 0xffff_ffff_ffff_0000n, cr0: 0x8005_0033n, ldt: 0n, tr: 0x40n } as const;

/** sgdt, sidt: a limit of 0 and a base. */
const tableRegister = (base: bigint): Lift => (c) => {
  const ea = c.ea();
  c.b.push({ op: 'probe', ea, bytes: 10, write: true });
  c.b.store(ea, 2, imm(0));
  c.b.store(offsetEa(c, ea, 2), 8, imm(base));
};

/** sldt, str, smsw. The kernel's emulation writes 32-bit registers without zero-extending them, and for sldt and str the 64-bit ones too. */
const systemWord = (value: bigint, wide: boolean): Lift => (c) => {
  if (c.isMemory(0)) return c.b.store(c.ea(), 2, imm(value));
  const { slot, size } = gprPlace(c.insn.opRegister(0));
  if (size === 2) c.b.deposit(slot, imm(value), 2);
  else if (size === 8 && wide) c.b.un('mov', 64, imm(value), slot);
  else c.b.bin('or', 64, c.b.bin('and', 64, slot, imm(0xffff_ffff_0000_0000n)), imm(value), slot);
};

const segmentBase = (cell: Slot, write: boolean): Lift => ifFeature('fsgsbase', (c) => {
  const register = c.insn.opRegister(0);
  if (!write) return c.writeReg(register, cell);
  const { slot, size } = gprPlace(register);
  if (size === 8) c.b.helper('checkCanonical', [slot], { reads: [slot], faults: true });
  c.b.un('mov', size === 8 ? 64 : 32, slot, cell);
});

const privilegedOnes = (): readonly Mnemonic[] => [
  Mnemonic.Hlt, Mnemonic.In, Mnemonic.Out, Mnemonic.Insb, Mnemonic.Insw, Mnemonic.Insd, Mnemonic.Outsb, Mnemonic.Outsw, Mnemonic.Outsd,
  Mnemonic.Cli, Mnemonic.Sti, Mnemonic.Clts, Mnemonic.Lgdt, Mnemonic.Lidt, Mnemonic.Lldt, Mnemonic.Ltr, Mnemonic.Lmsw, Mnemonic.Invlpg, Mnemonic.Invd,
  Mnemonic.Wbinvd, Mnemonic.Rdmsr, Mnemonic.Wrmsr, Mnemonic.Rdpmc, Mnemonic.Swapgs, Mnemonic.Sysret, Mnemonic.Sysretq, Mnemonic.Sysexit, Mnemonic.Sysexitq,
];

/** Instructions that do nothing here, not even touch their operand: hints, fences (one thread), CET and MPX encodings on a CPU without them. */
const idle = (): readonly Mnemonic[] => [
  Mnemonic.Nop, Mnemonic.Reservednop, Mnemonic.Pause, Mnemonic.Endbr32, Mnemonic.Endbr64, Mnemonic.Rdsspd, Mnemonic.Rdsspq, Mnemonic.Cldemote,
  Mnemonic.Prefetch, Mnemonic.Prefetchw, Mnemonic.Prefetchwt1, Mnemonic.Prefetchnta, Mnemonic.Prefetcht0, Mnemonic.Prefetcht1, Mnemonic.Prefetcht2,
  Mnemonic.Prefetchit0, Mnemonic.Prefetchit1, Mnemonic.Lfence, Mnemonic.Mfence, Mnemonic.Sfence,
];

/** System calls, CPU identification, time, exceptions, and what is privileged (SDM vol. 2). */
export const system = family(() => [
  ...privilegedOnes().map((mnemonic) => [mnemonic, privileged] as const),
  ...idle().map((mnemonic) => [mnemonic, nothing] as const),
  [Mnemonic.Syscall, (c) => c.b.end({ op: 'syscall', next: c.next })],
  [Mnemonic.Int3, (c) => trap(c, VECTOR.BP, c.next)],
  [Mnemonic.Int1, (c) => trap(c, VECTOR.DB, c.next)],
  [Mnemonic.Int, int],
  [Mnemonic.Ud0, undefinedByDesign], [Mnemonic.Ud1, undefinedByDesign], [Mnemonic.Ud2, undefinedByDesign],
  [Mnemonic.Cpuid, (c) => c.b.helper('cpuid', [], { reads: [rax, rcx], writes: [rax, rbx, rcx, rdx] })],
  [Mnemonic.Rdtsc, (c) => c.b.helper('rdtsc', [], { writes: [rax, rdx] })],
  [Mnemonic.Rdtscp, ifFeature('rdtscp', (c) => {
    c.b.helper('rdtsc', [], { writes: [rax, rdx] });
    // TSC_AUX: node and CPU number
    c.b.un('mov', 64, imm(0), rcx);
  })],
  [Mnemonic.Rdpid, ifFeature('rdpid', (c) => c.writeReg(c.insn.opRegister(0), imm(0)))],
  [Mnemonic.Xgetbv, ifFeature('xsave', (c) => c.b.helper('xgetbv', [], { reads: [rcx], writes: [rax, rdx], faults: true }))],
  [Mnemonic.Xsetbv, ifFeature('xsave', privileged)],
  [Mnemonic.Clflush, (c) => c.b.push({ op: 'probe', ea: c.ea(), bytes: 1, write: false })],
  [Mnemonic.Sgdt, tableRegister(UMIP.gdtBase)], [Mnemonic.Sidt, tableRegister(UMIP.idtBase)],
  [Mnemonic.Sldt, systemWord(UMIP.ldt, false)], [Mnemonic.Str, systemWord(UMIP.tr, false)], [Mnemonic.Smsw, systemWord(UMIP.cr0, true)],
  [Mnemonic.Rdfsbase, segmentBase(CELL.fsBase, false)], [Mnemonic.Rdgsbase, segmentBase(CELL.gsBase, false)],
  [Mnemonic.Wrfsbase, segmentBase(CELL.fsBase, true)], [Mnemonic.Wrgsbase, segmentBase(CELL.gsBase, true)],
]);
