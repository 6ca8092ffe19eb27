import { LINK } from '../layout.ts';
import { Code } from '../wasm/code.ts';
import { instantiateCommon } from './instantiate-common.ts';
import { encodeModule, type FunctionType } from '../wasm/module.ts';
import { OP, TYPE } from '../wasm/opcodes.ts';
import { emitJumpProbe, emitJumpSet, findInSet, JUMP_CACHE_BYTES, jumpSet, makeRoom } from './jump-cache.ts';
import { FLAGS_LOCALS, FLAGS_TYPE, flagsBody } from './flags-function.ts';
import { STRINGS_LOCALS, STRINGS_TYPE, stringsBody } from './strings-function.ts';

const WASM_PAGE = 65_536;
/**
 * The dispatcher's own memory: the last result, the jump cache, the slots. An entry of the cache is an address (i64), then like a slot: the function of
 * a region and its entry, or 0 and the place of micro-operations, or twice 0. A slot has the address behind that.
 */
const RESULT_AT = 0;
const JUMP_AT = 64;
const SLOTS_AT = JUMP_AT + JUMP_CACHE_BYTES;
const SLOT_BYTES = 16;
const SLOT_SHIFT = 4;
const ADDRESS = 8;
/** Type of a region's function: (entry, depth of calls) → link. Region modules have the same types at the same indices. */
const REGION_TYPE = 0;
export const IMPORT_TYPES: readonly FunctionType[] = [
  { params: [TYPE.i32, TYPE.i32], results: [TYPE.i64] },
  { params: [TYPE.i64, TYPE.i64, TYPE.i32], results: [TYPE.i64] },
  { params: [], results: [TYPE.i32] },
  { params: [TYPE.i32, TYPE.i32, TYPE.i32, TYPE.i32, TYPE.i32], results: [] },
  FLAGS_TYPE,
  STRINGS_TYPE,
];
/** Functions that region modules import, in order; the type of the one at i is IMPORT_TYPES[i + 1]. */
export const REGION_IMPORTS = ['invoke', 'readFlags', 'helper', 'flags', 'strings'] as const;

/** Index of the first function of the module itself, behind its imports. */
const INVOKE = 3;
/** The import that executes micro-operations. */
const MICRO = 2;

/** What a region handed to the host. */
export type Link =
  | { readonly kind: 'address'; readonly address: number }
  | { readonly kind: 'slot'; readonly slot: number }
  | { readonly kind: 'exit'; readonly exit: number }
  | { readonly kind: 'micro'; readonly reason: number };

/** Links regions: knows which function of its table goes on at a slot or an address, and calls one after the other. */
export interface Dispatcher {
  /** What regions import: functions of this module, as each module would compile wrappers of its own around functions of the host. */
  readonly imports: WebAssembly.Imports[string];
  /** A region's function in place of one that is gone: nobody calls it. */
  readonly absent: unknown;
  /** Runs from a slot until the host is needed. */
  enter(slot: number): Link;
  addFunction(f: unknown): number;
  freeFunction(index: number): void;
  /** A new slot, which leads nowhere yet. */
  addSlot(slot: number, address: number): void;
  /** A slot leads to an entry of a function; function 0: to a place of micro-operations, or nowhere if that is 0 too. */
  setSlot(slot: number, functionIndex: number, entry: number): void;
  remember(address: number, functionIndex: number, entry: number): void;
  forget(address: number): void;
  /** Forgets all places of micro-operations. */
  forgetPlaces(): void;
}

