import type { Callee } from '../runtime/direct-calls.ts';
import { OP, TYPE } from '../wasm/opcodes.ts';
import { DEPTH_LOCAL, type RegionWriter } from './writer.ts';

/**
 * Calls of regions that may nest; a guest that recurses deeper goes on from the outermost frame. A large region counts for several: its frame takes up
 * to 12 KiB of the host's stack, which has 984.
 */
const MAX_DEPTH = 128;
const LARGE = 512;

export interface Call {
  /** Instructions of the calling region. */
  readonly size: number;
  /** Pushes the link to the callee. */
  link(): void;
  readonly ret: number;
  /** Where it goes, as far as that can be called without the dispatcher. */
  readonly known: readonly { readonly address: number; readonly callee: Callee }[];
  /** Local with the address, where it may go elsewhere; −1: it goes to the only target. */
  readonly target: number;
  /** Index of the imported function that calls through the dispatcher. */
  readonly invoke: number;
}

/** A call: everything to memory, then the callee runs until it returns here; if it does not, so does the region. The state is in memory behind it. */
export function emitCall(w: RegionWriter, { size, link, ret, known, target, invoke }: Call): void {
  const { code } = w;
  const weight = 1 + Math.floor(size / LARGE);
  // nested too deeply: the outermost frame goes on with the callee
  w.settle();
  link();
  code.set(w.result);
  w.bringFlags('memory');
  code.get(DEPTH_LOCAL).i32(MAX_DEPTH).op(OP.i32_ge_u).brIf(w.depth);
  w.storeRemaining();
  w.forgetGathered();
  const deeper = (): void => void code.get(DEPTH_LOCAL).i32(weight).op(OP.i32_add);
  const isElse = (): void => void code.tee(w.result).i64n(ret).op(OP.i64_ne).if();
  if (known.length > 0) {
    for (const { address, callee } of known) {
      code.i32(0).memory(OP.i32_load, callee.live);
      if (target >= 0) code.get(target).i64n(address).op(OP.i64_eq).op(OP.i32_and);
      code.if(TYPE.i64).i32(callee.entry);
      deeper();
      code.call(callee.index).else();
    }
    code.get(w.result);
    for (let i = 0; i < known.length; i++) code.end();
    // it was dropped, or it is another one, or it went elsewhere first
    isElse();
  }
  code.get(w.result).i64n(ret);
  deeper();
  code.call(invoke);
  isElse();
  // something else came up: the state is in memory already
  code.get(w.result).op(OP.return).end();
  if (known.length > 0) code.end();
}
