import { SI, SIG, SIGINFO_SIZE } from '@tally86/abi';
import type { SignalInfo } from './types.ts';

const FAULTS: ReadonlySet<number> = new Set([SIG.ILL, SIG.FPE, SIG.SEGV, SIG.BUS, SIG.TRAP]);

/** siginfo_t in bytes (asm-generic/siginfo.h): which fields there are follows from si_signo and si_code. */
export function packSiginfo(info: SignalInfo): Uint8Array {
  const bytes = new Uint8Array(SIGINFO_SIZE);
  const view = new DataView(bytes.buffer);
  if (info.raw !== undefined) bytes.set(info.raw.subarray(0, SIGINFO_SIZE));
  view.setInt32(0, info.signo, true);
  if (info.raw !== undefined) return bytes;
  view.setInt32(4, info.errno, true);
  view.setInt32(8, info.code, true);
  if (FAULTS.has(info.signo) && info.code > 0 && info.code !== SI.KERNEL) {
    view.setBigUint64(16, info.address ?? 0n, true);
    return bytes;
  }
  if (info.code === SI.TIMER) {
    view.setInt32(16, info.pid ?? 0, true);
    view.setInt32(20, info.status ?? 0, true);
  } else {
    view.setInt32(16, info.pid ?? 0, true);
    view.setUint32(20, info.uid ?? 0, true);
  }
  if (info.signo === SIG.CHLD && info.code > 0) view.setInt32(24, info.status ?? 0, true);
  else if (info.value !== undefined) view.setBigUint64(24, info.value, true);
  return bytes;
}

/** A signal from the kernel itself (SEND_SIG_PRIV). */
export const kernelSignal = (signo: number): SignalInfo => ({ signo, errno: 0, code: SI.KERNEL });
