import { BYTE, CELL, CPU_STATE_BASE, REG, TEMP_COUNT, VECTOR_SLOT, VECTOR_STRIDE } from '@tally86/core';
import { isImm, type Operand, type Slot, type VSlot } from '@tally86/decoder';
import { cellAt, JIT_CELL, LINK, vectorName } from '../layout.ts';
import type { Callee } from '../runtime/direct-calls.ts';
import { NO_COUNTS, type Amount } from '../runtime/instrumentation.ts';
import { NO_REGISTERS, type RegisterSet } from '../region/registers.ts';
import type { Gathered } from './gathered.ts';
import { Code } from '../wasm/code.ts';
import { OP, SIMD, TYPE, type ValueType } from '../wasm/opcodes.ts';

/** Where the host takes over. */
export interface ExitPoint {
  /** Address of the instruction that comes next. */
  readonly rip: number;
  /** Instructions completed since the count was last brought up to date. */
  readonly charge: number;
  /** What plugins count of them. */
  readonly counts: readonly Amount[];
  /** interpret: the instruction at rip needs the interpreter. budget: too little is left. leave: look at the state before going on. */
  readonly kind: 'interpret' | 'budget' | 'leave';
  /** Why the interpreter is needed: see Writing. */
  readonly cause: Cause;
  /** How often it was taken. */
  count: number;
  /** How often of those the TLB would not have served the access alone either. */
  misses: number;
}

/** In memory, in locals (that memory does not know of), or the same in both. */
export type FlagPlace = 'memory' | 'locals' | 'both';

/** Contents of ccKind, negative if they are not known, and whether such a record uses ccB and ccC. */
export interface RecordShape {
  readonly kind: number;
  readonly b: boolean;
  readonly c: boolean;
}
const ANY_RECORD: RecordShape = { kind: -1, b: true, c: true };

/** What was being written at an exit: an access that may miss the TLB, floating point that may not be exact, or something else. */
export type Cause = 'memory' | 'float' | 'other';

/** Numbers that the engine hands out. */
export interface Numbers {
  /** The slot of a guest address. */
  slot(address: number): number;
  exit(point: ExitPoint): number;
}

/** Parameters of a region's function: the number of the entry, and how deep calls are nested. */
export const ENTRY_LOCAL = 0;
export const DEPTH_LOCAL = 1;

const GPR_NAMES = Object.keys(REG);

/** Writes the function of one region: its locals stand for guest registers, flags and temporaries. */
export class RegionWriter {
  readonly code = new Code();
  /** Types of the locals behind the parameter. */
  readonly locals: ValueType[] = [];
  readonly numbers: Numbers;
  readonly #gpr = new Int32Array(16).fill(-1);
  readonly #vector = new Int32Array(VECTOR_SLOT.end).fill(-1);
  readonly #temps: number[] = [];
  readonly #gathered = new Map<number, number>();
  /** See Gathered; and the local with what was left when that was counted last, −1: it is not needed. */
  #perInstruction: ReadonlyMap<number, number> = new Map();
  #counted = -1;
  readonly #pools = new Map<ValueType, number[]>();

  /** What the region returns; instructions left; lazy flags: kind and operands. */
  readonly result: number;
  readonly remaining: number;
  readonly ccKind: number;
  readonly ccA: number;
  readonly ccB: number;
  readonly ccC: number;

  /** Labels open around the place being written, inside of the one that exits branch to. */
  depth = 0;
  /** Where the lazy flags are at the place being written. */
  flagsAt: FlagPlace = 'memory';
  /** Address and index of the instruction being written, and what an exit in front of it has to be charged. */
  instruction = 0;
  charge = 0;
  /** The same for what plugins count. */
  counts: readonly Amount[] = NO_COUNTS;
  cause: Cause = 'other';

  /** `use`: the registers that get locals. */
  constructor(numbers: Numbers, use: RegisterSet) {
    this.numbers = numbers;
    this.result = this.local(TYPE.i64);
    this.remaining = this.local(TYPE.i32);
    this.ccKind = this.local(TYPE.i32);
    this.ccA = this.local(TYPE.i64);
    this.ccB = this.local(TYPE.i64);
    this.ccC = this.local(TYPE.i64);
    for (let r = 0; r < 16; r++) {
      if ((use.gprs >> r) & 1) this.#gpr[r] = this.local(TYPE.i64);
    }
    for (let r = 0; r < VECTOR_SLOT.temp; r++) if ((use.vectors >> r) & 1) this.#vector[r] = this.local(TYPE.v128);
  }

  /** Brings the flags to where they are wanted; they stay valid where they were. */
  bringFlags(to: 'memory' | 'locals'): void {
    if (this.flagsAt === to || this.flagsAt === 'both') return;
    if (to === 'memory') this.spillFlags();
    else this.reloadFlags();
    this.flagsAt = 'both';
  }

