import { CELL, FLAG, FLAG_KIND, REG } from '@tally86/core';
import { type StringOp } from '@tally86/decoder';
import { cellAt } from '../layout.ts';
import { MISC, OP, TYPE } from '../wasm/opcodes.ts';
import type { FlagEmitter } from './flags.ts';
import type { MemoryEmitter } from './memory.ts';
import type { RegionWriter } from './writer.ts';

const LOADS = { 1: OP.i64_load8_u, 2: OP.i64_load16_u, 4: OP.i64_load32_u, 8: OP.i64_load } as const;
const STORES = { 1: OP.i64_store8, 2: OP.i64_store16, 4: OP.i64_store32, 8: OP.i64_store } as const;
const LOG2 = { 1: 0, 2: 1, 4: 2, 8: 3 } as const;
const PAGE = 4096;
/** Repetitions beyond this go to the interpreter, which lets its caller have a look in between. */
const MAX_REPEAT = 1 << 20;
/** Scratch locals of this module, out of the way of the TLB's and of access groups. */
const SCRATCH = { source: 1, destination: 2, bytes: 3, below: 7, count: 6 } as const;

/** Whether emitString writes an instruction: single ones, and repeated moves and stores. Everything else is the interpreter's. */
export function isWritten(op: StringOp): boolean {
  return !op.a32 && op.seg === 0 && (op.rep === 'none' || op.kind === 'movs' || op.kind === 'stos');
}

/** Writes single string instructions that go upwards, and `rep movs` and `rep stos` page by page (SDM vol. 2, REP). False: nothing was written. */
export function emitString(w: RegionWriter, memory: MemoryEmitter, flags: FlagEmitter, op: StringOp): boolean {
  if (!isWritten(op)) return false;
  if (op.rep === 'none') {
    ascending(w);
    single(w, memory, flags, op);
    return true;
  }
  emitRepeated(w, memory, op);
  return true;
}

function ascending(w: RegionWriter): void {
  w.code.i32(0).memory(OP.i32_load, cellAt(CELL.rflags)).i32(FLAG.DF).op(OP.i32_and);
  w.exitIf();
}
function advance(w: RegionWriter, register: number, by: number): void {
  w.get(register);
  w.code.i64(by).op(OP.i64_add);
  w.set(register);
}

function single(w: RegionWriter, memory: MemoryEmitter, flags: FlagEmitter, op: StringOp): void {
  const { code } = w;
  const { kind, size } = op;
  const source = w.scratch(TYPE.i32, SCRATCH.source);
  const destination = w.scratch(TYPE.i32, SCRATCH.destination);
  if (kind !== 'stos' && kind !== 'scas') {
    w.get(REG.rsi);
    memory.lookUp(size, false);
    code.set(source);
  }
  if (kind !== 'lods') {
    w.get(REG.rdi);
    memory.lookUp(size, kind === 'movs' || kind === 'stos');
    code.set(destination);
  }
  switch (kind) {
    case 'movs':
      code.get(destination).get(source).memory(LOADS[size]).memory(STORES[size]);
      break;
    case 'stos':
      code.get(destination);
      w.get(REG.rax);
      code.memory(STORES[size]);
      break;
    case 'lods':
      if (size < 4) {
        w.get(REG.rax);
        code.i64(size === 1 ? ~0xff : ~0xffff, -1).op(OP.i64_and);
      }
      code.get(source).memory(LOADS[size]);
      if (size < 4) code.op(OP.i64_or);
      w.set(REG.rax);
      break;
    default:
      if (kind === 'scas') w.get(REG.rax);
      else code.get(source).memory(LOADS[size]);
      code.set(w.ccA).get(destination).memory(LOADS[size]).set(w.ccB).i32(FLAG_KIND.sub | (LOG2[size] << 8)).set(w.ccKind);
      flags.known = FLAG_KIND.sub | (LOG2[size] << 8);
      flags.sure = true;
      w.flagsAt = 'locals';
  }
  if (kind !== 'stos' && kind !== 'scas') advance(w, REG.rsi, size);
  if (kind !== 'lods') advance(w, REG.rdi, size);
}

function count(w: RegionWriter, cell: number, by: () => void): void {
  w.code.i32(0).i32(0).memory(OP.i64_load, cellAt(cell));
  by();
  w.code.op(OP.i64_add).memory(OP.i64_store, cellAt(cell));
}

