import { CELL, PROT, USER_END, VECTOR, type CpuModel, type CpuState, type EngineEnvironment, type EnginePort, type FaultInfo, type Stop, type Vector } from '@tally86/core';
import type { HelperContext } from '@tally86/helpers';
import type { Block } from './block.ts';

/** Thrown (and caught by the run loop) when the running instruction raised an exception; details are in Machine.stop. */
export const RAISED = { name: 'guest exception' } as const;
/** Thrown when the running block is about to overwrite its own bytes: the run loop repeats the instruction alone. */
export const OWN_CODE = { name: 'store into the running block' } as const;
/** Thrown when a jump went to the kernel's half: it is done, the fetch there fails. */
export const KERNEL_FETCH = { name: 'fetch from the kernel half' } as const;

/** Cell that slow memory paths use to hand values over. */
export const SCRATCH = 48;
/** This cell and the next hold constants where an operation has no form with an immediate there. */
export const CONST_A = 50;

/** Frames that hold translated code, as the slow store path asks about them. */
export interface CodeWrites {
  /** A store of `size` bytes at this host offset is about to happen: drop what it overlaps; true if the running block is among it. */
  aboutToWrite(hostOffset: number, size: number): boolean;
}

/** What the closures of an interpreter share: views, the running block, the pending stop, and the slow paths of memory access. */
export class Machine implements HelperContext {
  readonly cpu: CpuState;
  readonly mmu: EnginePort;
  readonly model: CpuModel;
  /** Views on the whole memory. */
  readonly mem8: Uint8Array;
  readonly mem32: Int32Array;
  readonly data: DataView;
  readonly #environment: Pick<EngineEnvironment, 'readTsc' | 'readRandom'>;

  block: Block | null = null;
  /** Index in `block` of the instruction that runs; kept only by operations that can fault. */
  instruction = 0;
  /** Where to go on when a block returned null without a stop. */
  stop: Stop | null = null;
  /** Instructions left of the budget, the running block's already taken off; and the count at the start of the run. */
  remaining = 0;
  budget = 0;
  retiredBefore = 0;
  /** A block of one instruction runs that may overwrite itself. */
  alone = false;
  /** Accesses of the running instruction that a plugin was told of; kept only where one wants to be. */
  told = 0;
  /** A string operation wants the run loop to return to the caller for a while. */
  yielded = false;
  /** The bytes of the running block went away under it (a store broke copy-on-write of its page). */
  ownCodeGone = false;
  /** The pending #GP is one of a non-canonical address: #SS if the instruction addresses the stack. */
  nonCanonical = false;
  codeWrites: CodeWrites = { aboutToWrite: () => false };

  constructor(environment: EngineEnvironment) {
    const { cpu, mmu, model } = environment;
    this.cpu = cpu;
    this.mmu = mmu;
    this.model = model;
    this.mem8 = new Uint8Array(mmu.buffer);
    this.mem32 = new Int32Array(mmu.buffer);
    this.data = new DataView(mmu.buffer);
    this.#environment = environment;
  }

  /** Instructions completed before the one that runs. */
  retiredNow(): number {
    const block = this.block;
    const open = block === null ? 0 : block.count - this.instruction;
    return this.retiredBefore + this.budget - this.remaining - open;
  }

  tsc(): bigint {
    return this.#environment.readTsc(this.retiredNow());
  }
  random(): bigint | null {
    return this.#environment.readRandom?.() ?? null;
  }

  raise(vector: Vector, errorCode = 0): never {
    this.stop = { kind: 'fault', fault: { vector, errorCode, address: 0n, reason: 'unmapped' } };
    throw RAISED;
  }

  /** Raises the page fault that Mmu.translate reported, at the exact address. */
  raisePageFault(access: number): never {
    const f = this.mmu.fault;
    // Linux shows everything behind user space as present (arch/x86/mm/fault.c, sanitize_error_code)
    const errorCode = 4 | (f.present || f.address >= USER_END ? 1 : 0) | (access === PROT.WRITE ? 2 : 0) | (access === PROT.EXEC ? 16 : 0);
    const fault: FaultInfo = { vector: VECTOR.PF, errorCode, address: BigInt(f.address), reason: f.reason };
    this.stop = { kind: 'fault', fault };
    throw RAISED;
  }

