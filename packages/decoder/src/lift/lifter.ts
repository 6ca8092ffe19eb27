import { Code, Decoder, DecoderOptions, Formatter, FormatterSyntax, Instruction, Mnemonic } from 'iced-x86';
import type { IrBlock } from '../ir/ops.ts';
import { eliminateDeadFlags } from '../opt/dead-flags.ts';
import { LiftContext } from './context.ts';
import { FAMILIES } from './families.ts';
import type { Lift } from './family.ts';

/** Reads instruction bytes as the CPU fetches them; returns how many of `into` could be read before a fault. */
export type Fetch = (address: number, into: Uint8Array) => number;

export interface LifterOptions {
  readonly fetch: Fetch;
  /** Features of the CPU model; an instruction of an absent one is #UD. */
  readonly features: ReadonlySet<string>;
}

export interface Lifter {
  /** Translates a straight run from `address`: up to `max` instructions, to the first branch, or to the end of the page's readable bytes. */
  lift(address: number, max: number): IrBlock;
}

const MAX_LENGTH = 15;
const WINDOW = 256;

const LIFTS: (Lift | undefined)[] = [];
for (const family of FAMILIES) for (const [mnemonic, lift] of family) LIFTS[mnemonic] = lift;

const MNEMONIC_NAMES: string[] = [];
for (const [name, value] of Object.entries(Mnemonic)) if (typeof value === 'number') MNEMONIC_NAMES[value] = name.toLowerCase();

/** The mnemonics that the lifter knows, in lower case, sorted: for documentation and tests. */
export function knownMnemonics(): string[] {
  return MNEMONIC_NAMES.filter((_, mnemonic) => LIFTS[mnemonic] !== undefined).sort();
}

let formatter: Formatter | undefined;
/** Assembly text of a decoded instruction (Intel syntax, as people read it in reports). */
export function formatInstruction(insn: Instruction): string {
  formatter ??= new Formatter(FormatterSyntax.Intel);
  return formatter.format(insn);
}

/** A lifter bound to a source of instruction bytes. Nothing is cached here. */
export function createLifter(options: LifterOptions): Lifter {
  const { fetch, features } = options;
  const insn = new Instruction();
  const bytes = new Uint8Array(WINDOW + MAX_LENGTH);

  function lift(address: number, max: number): IrBlock {
    const c = new LiftContext(insn, features);
    const b = c.b;
    let got = fetch(address, bytes);
    let windowAt = address;
    let decoder = new Decoder(64, got === bytes.length ? bytes : bytes.subarray(0, got), DecoderOptions.None);
    decoder.ip = BigInt(address);
    let at = address;
    try {
      while (!b.ended) {
        if (b.instructions.length === max) {
          b.end({ op: 'jump', target: at, kind: 'fall', ret: 0 });
          break;
        }
        if (at - windowAt > WINDOW && got === bytes.length) {
          got = fetch(at, bytes);
          windowAt = at;
          decoder.free();
          decoder = new Decoder(64, got === bytes.length ? bytes : bytes.subarray(0, got), DecoderOptions.None);
          decoder.ip = BigInt(at);
        }
        decoder.decodeOut(insn);
        if (insn.code === Code.INVALID) {
          const left = got - (at - windowAt);
          if (left < MAX_LENGTH && got < bytes.length && decoder.lastError === 1) {
            // the instruction goes on behind the last readable byte
            if (b.instructions.length > 0) b.end({ op: 'jump', target: at, kind: 'fall', ret: 0 });
            else {
              b.begin(at, 0, '(fetch)');
              b.end({ op: 'fetchfault', rip: at, address: windowAt + got });
            }
            break;
          }
          undefinedAt(c, at, bytes.slice(at - windowAt, Math.min(at - windowAt + MAX_LENGTH, got)), '(bad)');
          break;
        }
        const length = insn.length;
        const mnemonic = insn.mnemonic;
        c.address = at;
        c.next = at + length;
        const lifted = LIFTS[mnemonic];
        const mark = b.ops.length;
        b.begin(at, length, MNEMONIC_NAMES[mnemonic] ?? '?');
        if (lifted === undefined || lifted(c) === false) {
          b.ops.length = mark;
          b.instructions.pop();
          b.ended = false;
          undefinedAt(c, at, bytes.slice(at - windowAt, at - windowAt + length), formatInstruction(insn));
          break;
        }
        at += length;
      }
    } finally {
      decoder.free();
    }
    const last = b.instructions[b.instructions.length - 1]!;
    return { address, end: last.address + last.length, instructions: b.instructions, ops: eliminateDeadFlags(b.ops) };
  }
  return { lift };
}

/** An undefined instruction stands in a block of its own, so that what precedes it is complete. */
function undefinedAt(c: LiftContext, at: number, bytes: Uint8Array, text: string): void {
  if (c.b.instructions.length > 0) {
    c.b.end({ op: 'jump', target: at, kind: 'fall', ret: 0 });
    return;
  }
  c.b.begin(at, bytes.length, '(undefined)');
  c.b.end({ op: 'undefined', rip: at, bytes, text });
}

