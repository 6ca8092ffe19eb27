import type { CpuState } from '@tally86/core';

/** What the kernel must know of a CPU state's encodings, given by whoever owns them (flags, x87 stack, FXSAVE). */
export interface CpuAccess {
  /** RFLAGS with the lazy flags computed. */
  readRflags(cpu: CpuState): number;
  writeRflags(cpu: CpuState, value: number): void;
  /** Size in bytes of the XSAVE image of all features in `xfeatures`; 512 if the CPU model has no XSAVE. */
  readonly xstateSize: number;
  /** XCR0 as the kernel enables it (XFEATURE mask); 0n without XSAVE. */
  readonly xfeatures: bigint;
  /** Stores the FXSAVE image (512 bytes), then XSAVE header and components if there are any: `into` has xstateSize bytes. */
  saveXstate(cpu: CpuState, into: Uint8Array): void;
  /** Loads such an image; false if it would be #GP (reserved MXCSR bits, bad XSAVE header). */
  restoreXstate(cpu: CpuState, from: Uint8Array): boolean;
}
