import { PAGE_SIZE, PROT } from '@tally86/core';

/** Below this many bytes a loop is cheaper than a view of the memory. */
const SHORT = 32;

/** What copies need of an address space. */
export interface CopyTarget {
  readonly bytes: Uint8Array;
  /** Host offset, or −1; `force` passes over permissions. */
  locate(address: number, access: number, force: boolean): number;
  /** Bytes at the host offset are about to change. */
  aboutToWrite(hostOffset: number, length: number): void;
}

/** Copies between host and guest, page by page, up to the first page that faults. */
export function createCopies(target: CopyTarget) {
  const { bytes } = target;

  function read(address: number, into: Uint8Array, force: boolean): number {
    const total = into.length;
    let done = 0;
    while (done < total) {
      const host = target.locate(address + done, PROT.READ, force);
      if (host < 0) break;
      const chunk = Math.min(total - done, PAGE_SIZE - (host & (PAGE_SIZE - 1)));
      if (chunk <= SHORT) for (let i = 0; i < chunk; i++) into[done + i] = bytes[host + i];
      else into.set(bytes.subarray(host, host + chunk), done);
      done += chunk;
    }
    return done;
  }

  function write(address: number, from: Uint8Array, force: boolean): number {
    const total = from.length;
    let done = 0;
    while (done < total) {
      const host = target.locate(address + done, PROT.WRITE, force);
      if (host < 0) break;
      const chunk = Math.min(total - done, PAGE_SIZE - (host & (PAGE_SIZE - 1)));
      target.aboutToWrite(host, chunk);
      if (chunk <= SHORT) for (let i = 0; i < chunk; i++) bytes[host + i] = from[done + i];
      else bytes.set(chunk === total ? from : from.subarray(done, done + chunk), host);
      done += chunk;
    }
    return done;
  }

  return {
    copyIn: (address: number, into: Uint8Array) => read(address, into, false),
    copyOut: (address: number, from: Uint8Array) => write(address, from, false),
    peek: (address: number, into: Uint8Array) => read(address, into, true),
    poke: (address: number, from: Uint8Array) => write(address, from, true),
    zero(address: number, length: number): number {
      let done = 0;
      while (done < length) {
        const host = target.locate(address + done, PROT.WRITE, false);
        if (host < 0) break;
        const chunk = Math.min(length - done, PAGE_SIZE - (host & (PAGE_SIZE - 1)));
        target.aboutToWrite(host, chunk);
        bytes.fill(0, host, host + chunk);
        done += chunk;
      }
      return done;
    },
  };
}
