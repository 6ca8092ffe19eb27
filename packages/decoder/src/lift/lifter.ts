import { Code, Decoder, DecoderOptions, Formatter, FormatterSyntax, Instruction, loadIced, Mnemonic, OpKind, Register } from '../iced.ts';
import type { EndOp, Imm, IrBlock, IrInstruction, IrOp } from '../ir/ops.ts';
import { LiftContext } from './context.ts';
import { encodingsFor } from './encodings.ts';
import { FAMILIES } from './families.ts';
import type { Lift } from './family.ts';
import { once } from './once.ts';
import { addPlaced, constant, LIVE_AT_END, placeOf, Template, type Place } from './template.ts';
import { isUser } from './user-space.ts';

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
const WINDOW = 128;
/** DecoderError.NoMoreBytes */
const NO_MORE_BYTES = 2;

/** What each mnemonic means, and its name. */
const mnemonics = once(() => {
  loadIced();
  const lifts: (Lift | undefined)[] = [];
  for (const family of FAMILIES) for (const [mnemonic, lift] of family()) lifts[mnemonic] = lift;
  const names: string[] = [];
  for (const [name, value] of Object.entries(Mnemonic)) if (typeof value === 'number') names[value] = name.toLowerCase();
  return { lifts, names } as const;
});

/** The mnemonics that the lifter knows, in lower case, sorted: for documentation and tests. */
export function knownMnemonics(): string[] {
  const { lifts, names } = mnemonics();
  return names.filter((_, mnemonic) => lifts[mnemonic] !== undefined).sort();
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
  loadIced();
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

/**
 * A lifter bound to a source of instruction bytes. Blocks are not cached here; what instructions mean is, by their bytes. iced-x86 is loaded when it is
 * first asked: an engine that has kept what it translated never asks.
 */
export function createLifter(options: LifterOptions): Lifter {
  const lifter = once(() => makeLifter(options));
  return {
    lift: (address, max) => lifter().lift(address, max),
    liftWhole: (address, max) => lifter().liftWhole(address, max),
    addressesStack: (address, rspCanonical) => lifter().addressesStack(address, rspCanonical),
  };
}

function makeLifter({ fetch, features }: LifterOptions): Lifter {
  const { lifts, names } = mnemonics();
  const insn = new Instruction();
  const c = new LiftContext(insn, features);
  const { exact: encodings, patterns } = encodingsFor(features);
  const decoderOptions = decoderOptionsOf(features);
  const buffer = new Uint8Array(WINDOW);

  // the bytes being lifted: those of `window` up to `end`, of which the first lies at `start`
  let window = buffer;
  let end = 0;
  let start = 0;
  /** Made when the window has an instruction that is not known. */
  let decoder: Decoder | null = null;

  /** Opens the window on what can be fetched at an address, up to the window's size or to the end of the page. */
  function open(at: number): void {
    close();
    window = buffer;
    start = at;
    const wanted = Math.min(WINDOW, PAGE - inPage(at));
    end = fetch(at, wanted === WINDOW ? buffer : buffer.subarray(0, wanted));
  }
  function close(): void {
    decoder?.free();
    decoder = null;
  }
  function decoderAt(bytes: Uint8Array, at: number): Decoder {
    const made = new Decoder(64, bytes, decoderOptions);
    made.ip = BigInt(at);
    return made;
  }
  /** Decodes what lies at an address in the window; false: it is cut off at the window's end. */
  function decode(at: number): boolean {
    if (decoder === null) decoder = decoderAt(window.subarray(at - start, end), at);
    else {
      decoder.position = decoder.maxPosition - (end - (at - start));
      decoder.ip = BigInt(at);
    }
    decoder.decodeOut(insn);
    return insn.code !== Code.INVALID || (at - start < end && decoder.lastError !== NO_MORE_BYTES);
  }

  /** Lifts the instruction that was decoded; null: the CPU has none like it. */
  function liftDecoded(at: number): Template | null {
    if (insn.code === Code.INVALID) return null;
    const { length, mnemonic } = insn;
    const lifted = lifts[mnemonic];
    c.start(at, length);
    if (lifted === undefined || lifted(c) === false) return null;
    const { ops, ended } = c.b;
    const place = placeIn(ops, at, length);
    const from = at - start;
    const plain = place !== undefined && c.immediate !== null && encodings.layout.immediate > 0 && c.immediate.imm === immediateOf(from, c.isSigned).imm;
    const template = new Template(length, names[mnemonic] ?? '?', ops, ended, place ?? null, plain ? c.immediate : null, c.isSigned);
    if (place !== undefined) encodings.add(window, from, template);
    if (plain && patterns.find(window, from, end) === null) patterns.add(window, from, template);
    return template;
  }
  /** The immediate operand of the instruction in the window that was looked up. */
  function immediateOf(from: number, isSigned: boolean): Imm {
    const { length, immediate } = encodings.layout;
    const i = from + length - immediate;
    const low = window[i]! | (immediate > 1 ? window[i + 1]! << 8 : 0) | (immediate > 2 ? (window[i + 2]! << 16) | (window[i + 3]! << 24) : 0);
    if (immediate === 8) {
      const high = window[i + 4]! | (window[i + 5]! << 8) | (window[i + 6]! << 16) | (window[i + 7]! << 24);
      return { imm: (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0), lo: low, hi: high };
    }
    const unused = 32 - 8 * immediate;
    return constant(isSigned ? low << unused >> unused : low >>> 0);
  }
  /** The instruction in the window that was looked up in vain, if it is like another but for its immediate operand; it is known then. */
  function alike(from: number): Template | null {
    if (encodings.layout.immediate === 0) return null;
    const pattern = patterns.find(window, from, end);
    if (pattern === null) return null;
    const template = pattern.withImmediate(immediateOf(from, pattern.isSigned));
    encodings.add(window, from, template);
    return template;
  }
  /** What of the operations just made depends on the instruction's place; undefined: nothing can be told of others with its bytes. */
  function placeIn(ops: readonly IrOp[], at: number, length: number): Place | null | undefined {
    // the parts of it that were guessed from its bytes must be those that the decoder found
    if (c.pinned || encodings.layout.length !== length) return undefined;
    const { usesNext: next, usesRip, usesTarget: branches, usesConstant: constant, addresses } = c;
    const displaced = branches || addresses.length > 0;
    if (encodings.layout.size === 0) {
      if (usesRip || branches) return undefined;
      return next ? placeOf(ops, { next, relative: false, branches, constant, addresses: [] }, false, 0) : null;
    }
    if (!displaced) return next ? undefined : null;
    const relative = usesRip || branches;
    const target = targetOf(relative, at - start, at + length);
    if (relative && !isUser(target)) return undefined;
    if (branches ? c.target !== target : addresses.some((ea) => ea.disp !== target)) return undefined;
    return placeOf(ops, { next, relative: usesRip, branches, constant, addresses }, true, target);
  }
  /** The target of the instruction in the window that was looked up, or its displacement from registers. */
  function targetOf(relative: boolean, from: number, next: number): number {
    const { at, size } = encodings.layout;
    const i = from + at;
    const displacement = size === 1 ? window[i]! << 24 >> 24 : window[i]! | (window[i + 1]! << 8) | (window[i + 2]! << 16) | (window[i + 3]! << 24);
    return relative ? next + displacement : displacement;
  }

  // the block being lifted, by instruction; never cut short, as that gives memory back that the next block wants
  const templates: Template[] = [];
  /** Targets of those whose place tells of one. */
  const targets: number[] = [];
  /** Operations that are left of them. */
  const left: (readonly IrOp[])[] = [];

  function liftRun(address: number, max: number, whole: boolean): IrBlock {
    const instructions: IrInstruction[] = [];
    let count = 0;
    let at = address;
    let first = 0;
    let last: EndOp | null = null;
    let ended = false;
    open(at);
    try {
      while (!ended) {
        if (count === max) {
          last = fallTo(at);
          break;
        }
        let from = at - start;
        if (end - from < MAX_LENGTH && inPage(at) !== 0 && end - from < PAGE - inPage(at)) {
          // the window ends before its page does
          open(at);
          from = 0;
        }
        let template = from < end ? (encodings.find(window, from, end) ?? alike(from)) : null;
        let target = 0;
        let crossed = false;
        if (template !== null && template.place !== null && template.place.displaced) {
          const { relative, constant } = template.place;
          target = targetOf(relative, from, at + template.length);
          if (relative ? !isUser(target) : constant && target === 0) template = null;
        }
        if (template === null) {
          if (!decode(at)) {
            const rest = end - from;
            if (count > 0 && rest === 0) {
              last = fallTo(at);
              break;
            }
            // the instruction goes on in the next page
            const begun = window.slice(from, end);
            open(at + rest);
            if (end === 0 || rest === 0) {
              if (count > 0) last = fallTo(at);
              else {
                instructions.push({ address: at, length: 0, first: 0, mnemonic: '(fetch)' });
                last = { op: 'fetchfault', rip: at, address: at + rest };
              }
              break;
            }
            const joined = new Uint8Array(rest + Math.min(end, MAX_LENGTH));
            joined.set(begun);
            joined.set(buffer.subarray(0, joined.length - rest), rest);
            window = joined;
            start = at;
            end = joined.length;
            from = 0;
            encodings.find(window, 0, end);
            decode(at);
            crossed = true;
          }
          template = liftDecoded(at);
          if (template === null) {
            // it stands in a block of its own, so that what precedes it is complete
            if (count > 0) last = fallTo(at);
            else {
              const valid = insn.code !== Code.INVALID;
              const bytes = window.slice(from, Math.min(end, from + (valid ? insn.length : MAX_LENGTH)));
              instructions.push({ address: at, length: bytes.length, first: 0, mnemonic: '(undefined)' });
              last = { op: 'undefined', rip: at, bytes, text: valid ? formatInstruction(insn) : '(bad)' };
            }
            break;
          }
          if (template.place !== null) ({ target } = template.place);
        }
        instructions.push({ address: at, length: template.length, first, mnemonic: template.mnemonic });
        templates[count] = template;
        targets[count] = target;
        left[count] = template.ops;
        count++;
        first += template.ops.length;
        at += template.length;
        ended = template.ends;
        // a block has bytes of at most two pages
        if (crossed && !ended) {
          last = fallTo(at);
          break;
        }
      }
    } finally {
      close();
    }
    const behind = instructions[instructions.length - 1]!;
    return { address, end: behind.address + behind.length, instructions, ops: assemble(instructions, count, whole, last) };
  }

  /** The operations of the first templates, and a last one. */
  function assemble(instructions: readonly IrInstruction[], count: number, whole: boolean, last: EndOp | null): IrOp[] {
    let live = LIVE_AT_END;
    for (let k = whole ? -1 : count - 1; k >= 0; k--) {
      const pruned = templates[k]!.pruned(live);
      left[k] = pruned.ops;
      live = pruned.live;
    }
    const ops: IrOp[] = [];
    for (let k = 0; k < count; k++) {
      const { place, length } = templates[k]!;
      const own = left[k]!;
      if (place !== null) addPlaced(ops, own, place, instructions[k]!.address + length, targets[k]!);
      else for (let i = 0; i < own.length; i++) ops.push(own[i]!);
    }
    if (last !== null) ops.push(last);
    return ops;
  }

  function addressesStack(address: number, rspCanonical: boolean): boolean {
    const bytes = new Uint8Array(MAX_LENGTH);
    const first = Math.min(MAX_LENGTH, PAGE - inPage(address));
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

const stackBases = once((): ReadonlySet<Register> => new Set([Register.RSP, Register.RBP, Register.ESP, Register.EBP]));

function usesStackSegment(insn: Instruction, rspCanonical: boolean): boolean {
  const implicit = insn.stackPointerIncrement !== 0 || insn.mnemonic === Mnemonic.Enter || insn.mnemonic === Mnemonic.Leave;
  for (let i = 0; i < insn.opCount; i++) {
    if (insn.opKind(i) !== OpKind.Memory) continue;
    const segment = insn.memorySegment;
    return (implicit && !rspCanonical) || (stackBases().has(insn.memoryBase) && segment !== Register.FS && segment !== Register.GS);
  }
  return implicit;
}

/** Offset of an address in its page; % of numbers this large is a slow matter. */
function inPage(address: number): number {
  return address & (PAGE - 1);
}
function fallTo(target: number): EndOp {
  return { op: 'jump', target, kind: 'fall', ret: 0 };
}
