import { PROT, USER_END, type CpuModel, type CpuState, type EnginePort } from '@tally86/core';
import type { HelperContext } from '@tally86/helpers';

/** Thrown out of translated code when the interpreter has to do the instruction whose helper runs: it raised, or stores into code. */
export const BAIL = { name: 'left to the interpreter' } as const;

/** What depends on the running instruction, or is another thing each time. */
type Machine = Pick<HelperContext, 'tsc' | 'random'>;

function bail(): never {
  throw BAIL;
}

/** What helpers get when translated code calls them: nothing is raised here, the interpreter finds out what is wrong. */
export class JitHelperContext implements HelperContext {
  readonly cpu: CpuState;
  readonly model: CpuModel;
  readonly #mmu: EnginePort;
  readonly #bytes: Uint8Array;
  readonly #machine: Machine | undefined;
  /** Counted up whenever translations go away, so that a store that made it happen is repeated outside. */
  invalidations = 0;

  /** `machine`: for who knows which instruction calls. */
  constructor(cpu: CpuState, mmu: EnginePort, model: CpuModel, machine?: Machine) {
    this.cpu = cpu;
    this.model = model;
    this.#mmu = mmu;
    this.#machine = machine;
    this.#bytes = new Uint8Array(mmu.buffer);
  }
  tsc(): bigint {
    return (this.#machine ?? bail()).tsc();
  }
  random(): bigint | null {
    return (this.#machine ?? bail()).random();
  }
  raise(): never {
    return bail();
  }
  #host(address: number, access: number): number {
    const host = address < USER_END ? this.#mmu.translate(address, access) : -1;
    if (host < 0) bail();
    return host;
  }
  #linear(slot: number, offset: number): number {
    const address = BigInt.asUintN(64, this.cpu.u64[slot]! + BigInt(offset));
    if (address >= BigInt(USER_END)) bail();
    return Number(address);
  }
  read(slot: number, offset: number, into: Uint8Array): void {
    const address = this.#linear(slot, offset);
    for (let done = 0; done < into.length; ) {
      const n = Math.min(into.length - done, 4096 - ((address + done) % 4096));
      const host = this.#host(address + done, PROT.READ);
      into.set(this.#bytes.subarray(host, host + n), done);
      done += n;
    }
  }
  write(slot: number, offset: number, from: Uint8Array): void {
    const address = this.#linear(slot, offset);
    const before = this.invalidations;
    const parts: { host: number; at: number; length: number }[] = [];
    if (from.length === 0) this.#host(address, PROT.WRITE);
    for (let done = 0; done < from.length; ) {
      const length = Math.min(from.length - done, 4096 - ((address + done) % 4096));
      const host = this.#host(address + done, PROT.WRITE);
      if (this.#mmu.isCodeFrame(host >>> 12)) bail();
      parts.push({ host, at: done, length });
      done += length;
    }
    if (this.invalidations !== before) bail();
    for (const { host, at, length } of parts) this.#bytes.set(from.subarray(at, at + length), host);
  }
}
