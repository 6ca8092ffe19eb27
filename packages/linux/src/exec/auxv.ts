import { AT, ELF64, USER_HZ } from '@tally86/abi';
import { PAGE_SIZE } from '@tally86/core';
import type { Task } from '../kernel/types.ts';
import { minSignalStack } from '../signal/frame.ts';
import type { LoadedElf } from './load-elf.ts';
import type { StackAddresses } from './stack.ts';

/** AT_HWCAP2: the kernel enabled rdfsbase and its like. */
const HWCAP2_FSGSBASE = 2;

/** The auxiliary vector in the kernel's order (create_elf_tables). There is no vDSO, so AT_SYSINFO_EHDR is absent. */
export function buildAuxv(task: Task, main: LoadedElf, phnum: number, interpreterBase: number, at: StackAddresses): (readonly [number, bigint])[] {
  const { kernel } = task;
  const { credentials } = task.process;
  const { xfeatures, xstateSize } = kernel.cpuAccess;
  const features = kernel.model.leaves['1'] ?? [0, 0, 0, 0];
  const pairs: readonly (readonly [number, number | bigint])[] = [
    [AT.MINSIGSTKSZ, minSignalStack(xfeatures, xstateSize)],
    [AT.HWCAP, features[3] >>> 0],
    [AT.PAGESZ, PAGE_SIZE],
    [AT.CLKTCK, USER_HZ],
    [AT.PHDR, main.phdr],
    [AT.PHENT, ELF64.PHDR],
    [AT.PHNUM, phnum],
    [AT.BASE, interpreterBase],
    [AT.FLAGS, 0],
    [AT.ENTRY, main.entry],
    [AT.UID, credentials.uid],
    [AT.EUID, credentials.euid],
    [AT.GID, credentials.gid],
    [AT.EGID, credentials.egid],
    [AT.SECURE, 0],
    [AT.RANDOM, at.random],
    [AT.HWCAP2, kernel.model.features.has('fsgsbase') ? HWCAP2_FSGSBASE : 0],
    [AT.EXECFN, at.execfn],
    [AT.PLATFORM, at.platform],
    [AT.NULL, 0],
  ];
  return pairs.map(([type, value]) => [type, BigInt(value)]);
}
