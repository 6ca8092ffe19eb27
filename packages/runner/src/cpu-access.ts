import type { CpuModel } from '@tally86/core';
import { FXSAVE_BYTES, readFxsaveImage, readRflags, readXsave, writeFxsaveImage, writeRflags, writeXsave, xsaveBytes } from '@tally86/helpers';
import type { CpuAccess } from '@tally86/linux';

const FXSAVE_IMAGE = 512;

/** How the kernel reads flags and the extended state of this CPU model, for signal frames. */
export function createCpuAccess(model: CpuModel): CpuAccess {
  const { xcr0 } = model;
  if (xcr0 === 0) {
    return {
      readRflags, writeRflags,
      xstateSize: FXSAVE_IMAGE, xfeatures: 0n,
      saveXstate: (cpu, into) => readFxsaveImage(cpu, into.subarray(0, FXSAVE_BYTES)),
      restoreXstate: (cpu, from) => writeFxsaveImage(cpu, from),
    };
  }
  return {
    readRflags, writeRflags,
    xstateSize: xsaveBytes(xcr0), xfeatures: BigInt(xcr0),
    saveXstate: (cpu, into) => writeXsave(cpu, into, xcr0, true, false),
    restoreXstate: (cpu, from) => readXsave(cpu, from, xcr0, xcr0, true, false),
  };
}