/** invoke(link: i64, ret: i64, depth: i32) → i64: goes on at `link` until `ret` comes up, or something for the host. */
function invokeBody(): Uint8Array {
  const c = new Code();
  const depth = 2;
  const at = 3;
  const low = 4;
  const f = 5;
  const isHosts = (): Code => c.get(0).i64(0).op(OP.i64_lt_s);
  c.block().loop();
  c.get(0).i64(62).op(OP.i64_shr_u).op(OP.i64_eqz).if();
  // an address
  c.get(0).get(1).op(OP.i64_eq).brIf(2);
  c.get(0).op(OP.i32_wrap_i64);
  emitJumpSet(c);
  c.set(at);
  emitJumpProbe(c, at, () => c.get(at).memory(OP.i64_load, JUMP_AT).get(0).op(OP.i64_ne), (labels) => c.br(2 + labels));
  c.get(at).i32(JUMP_AT + 8).op(OP.i32_add).set(at);
  c.else();
  // an exit, or a slot
  isHosts().brIf(2);
  c.get(0).op(OP.i32_wrap_i64).i32(SLOT_SHIFT).op(OP.i32_shl).i32(SLOTS_AT).op(OP.i32_add).set(at);
  c.end();
  c.get(at).memory(OP.i32_load, 0).tee(f).op(OP.i32_eqz).if();
  // cold
  c.get(at).memory(OP.i32_load, 4).tee(low).op(OP.i32_eqz).brIf(2);
  c.get(low).call(MICRO).tee(low).i32(0).op(OP.i32_ge_s).if();
  c.get(low).op(OP.i64_extend_i32_u).i64(0, LINK.microHigh).op(OP.i64_or).set(0).br(3).end();
  // in front of a region: what a caller waits for is no new call
  c.i32(-1).get(low).op(OP.i32_sub).i32(SLOT_SHIFT).op(OP.i32_shl).i32(SLOTS_AT).op(OP.i32_add).tee(at).memory(OP.i64_load, ADDRESS).tee(0).get(1).op(OP.i64_eq).brIf(2);
  c.get(at).memory(OP.i32_load, 0).tee(f).op(OP.i32_eqz).brIf(2);
  c.end();
  c.get(at).memory(OP.i32_load, 4).get(depth).get(f).callIndirect(REGION_TYPE).set(0).br(0);
  c.end().end();
  c.get(0).end();
  return c.finished();
}

/** enter(slot: i32): for the host. */
function enterBody(): Uint8Array {
  const c = new Code();
  c.i32(RESULT_AT).get(0).op(OP.i64_extend_i32_u).i64(0, LINK.slotHigh).op(OP.i64_or).i64(-1).i32(0).call(INVOKE).memory(OP.i64_store, 0);
  c.end();
  return c.finished();
}

/** Hands its arguments to import `index`. */
function forward(index: number, params: number): Uint8Array {
  const c = new Code();
  for (let i = 0; i < params; i++) c.get(i);
  return c.call(index).end().finished();
}

/** What translated code may ask of the host. */
export interface HostCalls {
  /** The six flags of the record in memory. */
  readFlags(): number;
  helper(n: number, a: number, b: number, c: number, d: number): void;
  /** Executes micro-operations from a place: reasons from 0 on are the host's; −1 − n: in front of what slot n leads to. */
  micro(place: number): number;
}

function dispatcherBytes(): Uint8Array {
  return encodeModule({
    types: [...IMPORT_TYPES, { params: [TYPE.i32], results: [] }, { params: [TYPE.i32], results: [TYPE.i32] }],
    imports: [
      { module: 'env', name: 'readFlags', kind: 'function', type: 2 }, { module: 'env', name: 'helper', kind: 'function', type: 3 },
      { module: 'env', name: 'micro', kind: 'function', type: 7 },
    ],
    functions: [
      { type: 1, locals: [TYPE.i32, TYPE.i32, TYPE.i32], code: invokeBody() },
      { type: 2, locals: [], code: forward(0, 0) },
      { type: 3, locals: [], code: forward(1, 5) },
      { type: 4, locals: FLAGS_LOCALS, code: flagsBody() },
      { type: 5, locals: STRINGS_LOCALS, code: stringsBody() },
      { type: 6, locals: [], code: enterBody() },
      { type: REGION_TYPE, locals: [], code: new Code().op(OP.unreachable).end().finished() },
    ],
    tableSize: 1024,
    memoryPages: Math.ceil((SLOTS_AT + 4096 * SLOT_BYTES) / WASM_PAGE),
    exports: [...REGION_IMPORTS, 'enter', 'absent'].map((name, i) => ({ name, index: INVOKE + i })),
  });
}

