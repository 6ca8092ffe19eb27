import { BUS, FPE, ILL, SEGV, SI, SIG, TRAP } from '@tally86/abi';
import { CELL, type CpuState, type FaultInfo, USER_END, VECTOR } from '@tally86/core';
import type { SignalInfo } from './types.ts';

type Trap = NonNullable<SignalInfo['trap']>;

/** The signal of an exception (arch/x86/kernel/traps.c, arch/x86/mm/fault.c); null: none after all (a masked x87 exception). `kill`: the memory budget is spent. */
export function faultSignal(cpu: CpuState, fault: FaultInfo): SignalInfo | 'kill' | null {
  const rip = cpu.u64[CELL.rip];
  const trap: Trap = { vector: fault.vector, errorCode: fault.errorCode, address: 0n };
  const signal = (signo: number, code: number, address?: bigint): SignalInfo => ({ signo, errno: 0, code, trap, ...(address === undefined ? {} : { address }) });
  switch (fault.vector) {
    case VECTOR.DE:
      return signal(SIG.FPE, FPE.INTDIV, rip);
    case VECTOR.DB:
      return signal(SIG.TRAP, TRAP.TRACE, rip);
    case VECTOR.BP:
      return signal(SIG.TRAP, SI.KERNEL);
    case VECTOR.UD:
      return signal(SIG.ILL, ILL.ILLOPN, rip);
    case VECTOR.NP:
    case VECTOR.SS:
      return signal(SIG.BUS, SI.KERNEL);
    case VECTOR.AC:
      return signal(SIG.BUS, BUS.ADRALN, 0n);
    case VECTOR.PF:
      return pageFault(fault);
    case VECTOR.MF:
    case VECTOR.XM: {
      const code = fpuCode(fault.vector === VECTOR.MF ? x87Exceptions(cpu) : sseExceptions(cpu));
      return code === 0 ? null : signal(SIG.FPE, code, rip);
    }
    default:
      return signal(SIG.SEGV, SI.KERNEL);
  }
}

function pageFault(fault: FaultInfo): SignalInfo | 'kill' {
  if (fault.reason === 'budget') return 'kill';
  // An address above user space always looks present and protected (sanitize_error_code).
  const errorCode = fault.address >= BigInt(USER_END) ? fault.errorCode | 1 : fault.errorCode;
  const trap: Trap = { vector: VECTOR.PF, errorCode, address: fault.address };
  const { address } = fault;
  if (fault.reason === 'bus') return { signo: SIG.BUS, errno: 0, code: BUS.ADRERR, address, trap };
  return { signo: SIG.SEGV, errno: 0, code: fault.reason === 'protection' ? SEGV.ACCERR : SEGV.MAPERR, address, trap };
}

/** Unmasked exceptions of the x87 status word; of MXCSR. Bits: invalid, denormal, divide by zero, overflow, underflow, precision. */
const x87Exceptions = (cpu: CpuState): number => cpu.u32[CELL.fsw * 2] & ~cpu.u32[CELL.fcw * 2] & 0x3f;
const sseExceptions = (cpu: CpuState): number => {
  const mxcsr = cpu.u32[CELL.mxcsr * 2];
  return mxcsr & ~(mxcsr >>> 7) & 0x3f;
};

/** fpu__exception_code. */
function fpuCode(exceptions: number): number {
  if ((exceptions & 0x01) !== 0) return FPE.FLTINV;
  if ((exceptions & 0x04) !== 0) return FPE.FLTDIV;
  if ((exceptions & 0x08) !== 0) return FPE.FLTOVF;
  if ((exceptions & 0x12) !== 0) return FPE.FLTUND;
  return (exceptions & 0x20) !== 0 ? FPE.FLTRES : 0;
}