  /** The address from its halves if it lies in user space, else raises: #GP (the run loop makes it #SS for the stack) where not canonical, #PF in the kernel's half. */
  userAddress(lo: number, hi: number, access: number): number {
    if (hi >>> 15 === 0) return hi * 4294967296 + (lo >>> 0);
    if (hi >> 15 === -1) {
      const address = (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
      const errorCode = 5 | (access === PROT.WRITE ? 2 : 0) | (access === PROT.EXEC ? 16 : 0);
      this.stop = { kind: 'fault', fault: { vector: VECTOR.PF, errorCode, address, reason: 'unmapped' } };
      throw RAISED;
    }
    this.nonCanonical = true;
    return this.raise(VECTOR.GP);
  }

  /** As userAddress for an access of `size` bytes, which may not reach out of the canonical half: #GP before any page fault. */
  userRange(lo: number, hi: number, size: number, access: number): number {
    const address = this.userAddress(lo, hi, access);
    if (address + size > 0x8000_0000_0000) {
      this.nonCanonical = true;
      this.raise(VECTOR.GP);
    }
    return address;
  }

  /** Host offset of one byte; raises if it cannot be accessed. */
  translate(address: number, access: number): number {
    const host = this.mmu.translate(address, access);
    if (host < 0) this.raisePageFault(access);
    if (this.ownCodeGone) {
      this.ownCodeGone = false;
      if (!this.alone) throw OWN_CODE;
    }
    return host;
  }

  /** Host offset for a store of `size` bytes within one page; drops translated code that it overlaps. */
  translateStore(address: number, size: number): number {
    const host = this.translate(address, PROT.WRITE);
    if (this.mmu.isCodeFrame(host >>> 12) && this.codeWrites.aboutToWrite(host, size) && !this.alone) throw OWN_CODE;
    return host;
  }

  /** Loads up to 8 bytes into SCRATCH, zero-extended: page-crossing, TLB misses, faults. */
  slowLoad(instruction: number, lo: number, hi: number, size: number, rmw: boolean): void {
    this.instruction = instruction;
    const access = rmw ? PROT.WRITE : PROT.READ;
    const address = this.userRange(lo, hi, size, access);
    const { u8, i32 } = this.cpu;
    const first = Math.min(size, 4096 - (lo & 4095));
    const at = SCRATCH * 8;
    if (rmw) this.#checkRange(address, size, PROT.WRITE);
    const p = this.translate(address, PROT.READ);
    if (first === size) {
      i32[2 * SCRATCH] = i32[2 * SCRATCH + 1] = 0;
      for (let i = 0; i < size; i++) u8[at + i] = this.mem8[p + i]!;
      return;
    }
    const q = this.translate(this.userAddressOf(address + first, PROT.READ), PROT.READ);
    i32[2 * SCRATCH] = i32[2 * SCRATCH + 1] = 0;
    for (let i = 0; i < first; i++) u8[at + i] = this.mem8[p + i]!;
    for (let i = first; i < size; i++) u8[at + i] = this.mem8[q + i - first]!;
  }

  /** Stores the low bytes of SCRATCH. */
  slowStore(instruction: number, lo: number, hi: number, size: number): void {
    this.instruction = instruction;
    const address = this.userRange(lo, hi, size, PROT.WRITE);
    this.storeBytes(address, this.cpu.u8, SCRATCH * 8, size);
  }

  /** Stores bytes at an address in user space: all of them, or none if it raises. */
  storeBytes(address: number, from: Uint8Array, at: number, size: number): void {
    const first = Math.min(size, 4096 - (address % 4096));
    if (first < size) this.#checkRange(address, size, PROT.WRITE);
    let p = this.translateStore(address, first);
    if (first === size) {
      for (let i = 0; i < size; i++) this.mem8[p + i] = from[at + i]!;
      return;
    }
    // every page is looked at before the first byte is stored: a block that overwrites itself is repeated as a whole
    const parts: number[] = [p];
    for (let done = first; done < size; done += 4096) parts.push(this.translateStore(address + done, Math.min(4096, size - done)));
    let done = 0;
    for (let k = 0; done < size; k++) {
      const n = k === 0 ? first : Math.min(4096, size - done);
      p = parts[k]!;
      for (let i = 0; i < n; i++) this.mem8[p + i] = from[at + done + i]!;
      done += n;
    }
  }

  /** Loads bytes from an address in user space. */
  loadBytes(address: number, into: Uint8Array, at: number, size: number): void {
    this.#checkRange(address, size, PROT.READ);
    for (let done = 0; done < size; ) {
      const n = Math.min(size - done, 4096 - ((address + done) % 4096));
      const p = this.translate(address + done, PROT.READ);
      for (let i = 0; i < n; i++) into[at + done + i] = this.mem8[p + i]!;
      done += n;
    }
  }

  #checkRange(address: number, size: number, access: number): void {
    this.translate(address, access);
    for (let page = address - (address % 4096) + 4096; page < address + size; page += 4096) this.translate(this.userAddressOf(page, access), access);
  }

  /** Checks an address computed from a valid one. */
  userAddressOf(address: number, access: number): number {
    return address < 0x8000_0000_0000 ? address : this.userAddress(0, 0x8000, access);
  }

  read(slot: number, offset: number, into: Uint8Array): void {
    this.loadBytes(this.#linear(slot, offset, PROT.READ), into, 0, into.length);
  }
  write(slot: number, offset: number, from: Uint8Array): void {
    this.storeBytes(this.#linear(slot, offset, PROT.WRITE), from, 0, from.length);
  }
  #linear(slot: number, offset: number, access: number): number {
    const address = BigInt.asUintN(64, this.cpu.u64[slot]! + BigInt(offset));
    return this.userAddress(Number(address & 0xffffffffn) | 0, Number(address >> 32n) | 0, access);
  }

  /** rip as the run loop keeps it at exits. */
  setRip(address: number): void {
    this.cpu.u64[CELL.rip] = BigInt(address);
  }
}
