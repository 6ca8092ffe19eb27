import { Code, Decoder, DecoderOptions, Formatter, FormatterSyntax, Instruction, Mnemonic, OpKind, Register } from '../iced.ts';
import type { IrBlock } from '../ir/ops.ts';
import { eliminateDeadCode } from '../opt/dead-code.ts';
import { LiftContext } from './context.ts';
import { FAMILIES } from './families.ts';
import type { Lift } from './family.ts';

/** Reads instruction bytes as the CPU fetches them, never across a page; returns how many of `into` could be read: all or none. */
export type Fetch = (address: number, into: Uint8Array) => number;

export interface LifterOptions {
  readonly fetch: Fetch;
  /** Features of the CPU model; an instruction of an absent one is #UD. */
  readonly features: ReadonlySet<string>;
}

export interface Lifter {
  /** Translates a straight run from `address`: up to `max` instructions, to the first branch, or to the end of the page's readable bytes. */
  lift(address: number, max: number): IrBlock;
  /** As lift, but nothing is optimised away: the block may be cut between any two instructions. */
  liftWhole(address: number, max: number): IrBlock;
  /**
   * Whether a non-canonical address in the instruction at `address` is one of the stack segment, #SS instead of #GP (SDM vol. 3, 6.15):
   * an explicit one from rsp or rbp, or that of a push or pop. An instruction with both kinds is taken for the latter if rsp is not canonical.
   */
  addressesStack(address: number, rspCanonical: boolean): boolean;
}

const MAX_LENGTH = 15;
const PAGE = 4096;
/** Bytes fetched at once; more are fetched as the block grows. */
const WINDOW = 256;
/** DecoderError.NoMoreBytes */
const NO_MORE_BYTES = 2;

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

/** A CPU without these takes the prefix for nothing and runs bsf or bsr. */
function decoderOptionsOf(features: ReadonlySet<string>): number {
  return (features.has('bmi1') ? 0 : DecoderOptions.NoMPFX_0FBC) | (features.has('lzcnt') ? 0 : DecoderOptions.NoMPFX_0FBD);
}

/** Assembly text of the instruction in `bytes` that lies at `address`, as a CPU with these features runs it; `(bad)` if there is none. */
export function disassemble(bytes: Uint8Array, address: number, features: ReadonlySet<string>): string {
  const decoder = new Decoder(64, bytes, decoderOptionsOf(features));
  decoder.ip = BigInt(address);
  const insn = decoder.decode();
  try {
    return insn.code === Code.INVALID ? '(bad)' : formatInstruction(insn);
  } finally {
    insn.free();
    decoder.free();
  }
}