/** Writes `rep movs` or `rep stos` of elements of `size` bytes, page by page: a way out in the middle leaves registers and counts as they stand, and the rest to do. */
export function emitRepeated(w: RegionWriter, memory: Pick<MemoryEmitter, 'lookUp'>, { kind, size }: Pick<StringOp, 'kind' | 'size'>): void {
  const { code } = w;
  const log2 = LOG2[size];
  const source = w.scratch(TYPE.i32, SCRATCH.source);
  const destination = w.scratch(TYPE.i32, SCRATCH.destination);
  const bytes = w.scratch(TYPE.i32, SCRATCH.bytes);
  /** Downwards: from the first element to the lowest one; upwards 0. */
  const below = w.scratch(TYPE.i32, SCRATCH.below);
  const n = w.scratch(TYPE.i64, SCRATCH.count);
  const one = (): void => void code.i64(1);
  const down = (): void => void code.i32(0).memory(OP.i32_load, cellAt(CELL.rflags)).i32(FLAG.DF).op(OP.i32_and);
  const moves = kind === 'movs';
  w.get(REG.rcx);
  code.i64(MAX_REPEAT).op(OP.i64_gt_u);
  w.exitIf();
  // exits at the top of the loop have what earlier rounds wrote
  w.dirtyGprs |= (1 << REG.rcx) | (1 << REG.rdi) | (moves ? 1 << REG.rsi : 0);
  w.get(REG.rcx);
  code.op(OP.i64_eqz).if();
  w.nest();
  count(w, CELL.repCompleted, one);
  count(w, CELL.repEmpty, one);
  code.else().loop();
  w.nest();
  // as many elements as lie in both pages
  w.get(REG.rcx);
  code.set(n);
  for (const register of moves ? [REG.rsi, REG.rdi] : [REG.rdi]) {
    const offset = (): void => {
      w.get32(register);
      code.i32(PAGE - 1).op(OP.i32_and);
    };
    if (size > 1) {
      offset();
      code.i32(PAGE - size).op(OP.i32_gt_u);
      w.exitIf();
    }
    const room = (): void => {
      offset();
      code.i32(log2).op(OP.i32_shr_u).i32(1).op(OP.i32_add).i32(PAGE);
      offset();
      code.op(OP.i32_sub).i32(log2).op(OP.i32_shr_u);
      down();
      code.op(OP.select).op(OP.i64_extend_i32_u);
    };
    room();
    code.get(n);
    room();
    code.get(n).op(OP.i64_lt_u).op(OP.select).set(n);
  }
  code.get(n).op(OP.i32_wrap_i64).i32(log2).op(OP.i32_shl).tee(bytes).i32(size).op(OP.i32_sub).i32(0);
  down();
  code.op(OP.select).set(below);
  const lowest = (register: number): void => {
    w.get(register);
    code.get(below).op(OP.i64_extend_i32_u).op(OP.i64_sub);
  };
  if (moves) {
    lowest(REG.rsi);
    memory.lookUp(1, false);
    code.set(source);
  }
  lowest(REG.rdi);
  memory.lookUp(1, true);
  code.set(destination);
  if (moves) {
    // an overlap in which a part of the source is overwritten before it is read: upwards with the destination above, downwards below
    const apart = (x: number, y: number): void => void code.get(x).get(y).op(OP.i32_sub).i32(1).op(OP.i32_sub).get(bytes).i32(1).op(OP.i32_sub).op(OP.i32_lt_u);
    apart(source, destination);
    apart(destination, source);
    down();
    code.op(OP.select);
    w.exitIf();
    code.get(destination).get(source).get(bytes).misc(MISC.memory_copy).op(0).op(0);
  } else fill(w, destination, bytes, size);
  const forward = (register: number): void => {
    w.get(register);
    code.i32(0).get(bytes).op(OP.i32_sub).get(bytes);
    down();
    code.op(OP.select).op(OP.i64_extend_i32_s).op(OP.i64_add);
    w.set(register);
  };
  if (moves) forward(REG.rsi);
  forward(REG.rdi);
  count(w, CELL.repIterations, () => void code.get(n));
  w.get(REG.rcx);
  code.get(n).op(OP.i64_sub);
  w.set(REG.rcx);
  w.get(REG.rcx);
  code.op(OP.i64_eqz).op(OP.i32_eqz).brIf(0).end();
  w.unnest();
  count(w, CELL.repCompleted, one);
  count(w, CELL.repExhausted, one);
  code.end();
  w.unnest();
}

/** Stores the low `size` bytes of rax over and over. */
function fill(w: RegionWriter, destination: number, bytes: number, size: 1 | 2 | 4 | 8): void {
  const { code } = w;
  const bulk = (): void => {
    code.get(destination);
    w.get32(REG.rax);
    code.get(bytes).misc(MISC.memory_fill).op(0);
  };
  if (size === 1) {
    bulk();
    return;
  }
  const at = w.scratch(TYPE.i32, SCRATCH.source);
  const shift = 64 - 8 * size;
  // all bytes the same: the value is its low byte repeated
  w.get(REG.rax);
  code.i64(shift).op(OP.i64_shl);
  w.get(REG.rax);
  code.i64(0xff).op(OP.i64_and).i64(0x01010101, 0x01010101).op(OP.i64_mul).i64(shift).op(OP.i64_shl).op(OP.i64_eq).if();
  bulk();
  code.else().get(destination).set(at).loop();
  code.get(at);
  w.get(REG.rax);
  code.memory(STORES[size]).get(at).i32(size).op(OP.i32_add).tee(at).get(destination).get(bytes).op(OP.i32_add).op(OP.i32_lt_u).brIf(0).end().end();
}