  /** A new local. */
  local(type: ValueType): number {
    this.locals.push(type);
    return DEPTH_LOCAL + this.locals.length;
  }
  /** Local `i` of a pool that everybody uses for values that do not live long. */
  scratch(type: ValueType, i = 0): number {
    let pool = this.#pools.get(type);
    if (pool === undefined) this.#pools.set(type, (pool = []));
    while (pool.length <= i) pool.push(this.local(type));
    return pool[i]!;
  }

  /** The local of a general register or temporary; −1: it is a cell in memory. */
  localOf(slot: Slot): number {
    if (slot < 16) return this.#gpr[slot]!;
    if (slot < CELL.temp || slot >= CELL.temp + TEMP_COUNT) return -1;
    return (this.#temps[slot - CELL.temp] ??= this.local(TYPE.i64));
  }
  /** Names of all locals, the parameters first, for people. */
  localNames(): (string | undefined)[] {
    const names: (string | undefined)[] = ['entry', 'depth'];
    const name = (l: number, text: string): void => {
      if (l >= 0) names[l] = text;
    };
    for (const key of ['result', 'remaining', 'ccKind', 'ccA', 'ccB', 'ccC'] as const) name(this[key], key);
    this.#gpr.forEach((l, r) => name(l, GPR_NAMES[r]!));
    this.#vector.forEach((l, v) => name(l, vectorName(v)));
    this.#temps.forEach((l, t) => name(l, `t${t}`));
    return names;
  }
  vectorLocal(slot: VSlot): number {
    const l = this.#vector[slot]!;
    return l >= 0 ? l : (this.#vector[slot] = this.local(TYPE.v128));
  }

  /** Pushes 64 bits. */
  get(a: Operand): void {
    const { code } = this;
    if (isImm(a)) code.i64(a.lo, a.hi);
    else {
      const l = this.localOf(a);
      if (l >= 0) {
        if (a < 16) this.#need(a);
        code.get(l);
      } else code.i32(0).memory(OP.i64_load, cellAt(a));
    }
  }
  /** Pushes the low 32 bits. */
  get32(a: Operand): void {
    const { code } = this;
    if (isImm(a)) code.i32(a.lo);
    else {
      const l = this.localOf(a);
      if (l >= 0) {
        if (a < 16) this.#need(a);
        code.get(l).op(OP.i32_wrap_i64);
      } else code.i32(0).memory(OP.i32_load, cellAt(a));
    }
  }
  /** Pops 64 bits into a slot. */
  set(d: Slot): void {
    const { code } = this;
    const l = this.localOf(d);
    if (l >= 0) {
      code.set(l);
      if (d < 16) {
        this.dirtyGprs |= 1 << d;
        if (this.#nested === 0) this.loadedGprs |= 1 << d;
      }
    } else {
      const t = this.scratch(TYPE.i64, 3);
      code.set(t).i32(0).get(t).memory(OP.i64_store, cellAt(d));
    }
  }
  /** Pops 32 bits, zero-extended into a slot. */
  set32(d: Slot): void {
    this.code.op(OP.i64_extend_i32_u);
    this.set(d);
  }
  getV(slot: VSlot): void {
    this.code.get(this.vector(slot));
  }
  /** The local of a vector slot, with its value in it. */
  vector(slot: VSlot): number {
    if (slot < VECTOR_SLOT.temp && !(((this.loadedVectors | this.dirtyVectors) >> slot) & 1)) {
      this.code.i32(0).simdMemory(SIMD.v128_load, vectorAt(slot)).set(this.vectorLocal(slot));
      if (this.#nested === 0) this.loadedVectors |= 1 << slot;
    }
    return this.vectorLocal(slot);
  }
  #need(r: number): void {
    if (((this.loadedGprs | this.dirtyGprs) >> r) & 1) return;
    this.code.i32(0).memory(OP.i64_load, cellAt(r)).set(this.#gpr[r]!);
    if (this.#nested === 0) this.loadedGprs |= 1 << r;
  }
  setV(slot: VSlot): void {
    this.code.set(this.vectorLocal(slot));
    if (slot < VECTOR_SLOT.temp) {
      this.dirtyVectors |= 1 << slot;
      if (this.#nested === 0) this.loadedVectors |= 1 << slot;
    }
  }

  /** Pops a condition: if it is not 0, the interpreter takes over in front of the present instruction. */
  exitIf(): void {
    this.settle(this.carried);
    this.leaveIf(() => this.setExit('interpret', this.instruction, this.charge, this.counts));
  }
  /** Pops a condition: if it is not 0, leaves with what `set` puts in `result`. Registers are stored before unless a loop carries them, flags only on the way out. */
  leaveIf(set: () => void): void {
    const { code, flagsAt } = this;
    code.if();
    this.#store(this.dirtyGprs & this.carried.gprs, this.dirtyVectors & this.carried.vectors);
    if (flagsAt === 'locals') this.spillFlags();
    set();
    code.br(this.depth + 1).end();
  }
  /** Leaves with what is in `result`. */
  leave(): void {
    this.settle();
    if (this.flagsAt === 'locals') this.spillFlags();
    this.code.br(this.depth);
  }
  /** The interpreter takes over in front of the present instruction. */
  exit(): void {
    this.setExit('interpret', this.instruction, this.charge, this.counts);
    this.leave();
  }
  setExit(kind: ExitPoint['kind'], rip: number, charge: number, counts: readonly Amount[]): void {
    this.code.i64(this.numbers.exit({ rip, charge, counts, kind, cause: this.cause, count: 0, misses: 0 }), LINK.exitHigh).set(this.result);
  }
  /** Leaves with what is in `result`, storing only what has to be: for the ways out that are taken all the time. */
  leaveFast(): void {
    const { code } = this;
    this.settle();
    this.bringFlags('memory');
    this.storeRemaining();
    code.get(this.result).op(OP.return);
  }
  /** Stores what is left, and adds what locals gathered to the counters' cells. */
  storeRemaining(): void {
    const { code } = this;
    code.i32(0).get(this.remaining).memory(OP.i32_store, cellAt(JIT_CELL.remaining));
    for (const [cell, local] of this.#gathered) code.i32(0).i32(0).memory(OP.i64_load, cell).get(local).op(OP.i64_add).memory(OP.i64_store, cell);
    for (const [cell, each] of this.#perInstruction) {
      code.i32(0).i32(0).memory(OP.i64_load, cell).get(this.#counted).get(this.remaining).op(OP.i32_sub).op(OP.i64_extend_i32_u);
      if (each !== 1) code.i64n(each).op(OP.i64_mul);
      code.op(OP.i64_add).memory(OP.i64_store, cell);
    }
  }
  loadRemaining(): void {
    this.code.i32(0).memory(OP.i32_load, cellAt(JIT_CELL.remaining)).set(this.remaining);
    if (this.#counted >= 0) this.code.get(this.remaining).set(this.#counted);
  }
  /** Behind storeRemaining, if the region goes on. */
  forgetGathered(): void {
    for (const local of this.#gathered.values()) this.code.i64(0).set(local);
    if (this.#counted >= 0) this.code.get(this.remaining).set(this.#counted);
  }
  /** Says how counters are counted. */
  gather({ locals, perInstruction }: Gathered): void {
    for (const cell of locals) this.#gathered.set(cell, this.local(TYPE.i64));
    this.#perInstruction = perInstruction;
    if (perInstruction.size > 0) this.#counted = this.local(TYPE.i32);
  }
  /** Adds to a counter what instructions that were just taken off `remaining` count. */
  count(cell: number, amount: number): void {
    if (this.#perInstruction.has(cell)) return;
    const { code } = this;
    const local = this.#gathered.get(cell);
    if (local !== undefined) code.get(local).i64n(amount).op(OP.i64_add).set(local);
    else code.i32(0).i32(0).memory(OP.i64_load, cell).i64n(amount).op(OP.i64_add).memory(OP.i64_store, cell);
  }

  /** Leaves for a guest address outside of the region. */
  leaveTo(address: number): void {
    this.code.i64(this.numbers.slot(address), LINK.slotHigh).set(this.result);
    this.leave();
  }

  /** The same by a region that goes on there, in place of this one. */
  leaveBy({ index, entry, live }: Callee, address: number): void {
    const { code } = this;
    this.settle();
    if (this.flagsAt === 'locals') this.spillFlags();
    this.storeRemaining();
    code.i32(0).memory(OP.i32_load, live).if();
    code.i32(entry).get(DEPTH_LOCAL).returnCall(index).end();
    this.leaveAsIs(address);
  }

  /** The same where the state is in memory already. */
  leaveAsIs(address: number): void {
    this.code.i64(this.numbers.slot(address), LINK.slotHigh).op(OP.return);
  }

  /** Registers that differ from memory at the place being written. */
  dirtyGprs = 0;
  dirtyVectors = 0;
  /** Registers whose locals hold their values at the place being written; memory has the others. */
  loadedGprs = 0;
  loadedVectors = 0;
  /** Blocks of one operation's own that are open: what is stored there is not stored on other ways. */
  #nested = 0;

  /** Opens a block, loop or arm within an operation. */
  nest(): void {
    this.depth++;
    this.#nested++;
  }
  unnest(): void {
    this.depth--;
    this.#nested--;
  }
  /** Registers that the loop being written carries from turn to turn: stored on its ways out alone. */
  carried: RegisterSet = NO_REGISTERS;
  /** Stores the registers that differ from memory, all but some: in front of every way out, which then has only those to carry. */
  settle(but: RegisterSet = NO_REGISTERS): void {
    const { dirtyGprs, dirtyVectors } = this;
    this.#store(dirtyGprs & ~but.gprs, dirtyVectors & ~but.vectors);
    if (this.#nested > 0) return;
    this.dirtyGprs = dirtyGprs & but.gprs;
    this.dirtyVectors = dirtyVectors & but.vectors;
  }
  /** Whether something that the loop carries would have to be stored on the way to a place that expects all but `but` in memory. */
  carries({ gprs, vectors }: RegisterSet): boolean {
    return ((this.dirtyGprs & this.carried.gprs & ~gprs) | (this.dirtyVectors & this.carried.vectors & ~vectors)) !== 0;
  }
  #store(gprs: number, vectors: number): void {
    const { code } = this;
    for (let r = 0; r < 16; r++) if ((gprs >> r) & 1) code.i32(0).get(this.#gpr[r]!).memory(OP.i64_store, cellAt(r));
    for (let r = 0; r < VECTOR_SLOT.temp; r++) if ((vectors >> r) & 1) code.i32(0).get(this.#vector[r]!).simdMemory(SIMD.v128_store, vectorAt(r));
  }
  /** Whether memory has the value of a cell, or of a vector. */
  isStored(slot: Slot): boolean {
    return slot < 16 && !((this.dirtyGprs >> slot) & 1);
  }
  isStoredV(slot: VSlot): boolean {
    return slot < VECTOR_SLOT.temp && !((this.dirtyVectors >> slot) & 1);
  }
  /** A local has what memory has. */
  loaded(slot: Slot): void {
    if (slot >= 16) return;
    this.dirtyGprs &= ~(1 << slot);
    this.loadedGprs |= 1 << slot;
  }
  loadedV(slot: VSlot): void {
    if (slot >= VECTOR_SLOT.temp) return;
    this.dirtyVectors &= ~(1 << slot);
    this.loadedVectors |= 1 << slot;
  }
  /** Loads those of some registers whose locals do not have them. */
  bring({ gprs, vectors }: RegisterSet): void {
    for (let r = 0; r < 16; r++) if ((gprs >> r) & 1) this.#need(r);
    for (let r = 0; r < VECTOR_SLOT.temp; r++) if ((vectors >> r) & 1) this.vector(r);
  }
  /** What is sure of the lazy flags in locals: see RecordShape. */
  record: () => RecordShape = () => ANY_RECORD;
  /** Stores the lazy flags, as far as their kind has operands. */
  spillFlags(): void {
    const { code } = this;
    const { kind, b, c } = this.record();
    if (kind < 0) code.i32(0).get(this.ccKind).memory(OP.i32_store, cellAt(CELL.ccKind));
    else code.i32(0).i32(kind).memory(OP.i32_store, cellAt(CELL.ccKind));
    code.i32(0).get(this.ccA).memory(OP.i64_store, cellAt(CELL.ccA));
    if (b) code.i32(0).get(this.ccB).memory(OP.i64_store, cellAt(CELL.ccB));
    if (c) code.i32(0).get(this.ccC).memory(OP.i64_store, cellAt(CELL.ccC));
  }
  /** Loads registers. */
  reload({ gprs, vectors }: RegisterSet): void {
    const { code } = this;
    this.loadedGprs = gprs;
    this.loadedVectors = vectors;
    for (let r = 0; r < 16; r++) if ((gprs >> r) & 1) code.i32(0).memory(OP.i64_load, cellAt(r)).set(this.#gpr[r]!);
    for (let r = 0; r < VECTOR_SLOT.temp; r++) if ((vectors >> r) & 1) code.i32(0).simdMemory(SIMD.v128_load, vectorAt(r)).set(this.#vector[r]!);
  }
  reloadFlags(): void {
    const { code } = this;
    code.i32(0).memory(OP.i32_load, cellAt(CELL.ccKind)).set(this.ccKind);
    code.i32(0).memory(OP.i64_load, cellAt(CELL.ccA)).set(this.ccA);
    code.i32(0).memory(OP.i64_load, cellAt(CELL.ccB)).set(this.ccB);
    code.i32(0).memory(OP.i64_load, cellAt(CELL.ccC)).set(this.ccC);
  }
}

/** Byte offset of a vector slot in the machine's memory. */
export const vectorAt = (slot: VSlot): number => CPU_STATE_BASE + BYTE.vector + slot * VECTOR_STRIDE;