/** A lifter bound to a source of instruction bytes. Nothing is cached here. */
export function createLifter(options: LifterOptions): Lifter {
  const { fetch, features } = options;
  const insn = new Instruction();
  const decoderOptions = decoderOptionsOf(features);
  const buffer = new Uint8Array(WINDOW);

  /** The bytes at `at` that can be fetched, up to the end of the window or of the page. */
  function readWindow(at: number): Uint8Array {
    const wanted = Math.min(WINDOW, PAGE - (at % PAGE));
    return buffer.slice(0, fetch(at, buffer.subarray(0, wanted)));
  }
  function decoderAt(window: Uint8Array, at: number): Decoder {
    const decoder = new Decoder(64, window, decoderOptions);
    decoder.ip = BigInt(at);
    return decoder;
  }

  function liftRun(address: number, max: number, whole: boolean): IrBlock {
    const c = new LiftContext(insn, features);
    const b = c.b;
    let at = address;
    let window = readWindow(at);
    let decoder = decoderAt(window, at);
    let left = window.length;
    try {
      while (!b.ended) {
        if (b.instructions.length === max) {
          b.end({ op: 'jump', target: at, kind: 'fall', ret: 0 });
          break;
        }
        if (left < MAX_LENGTH && at % PAGE !== 0 && left < PAGE - (at % PAGE)) {
          // the window ends before its page does
          window = readWindow(at);
          decoder.free();
          decoder = decoderAt(window, at);
          left = window.length;
        }
        decoder.decodeOut(insn);
        let crossed = false;
        if (insn.code === Code.INVALID && (left === 0 || decoder.lastError === NO_MORE_BYTES)) {
          if (b.instructions.length > 0 && left === 0) {
            b.end({ op: 'jump', target: at, kind: 'fall', ret: 0 });
            break;
          }
          // the instruction goes on in the next page
          const more = readWindow(at + left);
          if (more.length === 0 || left === 0) {
            if (b.instructions.length > 0) b.end({ op: 'jump', target: at, kind: 'fall', ret: 0 });
            else {
              b.begin(at, 0, '(fetch)');
              b.end({ op: 'fetchfault', rip: at, address: at + left });
            }
            break;
          }
          const joined = new Uint8Array(left + Math.min(more.length, MAX_LENGTH));
          joined.set(window.subarray(window.length - left));
          joined.set(more.subarray(0, joined.length - left), left);
          window = joined;
          decoder.free();
          decoder = decoderAt(window, at);
          left = window.length;
          decoder.decodeOut(insn);
          crossed = true;
        }
        const from = window.length - left;
        if (insn.code === Code.INVALID) {
          undefinedAt(c, at, window.slice(from, from + MAX_LENGTH), '(bad)');
          break;
        }
        const length = insn.length;
        const mnemonic = insn.mnemonic;
        c.start(at, length);
        const lifted = LIFTS[mnemonic];
        const mark = b.ops.length;
        b.begin(at, length, MNEMONIC_NAMES[mnemonic] ?? '?');
        if (lifted === undefined || lifted(c) === false) {
          b.ops.length = mark;
          b.instructions.pop();
          b.ended = false;
          undefinedAt(c, at, window.slice(from, from + length), formatInstruction(insn));
          break;
        }
        at += length;
        left -= length;
        // a block has bytes of at most two pages
        if (crossed && !b.ended) b.end({ op: 'jump', target: at, kind: 'fall', ret: 0 });
      }
    } finally {
      decoder.free();
    }
    const last = b.instructions[b.instructions.length - 1]!;
    return { address, end: last.address + last.length, instructions: b.instructions, ops: whole ? b.ops : eliminateDeadCode(b.ops, b.instructions) };
  }
  function addressesStack(address: number, rspCanonical: boolean): boolean {
    const bytes = new Uint8Array(MAX_LENGTH);
    const first = Math.min(MAX_LENGTH, PAGE - (address % PAGE));
    let got = fetch(address, bytes.subarray(0, first));
    if (got === first && first < MAX_LENGTH) got += fetch(address + first, bytes.subarray(first));
    const decoder = decoderAt(bytes.subarray(0, got), address);
    try {
      decoder.decodeOut(insn);
      return usesStackSegment(insn, rspCanonical);
    } finally {
      decoder.free();
    }
  }
  return { lift: (address, max) => liftRun(address, max, false), liftWhole: (address, max) => liftRun(address, max, true), addressesStack };
}

const STACK_BASES: ReadonlySet<Register> = new Set([Register.RSP, Register.RBP, Register.ESP, Register.EBP]);

function usesStackSegment(insn: Instruction, rspCanonical: boolean): boolean {
  const implicit = insn.stackPointerIncrement !== 0 || insn.mnemonic === Mnemonic.Enter || insn.mnemonic === Mnemonic.Leave;
  for (let i = 0; i < insn.opCount; i++) {
    if (insn.opKind(i) !== OpKind.Memory) continue;
    const segment = insn.memorySegment;
    return (implicit && !rspCanonical) || (STACK_BASES.has(insn.memoryBase) && segment !== Register.FS && segment !== Register.GS);
  }
  return implicit;
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

