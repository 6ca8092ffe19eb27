import { FP_XSTATE_MAGIC1, FP_XSTATE_MAGIC2, SIGCONTEXT, STACK_T, UCONTEXT } from '@tally86/abi';
import { CELL, REG } from '@tally86/core';
import { toAddress } from '../mm/create-user-memory.ts';
import type { Task } from '../kernel/types.ts';
import { resetFpu } from '../sched/cpu-switch.ts';
import { setAltStack } from './set-alt-stack.ts';
import { UNBLOCKABLE } from './actions.ts';
import { CONTEXT_REGISTERS, FIX_EFLAGS, FRAME } from './frame.ts';

const MCONTEXT = UCONTEXT.fields.uc_mcontext.offset;
const SW_RESERVED = 464;
const FXSAVE_SIZE = 512, XSAVE_HEADER = 64;

/** Takes the state back from the frame below rsp, changed as the handler left it; false for a bad frame: the task gets SIGSEGV. */
export function restoreFrame(task: Task): boolean {
  const { cpu, user, kernel } = task;
  const frame = toAddress(cpu.u32[REG.rsp * 2], cpu.u32[REG.rsp * 2 + 1]) - 8;
  const view = user.view(frame + FRAME.ucontext, UCONTEXT.size);
  if (view === null) return false;
  task.signalMask = view.getBigUint64(UCONTEXT.fields.uc_sigmask.offset, true) & ~UNBLOCKABLE;
  const field = (name: keyof typeof SIGCONTEXT.fields): number => MCONTEXT + SIGCONTEXT.fields[name].offset;
  const cs = view.getUint16(field('cs'), true) | 3;
  const ss = view.getUint16(field('ss'), true) | 3;
  for (const [name, cell] of Object.entries(CONTEXT_REGISTERS)) cpu.u64[cell] = view.getBigUint64(field(name as keyof typeof CONTEXT_REGISTERS), true);
  const flags = Number(view.getBigUint64(field('eflags'), true) & 0xffff_ffffn);
  kernel.cpuAccess.writeRflags(cpu, (kernel.cpuAccess.readRflags(cpu) & ~FIX_EFLAGS) | (flags & FIX_EFLAGS));
  const fpstate = toAddress(view.getUint32(field('fpstate'), true), view.getUint32(field('fpstate') + 4, true));
  if (!restoreFpstate(task, fpstate)) return false;
  const stack = new Uint8Array(view.buffer, view.byteOffset + UCONTEXT.fields.ss_sp.offset, STACK_T.size);
  // Everything but an unreadable frame is ignored here, as the kernel does.
  setAltStack(task, stack.slice(), toAddress(cpu.u32[REG.rsp * 2], cpu.u32[REG.rsp * 2 + 1]));
  // Compatibility mode (cs 0x23) is not offered: returning to it faults like any bad selector.
  return cs === 0x33 && ss === 0x2b && isCanonical(cpu.u64[CELL.rip]);
}

const isCanonical = (address: bigint): boolean => BigInt.asUintN(64, BigInt.asIntN(48, address)) === address;

function restoreFpstate(task: Task, address: number): boolean {
  const { cpu, user, kernel } = task;
  const { xfeatures, xstateSize, restoreXstate } = kernel.cpuAccess;
  if (address === 0) {
    resetFpu(cpu);
    return true;
  }
  if (xfeatures === 0n) {
    const image = new Uint8Array(FXSAVE_SIZE);
    return user.read(address, image) && restoreXstate(cpu, image);
  }
  // XRSTOR takes nothing that is not aligned.
  if (address % 64 !== 0) return false;
  const bytes = new Uint8Array(xstateSize);
  if (!user.read(address, bytes.subarray(0, FXSAVE_SIZE))) return false;
  const view = new DataView(bytes.buffer);
  const extended = view.getUint32(SW_RESERVED, true) === FP_XSTATE_MAGIC1 && hasXstate(task, address, view);
  if (extended) {
    if (!user.read(address + FXSAVE_SIZE, bytes.subarray(FXSAVE_SIZE))) return false;
    const asked = view.getBigUint64(SW_RESERVED + 8, true);
    view.setBigUint64(FXSAVE_SIZE, view.getBigUint64(FXSAVE_SIZE, true) & asked, true);
  } else {
    bytes.fill(0, FXSAVE_SIZE);
    view.setUint32(FXSAVE_SIZE, 3, true);
  }
  return restoreXstate(cpu, bytes);
}

/** check_xstate_in_sigframe: sizes that fit and the closing magic; otherwise only the FXSAVE part counts. */
function hasXstate({ user, kernel }: Task, address: number, view: DataView): boolean {
  const size = view.getUint32(SW_RESERVED + 16, true);
  const extendedSize = view.getUint32(SW_RESERVED + 4, true);
  if (size < FXSAVE_SIZE + XSAVE_HEADER || size > kernel.cpuAccess.xstateSize || size > extendedSize) return false;
  return user.readU32(address + size) === FP_XSTATE_MAGIC2;
}
