import { BYTE, CELL, REG, VECTOR, VECTOR_STRIDE } from '@tally86/core';
import type { Helper, HelperContext, HelperTable } from '../context.ts';
import { FXSAVE_BYTES, MXCSR_MASK, readFxsaveImage, writeFxsaveImage } from './fxsave.ts';
import { MX } from './unit.ts';
import { AVX, SSE, X87, readXsave, writeXsave, writeXsavec, xsaveBytes } from './xsave.ts';

function requireAlignment(h: HelperContext, cell: number, bytes: number): void {
  if ((h.cpu.i32[2 * cell] & (bytes - 1)) !== 0) h.raise(VECTOR.GP);
}

/** The components that edx:eax asks for, as far as XCR0 has them. */
function requested(h: HelperContext): number {
  return h.cpu.i32[2 * REG.rax] & h.model.xcr0 & (X87 | SSE | AVX);
}

/** (cell of an address, bytes): #GP if it is no multiple. */
const aligned: Helper = (h) => (cell, bytes) => requireAlignment(h, cell, bytes);

const fxsave: Helper = (h) => {
  const image = new Uint8Array(FXSAVE_BYTES);
  return (cell, wide) => {
    readFxsaveImage(h.cpu, image, wide !== 0);
    h.write(cell, 0, image);
  };
};

const fxrstor: Helper = (h) => {
  const image = new Uint8Array(FXSAVE_BYTES);
  return (cell, wide) => {
    h.read(cell, 0, image);
    if (!writeFxsaveImage(h.cpu, image, wide !== 0)) h.raise(VECTOR.GP);
  };
};

/** What is not written stays as it was in memory, so the image is read first. */
const save = (form: 'xsave' | 'xsaveopt' | 'xsavec'): Helper => (h) => {
  const whole = new Uint8Array(xsaveBytes(AVX));
  return (cell, wide) => {
    requireAlignment(h, cell, 64);
    const mask = requested(h);
    const image = whole.subarray(0, xsaveBytes(mask));
    h.read(cell, 0, image);
    if (form === 'xsavec') writeXsavec(h.cpu, image, mask, wide !== 0);
    else writeXsave(h.cpu, image, mask, wide !== 0, form === 'xsaveopt');
    h.write(cell, 0, image);
  };
};

const xrstor: Helper = (h) => {
  const whole = new Uint8Array(xsaveBytes(AVX));
  return (cell, wide) => {
    requireAlignment(h, cell, 64);
    // the header tells what of the rest is read
    const image = whole.subarray(0, xsaveBytes(0));
    h.read(cell, 0, image);
    if ((image[512] & requested(h) & AVX) !== 0) h.read(cell, 0, whole);
    const compact = h.model.features.has('xsavec');
    if (!readXsave(h.cpu, whole, requested(h), h.model.xcr0, wide !== 0, compact)) h.raise(VECTOR.GP);
  };
};

/** (cell): #GP for reserved bits. */
const ldmxcsr: Helper = (h) => {
  const { i32 } = h.cpu;
  return (cell) => {
    const value = i32[2 * cell];
    if ((value & ~MXCSR_MASK) !== 0) h.raise(VECTOR.GP);
    i32[MX] = value;
  };
};

/** A pending x87 exception comes before any MMX instruction. */
const mmxEnter: Helper = (h) => {
  const { i32 } = h.cpu;
  return () => {
    if ((i32[2 * CELL.fsw] & ~i32[2 * CELL.fcw] & 0x3f) !== 0) h.raise(VECTOR.MF);
  };
};

/** maskmovdqu, maskmovq: (cell of the address, data slot, mask slot, bytes). A probe before it made sure that all bytes can be written. */
const maskmov: Helper = (h) => {
  const { u8 } = h.cpu;
  const one = new Uint8Array(1);
  return (cell, data, mask, bytes) => {
    const from = BYTE.vector + data * VECTOR_STRIDE;
    const select = BYTE.vector + mask * VECTOR_STRIDE;
    for (let i = 0; i < bytes; i++) {
      if (u8[select + i] < 128) continue;
      one[0] = u8[from + i];
      h.write(cell, i, one);
    }
  };
};

export const state: HelperTable = {
  aligned, fxsave, fxrstor, xrstor, ldmxcsr, maskmov,
  xsave: save('xsave'),
  xsaveopt: save('xsaveopt'),
  xsavec: save('xsavec'),
  'mmx.enter': mmxEnter,
};
