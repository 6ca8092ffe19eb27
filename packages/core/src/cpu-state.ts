import { BYTE, CELL, CPU_STATE_BASE, CPU_STATE_SIZE, FLAG, FLAG_KIND, VECTOR_STRIDE } from './cpu-layout.ts';

/** Typed views on the running CPU state. The buffer is never replaced: the machine's memory has its full size from the start. */
export interface CpuState {
  readonly buffer: ArrayBufferLike;
  readonly base: number;
  /** Cells, unsigned. */
  readonly u64: BigUint64Array;
  /** Cells, signed. */
  readonly i64: BigInt64Array;
  /** Half cells: cell n is at 2n (low) and 2n + 1 (high). */
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly u16: Uint16Array;
  readonly u8: Uint8Array;
  readonly f64: Float64Array;
  readonly f32: Float32Array;
}

/** Views on the state at `base` of `buffer`; the state itself is left as it is. */
export function createCpuState(buffer: ArrayBufferLike, base: number = CPU_STATE_BASE): CpuState {
  const n = CPU_STATE_SIZE;
  return {
    buffer, base,
    u64: new BigUint64Array(buffer, base, n / 8),
    i64: new BigInt64Array(buffer, base, n / 8),
    i32: new Int32Array(buffer, base, n / 4),
    u32: new Uint32Array(buffer, base, n / 4),
    u16: new Uint16Array(buffer, base, n / 2),
    u8: new Uint8Array(buffer, base, n),
    f64: new Float64Array(buffer, base, n / 8),
    f32: new Float32Array(buffer, base, n / 4),
  };
}

/** Puts the state that Linux gives a new program (arch/x86/kernel/process_64.c, start_thread): registers 0, IF set, FPU and MXCSR at reset. */
export function resetCpuState(cpu: CpuState): void {
  cpu.u8.fill(0);
  cpu.u64[CELL.ccKind] = BigInt(FLAG_KIND.explicit);
  cpu.u64[CELL.rflags] = BigInt(FLAG.IF | 2);
  cpu.u64[CELL.mxcsr] = 0x1f80n;
  cpu.u64[CELL.fcw] = 0x37fn;
}

/** Byte offset, relative to the state, of vector slot `slot`, see VECTOR_SLOT. */
export function vectorOffset(slot: number): number {
  return BYTE.vector + slot * VECTOR_STRIDE;
}