/** @throws if the host forbids WebAssembly. */
export function createDispatcher(calls: HostCalls): Dispatcher {
  const { exports } = instantiateCommon('dispatcher', dispatcherBytes, { env: { ...calls } });
  const memory = exports.memory as WebAssembly.Memory;
  const table = exports.table as WebAssembly.Table;
  const enter = exports.enter as (slot: number) => void;
  let words = new Int32Array(memory.buffer);
  words.fill(-1, JUMP_AT >> 2, SLOTS_AT >> 2);
  const free: number[] = [];
  let next = 1;
  let slotsEnd = SLOTS_AT;

  return {
    imports: Object.fromEntries(REGION_IMPORTS.map((name) => [name, exports[name]!])),
    absent: exports.absent,
    enter(slot) {
      enter(slot);
      const lo = words[RESULT_AT >> 2]!;
      const hi = words[(RESULT_AT >> 2) + 1]!;
      if (hi < 0) return (hi & LINK.slotHigh) !== 0 ? { kind: 'micro', reason: lo } : { kind: 'exit', exit: lo };
      if ((hi & LINK.slotHigh) !== 0) return { kind: 'slot', slot: lo };
      return { kind: 'address', address: hi * 4294967296 + (lo >>> 0) };
    },
    addFunction(f) {
      const index = free.pop() ?? next++;
      if (index >= table.length) table.grow(table.length);
      table.set(index, f);
      return index;
    },
    freeFunction(index) {
      table.set(index, null);
      free.push(index);
    },
    addSlot(slot, address) {
      const at = SLOTS_AT + slot * SLOT_BYTES;
      if (at + SLOT_BYTES > memory.buffer.byteLength) {
        memory.grow(Math.max(1, Math.ceil((at - SLOTS_AT) / WASM_PAGE)));
        words = new Int32Array(memory.buffer);
      }
      slotsEnd = Math.max(slotsEnd, at + SLOT_BYTES);
      words[at >> 2] = words[(at >> 2) + 1] = 0;
      words[(at + ADDRESS) >> 2] = address % 4294967296 | 0;
      words[((at + ADDRESS) >> 2) + 1] = Math.floor(address / 4294967296);
    },
    setSlot(slot, functionIndex, entry) {
      const at = (SLOTS_AT + slot * SLOT_BYTES) >> 2;
      words[at] = functionIndex;
      words[at + 1] = entry;
    },
    remember(address, functionIndex, entry) {
      const lo = address % 4294967296 | 0;
      const hi = Math.floor(address / 4294967296);
      const set = (JUMP_AT + jumpSet(lo)) >> 2;
      let at = findInSet(words, set, lo, hi);
      // one that was forgotten goes first
      if (at < 0) at = findInSet(words, set, -1, -1);
      if (at < 0) makeRoom(words, at = set);
      words[at] = lo;
      words[at + 1] = hi;
      words[at + 2] = functionIndex;
      words[at + 3] = entry;
    },
    forget(address) {
      const lo = address % 4294967296 | 0;
      const at = findInSet(words, (JUMP_AT + jumpSet(lo)) >> 2, lo, Math.floor(address / 4294967296));
      if (at >= 0) words[at] = words[at + 1] = -1;
    },
    forgetPlaces() {
      for (let at = JUMP_AT >> 2; at < SLOTS_AT >> 2; at += 4) if (words[at + 2] === 0) words[at] = words[at + 1] = -1;
      for (let at = SLOTS_AT >> 2; at < slotsEnd >> 2; at += 4) if (words[at] === 0) words[at + 1] = 0;
    },
  };
}
