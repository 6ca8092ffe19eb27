import type { BlockInstrumentation } from '@tally86/core';
import type { IrInstruction } from '@tally86/decoder';

/** Runs the rest of a block; returns the block that follows if it is known, else null: look at rip, or at the pending stop. */
export type Next = () => Block | null;

/** A part of a block's bytes inside one page frame. */
export interface CodePiece {
  readonly frame: number;
  /** Byte offsets within the frame, [from, to). */
  readonly from: number;
  readonly to: number;
}

/** A translated straight run of guest instructions. */
export interface Block {
  readonly address: number;
  /** The address in signed halves. */
  readonly lo: number;
  readonly hi: number;
  readonly end: number;
  /** Instructions in the block. */
  readonly count: number;
  readonly instructions: readonly IrInstruction[];
  /** What it takes of the host's memory, in instructions and operations. */
  readonly cost: number;
  readonly pieces: readonly CodePiece[];
  /** What plugins want of it. */
  readonly wanted: BlockInstrumentation | undefined;
  run: Next;
  /** Executions until an engine for hot code is asked whether it takes over; Infinity: there is none. */
  heat: number;
  /** False once the bytes changed or went away; links to it are then looked up anew. */
  valid: boolean;
}

/** Where a block goes on, at a fixed address; remembers the block there. */
export class Exit {
  readonly address: number;
  readonly #resolve: (address: number) => Block;
  #link: Block | null = null;
  constructor(address: number, resolve: (address: number) => Block) {
    this.address = address;
    this.#resolve = resolve;
  }
  follow(): Block {
    const link = this.#link;
    if (link !== null && link.valid) return link;
    return (this.#link = this.#resolve(this.address));
  }
}
