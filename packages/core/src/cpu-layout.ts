/**
 * The CPU state as a fixed layout in the machine's WebAssembly memory, so that engines can hand over at any instruction.
 * A *cell* is 8 bytes; `CELL.x` is a cell index relative to the state's base, `BYTE.x` a byte offset.
 * One area holds the running task's state; the scheduler copies states in and out of it.
 */

/**
 * Byte offset of the CPU state in the machine's memory. At the very start, processors reach the general registers with a displacement of one byte, not four:
 * translated code is smaller by a twentieth and faster by as much.
 */
export const CPU_STATE_BASE = 0;
/** Size of the state in bytes. */
export const CPU_STATE_SIZE = 4096;
/** The first bytes of the state, up to the temporaries, plus vectors and x87: what a task switch must keep. */
export const CPU_STATE_ARCH_CELLS = 64;

/** General registers in hardware encoding order. */
export const REG = {
  rax: 0, rcx: 1, rdx: 2, rbx: 3, rsp: 4, rbp: 5, rsi: 6, rdi: 7,
  r8: 8, r9: 9, r10: 10, r11: 11, r12: 12, r13: 13, r14: 14, r15: 15,
} as const;

/** Cell indices. Cells 0 to 15 are the general registers. */
export const CELL = {
  rip: 16,
  /** Lazy flags: kind (see FLAG_KIND, with the operand size) and up to three operands. */
  ccKind: 17, ccA: 18, ccB: 19, ccC: 20,
  /** RFLAGS bits outside of CF PF AF ZF SF OF: DF (10), NT (14), AC (18), ID (21), and the always-one bit 1 and IF (9). */
  rflags: 21,
  fsBase: 22, gsBase: 23,
  mxcsr: 24,
  /** x87: control word; status word without TOP; TOP; abridged tag byte (bit = register not empty, physical numbering as in FXSAVE). */
  fcw: 25, fsw: 26, ftop: 27, ftw: 28, fop: 29, fip: 30, fdp: 31,
  /** Instructions completed, in convention `retired`, by the running task. */
  retired: 32,
  /** Iterations executed by `rep` string instructions, finished or not. */
  repIterations: 33,
  /** `rep` string instructions completed. */
  repCompleted: 34,
  /** `rep` string instructions completed without an iteration (count register 0 at the start). */
  repEmpty: 35,
  /** `rep` string instructions ended because the count ran out (not by the condition, not empty). */
  repExhausted: 36,
  /** Segment selectors as 16-bit fields: ds, es, fs, gs from bit 0 up. cs and ss are always Linux's 0x33 and 0x2b. */
  selectors: 37,
  /** Temporaries of the IR; dead at instruction boundaries. */
  temp: 64,
} as const;
export const TEMP_COUNT = 64;

/** Byte offsets of the wide registers. */
export const BYTE = {
  /** Vector slots of 16 bytes, see VECTOR_SLOT: xmm registers, upper halves of ymm registers, temporaries. */
  vector: 1024,
  /** 8 physical x87 registers of 16 bytes: significand (8 bytes), sign and exponent (2 bytes). */
  x87: 2048,
} as const;
/** Bytes from one vector slot to the next. */
export const VECTOR_STRIDE = 16;
/** First slots: 0 to 15 are the xmm registers. What has 256 bits is a slot and the one `high` further on: so temporaries come in pairs too. */
export const VECTOR_SLOT = { high: 16, temp: 32, end: 64 } as const;

/**
 * Kinds of lazy flags. `ccKind` holds `kind | log2(size in bytes) << 8`, perhaps with FLAG_OVERLAY bits. Operands are taken at that size;
 * the rest of the cell is ignored. Where the manual leaves a flag undefined these follow AMD's Zen 4, but for `mul` and `imul`.
 */
export const FLAG_KIND = {
  /** a = the six arithmetic flags at their RFLAGS places. */
  explicit: 0,
  /** a + b */
  add: 1,
  /** a + b + c, c is 0 or 1 */
  adc: 2,
  /** a - b */
  sub: 3,
  /** a - b - c, c is 0 or 1 */
  sbb: 4,
  /** a = result; CF = OF = AF = 0 */
  logic: 5,
  /** a + 1, b = CF before */
  inc: 6,
  /** a - 1, b = CF before */
  dec: 7,
  /** a << b, b from 1 to 31 (size 8: 63) */
  shl: 8,
  /** a >> b logical, b likewise */
  shr: 9,
  /** a >> b arithmetic, b likewise */
  sar: 10,
  /** a * b unsigned: CF = OF = the high half is significant. SF, ZF and PF (undefined) are those of the low half. */
  mul: 11,
  /** a * b signed, else as mul */
  imul: 12,
  /** a << c, bits of b coming in from below, c from 1 to 31 (size 8: 63) */
  shld: 13,
  /** a >> c, bits of b coming in from above, c likewise */
  shrd: 14,
  /** bsf, bsr: a = source, b = index found; ZF = a is 0 */
  scan: 15,
  /** lzcnt, tzcnt: a = source, b = result; CF = a is 0, ZF = b is 0 */
  count: 16,
  /** popcnt: a = source; ZF = a is 0, the others 0 */
  popcnt: 17,
} as const;
export type FlagKind = (typeof FLAG_KIND)[keyof typeof FLAG_KIND];

/**
 * Bits of `ccKind` that put single flags on top of a record: instructions that change CF, or CF and OF, alone (bt, stc, rotates) need not work
 * out the other flags. The value is in ccC, at the flag's place in RFLAGS; so kinds that use c cannot carry an overlay.
 */
export const FLAG_OVERLAY = { CF: 0x10000, OF: 0x20000 } as const;

/** RFLAGS bits. */
export const FLAG = { CF: 1, PF: 4, AF: 0x10, ZF: 0x40, SF: 0x80, TF: 0x100, IF: 0x200, DF: 0x400, OF: 0x800, NT: 0x4000, RF: 0x10000, AC: 0x40000, ID: 0x200000 } as const;
/** The six arithmetic flags. */
export const ARITH_FLAGS = 0x8d5;
/** x86 condition codes as in Jcc opcodes: bit 0 negates. */
export const CC = { o: 0, no: 1, b: 2, ae: 3, e: 4, ne: 5, be: 6, a: 7, s: 8, ns: 9, p: 10, np: 11, l: 12, ge: 13, le: 14, g: 15 } as const;
