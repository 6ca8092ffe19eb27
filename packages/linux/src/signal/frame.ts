import { FP_XSTATE_MAGIC1, FP_XSTATE_MAGIC2, packStruct, SA, SIGCONTEXT, SS, UC, UCONTEXT } from '@tally86/abi';
import { CELL, FLAG, REG } from '@tally86/core';
import type { Task } from '../kernel/types.ts';
import { resetFpu } from '../sched/cpu-switch.ts';
import { toAddress } from '../mm/create-user-memory.ts';
import { isOnStack, stackFlags } from './alt-stack.ts';
import { packSiginfo } from './siginfo.ts';
import type { SignalAction, SignalInfo } from './types.ts';

/** struct rt_sigframe: return address, ucontext, siginfo (arch/x86/include/asm/sigframe.h). */
export const FRAME = { pretcode: 0, ucontext: 8, siginfo: 8 + UCONTEXT.size, size: 8 + UCONTEXT.size + 128 } as const;
const RED_ZONE = 128;
const FXSAVE_SIZE = 512;
/** Offset of sw_reserved in the FXSAVE image (struct _fpx_sw_bytes). */
const SW_RESERVED = 464;
const USER_CS = 0x33n, USER_SS = 0x2bn;
/** Flags that sigreturn may change (FIX_EFLAGS). */
export const FIX_EFLAGS = FLAG.AC | FLAG.RF | FLAG.OF | FLAG.DF | FLAG.TF | FLAG.SF | FLAG.ZF | FLAG.AF | FLAG.PF | FLAG.CF;

/** Bytes of the fpstate in a frame, with the closing magic. */
export const fpstateSize = (xfeatures: bigint, xstateSize: number): number => (xfeatures === 0n ? FXSAVE_SIZE : xstateSize + 4);

/** AT_MINSIGSTKSZ (init_sigframe_size). */
export function minSignalStack(xfeatures: bigint, xstateSize: number): number {
  return Math.ceil((FRAME.size + 15 + fpstateSize(xfeatures, xstateSize) + 63) / 16) * 16;
}

/** Names of the sigcontext fields that are general registers, with their cells. */
export const CONTEXT_REGISTERS = {
  r8: REG.r8, r9: REG.r9, r10: REG.r10, r11: REG.r11, r12: REG.r12, r13: REG.r13, r14: REG.r14, r15: REG.r15, rdi: REG.rdi, rsi: REG.rsi,
  rbp: REG.rbp, rbx: REG.rbx, rdx: REG.rdx, rax: REG.rax, rcx: REG.rcx, rsp: REG.rsp, rip: CELL.rip,
} as const;

/** Stack pointer of the task as an address; −1 if it is none. */
const stackPointer = ({ cpu }: Task): number => toAddress(cpu.u32[REG.rsp * 2], cpu.u32[REG.rsp * 2 + 1]);

/** Lays the frame on the stack and points the task at the handler; false if the stack cannot be written: the task gets SIGSEGV. */
export function setupFrame(task: Task, info: SignalInfo, action: SignalAction, oldMask: bigint): boolean {
  const { cpu, user, kernel } = task;
  const access = kernel.cpuAccess;
  if ((action.flags & SA.RESTORER) === 0n) return false;
  let sp = stackPointer(task);
  const wasOnStack = isOnStack(task.altStack, sp);
  sp -= RED_ZONE;
  let switched = wasOnStack;
  if ((action.flags & SA.ONSTACK) !== 0n && stackFlags(task.altStack, sp + RED_ZONE) === 0) {
    sp = task.altStack.sp + task.altStack.size;
    switched = true;
  }
  const fpstate = Math.floor((sp - fpstateSize(access.xfeatures, access.xstateSize)) / 64) * 64;
  const frame = Math.floor((fpstate - FRAME.size) / 16) * 16 - 8;
  // Running over the end of an alternate stack must not look like a switch back.
  if (switched && !isOnStack({ ...task.altStack, flags: task.altStack.flags & ~SS.AUTODISARM }, frame)) return false;

  if (!user.write(fpstate, packFpstate(task))) return false;
  const bytes = new Uint8Array(FRAME.size);
  new DataView(bytes.buffer).setBigUint64(0, action.restorer, true);
  bytes.set(packUcontext(task, BigInt(fpstate), oldMask), FRAME.ucontext);
  bytes.set(packSiginfo(info), FRAME.siginfo);
  if (!user.write(frame, bytes)) return false;

  cpu.u64[REG.rdi] = BigInt(info.signo);
  cpu.u64[REG.rsi] = BigInt(frame + FRAME.siginfo);
  cpu.u64[REG.rdx] = BigInt(frame + FRAME.ucontext);
  cpu.u64[REG.rax] = 0n;
  cpu.u64[REG.rsp] = BigInt(frame);
  cpu.u64[CELL.rip] = action.handler;
  access.writeRflags(cpu, access.readRflags(cpu) & ~(FLAG.DF | FLAG.RF | FLAG.TF));
  resetFpu(cpu);
  return true;
}

function packFpstate({ cpu, kernel }: Task): Uint8Array {
  const { xfeatures, xstateSize, saveXstate } = kernel.cpuAccess;
  const size = fpstateSize(xfeatures, xstateSize);
  const bytes = new Uint8Array(size);
  saveXstate(cpu, bytes.subarray(0, xfeatures === 0n ? FXSAVE_SIZE : xstateSize));
  bytes.fill(0, SW_RESERVED, FXSAVE_SIZE);
  if (xfeatures === 0n) return bytes;
  const view = new DataView(bytes.buffer);
  view.setUint32(SW_RESERVED, FP_XSTATE_MAGIC1, true);
  view.setUint32(SW_RESERVED + 4, size, true);
  view.setBigUint64(SW_RESERVED + 8, xfeatures, true);
  view.setUint32(SW_RESERVED + 16, xstateSize, true);
  view.setUint32(xstateSize, FP_XSTATE_MAGIC2, true);
  return bytes;
}

function packUcontext(task: Task, fpstate: bigint, oldMask: bigint): Uint8Array {
  const { cpu, kernel, altStack, trap } = task;
  const context: Partial<Record<keyof typeof SIGCONTEXT.fields, bigint>> = {};
  for (const [name, cell] of Object.entries(CONTEXT_REGISTERS)) context[name as keyof typeof CONTEXT_REGISTERS] = cpu.u64[cell];
  const mcontext = packStruct(SIGCONTEXT, {
    ...context,
    eflags: kernel.cpuAccess.readRflags(cpu),
    cs: USER_CS, ss: USER_SS,
    err: trap.errorCode, trapno: trap.vector, cr2: trap.address, oldmask: oldMask, fpstate,
  });
  return packStruct(UCONTEXT, {
    uc_flags: (kernel.cpuAccess.xfeatures === 0n ? 0n : UC.FP_XSTATE) | UC.SIGCONTEXT_SS | UC.STRICT_RESTORE_SS,
    ss_sp: BigInt(altStack.sp), ss_flags: altStack.flags, ss_size: BigInt(altStack.size),
    uc_mcontext: mcontext, uc_sigmask: oldMask,
  });
}
