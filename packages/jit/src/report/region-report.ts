import { disassemble, printOp } from '@tally86/decoder';
import type { EmittedRegion } from '../emit/region-options.ts';
import type { ExitPoint } from '../emit/writer.ts';
import { cellName, LINK } from '../layout.ts';
import type { RegionGraph } from '../region/graph.ts';
import { IMPORT_TYPES } from '../runtime/dispatcher.ts';
import { printFunction } from '../wasm/wat.ts';
import { causeOf, noExits, type ExitCause, type ExitCounts } from './exits.ts';

export interface InstructionReport {
  readonly address: number;
  readonly bytes: Uint8Array;
  /** Intel syntax. */
  readonly text: string;
  /** Its operations, one a line. */
  readonly ir: readonly string[];
}
export interface BlockReport {
  readonly address: number;
  readonly instructions: readonly InstructionReport[];
  /** Where execution goes on as far as is known; `inside`: within the region. */
  readonly edges: readonly { readonly address: number; readonly inside: boolean }[];
}
export interface ExitReport {
  readonly address: number;
  readonly cause: ExitCause;
  /** How often it was taken until now. */
  readonly count: number;
}

/** A translated region, as it is told to an observer. */
export interface RegionReport {
  /** How many regions were translated before. */
  readonly number: number;
  readonly address: number;
  /** Addresses at which it can be entered. */
  readonly entries: readonly number[];
  /** Guest instructions. */
  readonly instructions: number;
  /** The blocks in their order in the region; the first is where it starts. */
  readonly blocks: readonly BlockReport[];
  /** The function's code without its locals (core specification, 5.4.8). */
  readonly body: Uint8Array;
  /** The function as WebAssembly text; its locals have the names of guest registers. */
  wat(): string;
  /** Its exits, with counts as they are now. */
  exits(): ExitReport[];
  exitCounts(): ExitCounts;
}

/** What the report is made of. */
export interface RegionParts {
  readonly number: number;
  readonly graph: RegionGraph;
  readonly emitted: EmittedRegion;
  /** Guest addresses of the entries, by number. */
  readonly entries: readonly number[];
  /** Names of the module's functions, imported ones first. */
  readonly functions: readonly string[];
  /** The exits and the number of the first. */
  readonly exits: readonly ExitPoint[];
  readonly firstExit: number;
  addressOfSlot(slot: number): number | undefined;
  fetch(address: number, length: number): Uint8Array;
  readonly features: ReadonlySet<string>;
}

const hex = (address: number): string => `0x${address.toString(16)}`;

export function describeRegion({ number, graph, emitted, entries, functions, exits, firstExit, addressOfSlot, fetch, features }: RegionParts): RegionReport {
  const { body } = emitted;
  const address = graph.blocks[0]!.address;
  const blocks = graph.blocks.map(({ address: at, instructions, ops, base, edges }): BlockReport => ({
    address: at,
    instructions: instructions.map((instruction, i) => {
      const bytes = fetch(instruction.address, instruction.length);
      const behind = instructions[i + 1]?.first ?? base + ops.length;
      const ir = ops.slice(instruction.first - base, behind - base).filter((op) => op.op !== 'nop').map(printOp);
      return { address: instruction.address, bytes, text: disassemble(bytes, instruction.address, features), ir };
    }),
    edges: edges.map(({ address: to, to: index }) => ({ address: to, inside: index >= 0 })),
  }));

  /** What a constant of 64 bits stands for where it is a link. */
  function noteOf(value: bigint): string | undefined {
    const high = Number(value >> 32n);
    const low = Number(value & 0xffff_ffffn);
    if (high === LINK.exitHigh) {
      const point = exits[low - firstExit];
      return point && `exit at ${hex(point.rip)}: ${causeOf(point)}`;
    }
    const slot = high === LINK.slotHigh ? addressOfSlot(low) : undefined;
    return slot === undefined ? undefined : `go on at ${hex(slot)}`;
  }

  return {
    number, address, blocks,
    entries,
    instructions: graph.instructionCount,
    body: body.code,
    wat: () => printFunction(body, IMPORT_TYPES[body.type]!, {
      name: `guest_${address.toString(16)}`,
      locals: emitted.localNames,
      functions,
      noteOffset: cellName,
      noteConstant: noteOf,
    }),
    exits: () => exits.map((point) => ({ address: point.rip, cause: causeOf(point), count: point.count })),
    exitCounts() {
      const counts = noExits();
      for (const point of exits) counts[causeOf(point)] += point.count;
      return counts;
    },
  };
}
