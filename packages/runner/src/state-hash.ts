import { BYTE, CELL, VECTOR_SLOT, VECTOR_STRIDE, vectorOffset, type CpuState, type Mmu, type VmaSet } from '@tally86/core';
import { readRflags } from '@tally86/helpers';
import type { Machine } from '@tally86/linux';

/** A running hash (SHA-256 in the runner). */
export interface Hasher {
  update(bytes: Uint8Array): void;
  hex(): string;
}

const CELLS = [CELL.rip, CELL.fsBase, CELL.gsBase, CELL.mxcsr, CELL.fcw, CELL.fsw, CELL.ftop, CELL.ftw];

/**
 * A hash of what the guest can tell of its own state: registers with flags worked out, mappings, and the contents of memory; of the first process,
 * then of each other one that lives, by pid. The machine can only be looked at afterwards.
 */
export function hashMachine(machine: Machine, hasher: Hasher): string {
  const { current, init, cpu } = machine;
  const done = new Set<unknown>();
  for (const process of machine.processes.values()) {
    if (process !== init && process.exit !== null) continue;
    // of a process that ended the thread that ended it
    const tasks = process === current.process ? [current, ...process.tasks.filter((task) => task !== current)] : process.tasks;
    for (const task of tasks) {
      if (task.state === 'dead' && task !== current) continue;
      machine.examine(task);
      hashRegisters(cpu, hasher);
    }
    if (done.has(process.mm)) continue;
    done.add(process.mm);
    hashMemory(process.mm.mmu, process.mm.vmas, hasher);
  }
  return hasher.hex();
}

/** Registers of the running state. */
function hashRegisters(cpu: CpuState, hasher: Hasher): void {
  const registers = new BigUint64Array(16 + 1 + CELLS.length);
  registers.set(cpu.u64.subarray(0, 16));
  registers[16] = BigInt(readRflags(cpu));
  CELLS.forEach((cell, i) => (registers[17 + i] = cpu.u64[cell]!));
  hasher.update(new Uint8Array(registers.buffer));
  for (let i = 0; i < 16; i++) {
    // a whole ymm register
    for (const slot of [i, i + VECTOR_SLOT.high]) hasher.update(cpu.u8.slice(vectorOffset(slot), vectorOffset(slot) + VECTOR_STRIDE));
  }
  for (let i = 0; i < 8; i++) hasher.update(cpu.u8.slice(BYTE.x87 + 16 * i, BYTE.x87 + 16 * i + 10));
}

/** Mappings and memory. Pages that hold only zeros count as untouched and clean pages of files as their file, so that it does not depend on what an engine looked at. */
function hashMemory(mmu: Mmu, vmas: VmaSet, hasher: Hasher): void {
  const row = new Float64Array(4);
  for (const vma of vmas.range(0, Number.MAX_SAFE_INTEGER)) {
    row.set([vma.start, vma.end, vma.prot, (vma.shared ? 1 : 0) + (vma.source === null ? 0 : 2)]);
    hasher.update(new Uint8Array(row.buffer.slice(0)));
  }

  const words = new Int32Array(mmu.buffer);
  const bytes = new Uint8Array(mmu.buffer);
  const place = new Float64Array(1);
  mmu.forEachPage((address, hostOffset, _prot, clean) => {
    if (clean || isZero(words, hostOffset >>> 2)) return;
    place[0] = address;
    hasher.update(new Uint8Array(place.buffer.slice(0)));
    hasher.update(bytes.subarray(hostOffset, hostOffset + 4096));
  });
}

function isZero(words: Int32Array, from: number): boolean {
  for (let i = from; i < from + 1024; i++) if (words[i] !== 0) return false;
  return true;
}
