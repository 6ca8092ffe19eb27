import type { TlbLayout } from '@tally86/core';
import { vectorFacts } from '../emit/vector/facts.ts';
import { cellAt, JIT_CELL } from '../layout.ts';
import { instantiateCommon } from '../runtime/instantiate-common.ts';
import { encodeModule, type FunctionBody } from '../wasm/module.ts';
import { OP, TYPE } from '../wasm/opcodes.ts';
import { COMMON } from './common.ts';
import { allFlagsBody, conditionBody } from './conditions.ts';
import { MICRO_CELL, RECORD } from './layout.ts';
import { pairShapes } from './pairs.ts';
import type { Shape, ShapeContext } from './shape.ts';
import { controlShapes } from './shapes-control.ts';
import { dataShapes } from './shapes-data.ts';
import { flagShapes } from './shapes-flags.ts';
import { memoryShapes } from './shapes-memory.ts';
import { stringShapes } from './shapes-string.ts';
import { vectorShapes } from './shapes-vector.ts';
import { MicroWriter, PLACE } from './writer.ts';

const all = [...controlShapes(), ...dataShapes(), ...flagShapes(), ...memoryShapes(), ...stringShapes(), ...vectorShapes()];
const pairs = pairShapes(all);
/** The shapes by their numbers: those of the main loop first. */
export const SHAPES: readonly Shape[] = [...all.filter((s) => COMMON.has(s.name)), ...pairs.map(({ shape }) => shape), ...all.filter((s) => !COMMON.has(s.name))];
const MAIN = COMMON.size + pairs.length;
const NUMBERS = new Map(SHAPES.map((shape, number) => [shape.name, number]));

/** The number of a micro-operation; −1: there is none of this name. */
export const microNumber = (name: string): number => NUMBERS.get(name) ?? -1;

/** [first]: by the number of the micro-operation behind it, the number of the one that does both; 0: none does. */
export const TOGETHER: readonly (Uint16Array | undefined)[] = (() => {
  const table: (Uint16Array | undefined)[] = SHAPES.map(() => undefined);
  for (const { first, second, shape } of pairs) (table[microNumber(first)] ??= new Uint16Array(SHAPES.length))[microNumber(second)] = microNumber(shape.name);
  return table;
})();
/** Bytes of its record, by number; 0: nothing follows. */
export const SIZES: readonly number[] = SHAPES.map((shape) => shape.size);

/** Bytes of guest memory that a micro-operation accesses, by number. */
export const ACCESS_BYTES: readonly number[] = SHAPES.map((shape) => shape.access ?? 0);

const IMPORTED = { readFlags: 0, helper: 1 } as const;
const CONDITIONS = 2;
const ALL_FLAGS = CONDITIONS + 16;
const RARE = ALL_FLAGS + 1;
const TYPES = { inner: 0, readFlags: 1, helper: 2 } as const;

/** An access that was looked up in vain left its address in a local; the host wants it in a cell. */
function keepMissed(w: MicroWriter): void {
  w.code.i32(0).get(w.scratch(TYPE.i64, 4)).memory(OP.i64_store, cellAt(MICRO_CELL.missed));
}

/** (place) → place: the micro-operations that are executed seldom; −1 − reason: it has to be left. */
function rareBody(context: ShapeContext): FunctionBody {
  const w = new MicroWriter();
  const { code } = w;
  const shapes = SHAPES.slice(MAIN);
  code.block();
  for (let i = 0; i < shapes.length; i++) code.block();
  w.field(0).code.i32(MAIN).op(OP.i32_sub).brTable(shapes.map((_, i) => i), 0);
  shapes.forEach((shape, i) => {
    code.end();
    w.depth = shapes.length - 1 - i;
    vectorFacts(w).reset();
    w.flagsAt = 'memory';
    shape.emit(w, context);
    code.get(PLACE).i32(shape.size).op(OP.i32_add).op(OP.return);
  });
  code.end();
  keepMissed(w);
  code.i32(-1).get(w.why).op(OP.i32_sub).end();
  return { type: TYPES.inner, locals: w.locals, code: code.finished() };
}

/** (place) → reason: executes from a place until the host is needed. */
function mainBody(context: ShapeContext): FunctionBody {
  const w = new MicroWriter();
  const { code } = w;
  code.i32(0).memory(OP.i32_load, cellAt(JIT_CELL.remaining)).set(w.remaining);
  code.block().loop();
  // the entry of a block: nearly every way here leads to one, which needs no jump of its own
  w.depth = 1;
  w.field(0).code.i32(microNumber('enter')).op(OP.i32_eq).if();
  w.depth++;
  SHAPES[microNumber('enter')]!.emit(w, context);
  code.get(PLACE).i32(RECORD).op(OP.i32_add).set(PLACE).end();
  code.loop();
  // the default is the innermost: those of the other function
  for (let i = 0; i <= MAIN; i++) code.block();
  w.field(0).code.brTable(Array.from({ length: MAIN }, (_, i) => i + 1), 0);
  const place = w.scratch(TYPE.i32, 0);
  code.end().get(PLACE).call(RARE).tee(place).i32(0).op(OP.i32_lt_s).if();
  code.i32(-1).get(place).op(OP.i32_sub).set(w.why).i32(0).memory(OP.i64_load, cellAt(MICRO_CELL.missed)).set(w.scratch(TYPE.i64, 4)).br(MAIN + 3).end();
  code.get(place).set(PLACE).br(MAIN);
  for (let i = 0; i < MAIN; i++) {
    const shape = SHAPES[i]!;
    code.end();
    const next = MAIN - 1 - i;
    w.depth = next + 2;
    vectorFacts(w).reset();
    w.flagsAt = 'memory';
    shape.emit(w, context);
    if (shape.size !== 0) code.get(PLACE).i32(RECORD).op(OP.i32_add).set(PLACE).br(next);
    else code.br(next + 1);
  }
  code.end().end().end();
  keepMissed(w);
  code.i32(0).get(PLACE).memory(OP.i32_store, cellAt(MICRO_CELL.place));
  code.i32(0).get(w.remaining).memory(OP.i32_store, cellAt(JIT_CELL.remaining));
  code.get(w.why).end();
  return { type: TYPES.inner, locals: w.locals, code: code.finished() };
}

/** An instance of the module that executes micro-operations, exporting `run`; the same module for every engine on memory of this layout. */
export function instantiateMicro(tlb: TlbLayout, pages: number, env: WebAssembly.Imports[string]): WebAssembly.Instance {
  return instantiateCommon(['micro', tlb.readBase, tlb.writeBase, tlb.entries, pages].join(), () => microBytes(tlb, pages), { env });
}

function microBytes(tlb: TlbLayout, pages: number): Uint8Array {
  const context: ShapeContext = { tlb, conditions: Array.from({ length: 16 }, (_, cc) => CONDITIONS + cc), allFlags: ALL_FLAGS, helper: IMPORTED.helper };
  return encodeModule({
    types: [
      { params: [TYPE.i32], results: [TYPE.i32] },
      { params: [], results: [TYPE.i32] },
      { params: [TYPE.i32, TYPE.i32, TYPE.i32, TYPE.i32, TYPE.i32], results: [] },
    ],
    imports: [
      { module: 'env', name: 'readFlags', kind: 'function', type: TYPES.readFlags },
      { module: 'env', name: 'helper', kind: 'function', type: TYPES.helper },
      { module: 'env', name: 'memory', kind: 'memory', pages, maximum: pages },
    ],
    functions: [
      ...Array.from({ length: 16 }, (_, cc) => conditionBody(cc, TYPES.inner, ALL_FLAGS)),
      allFlagsBody(TYPES.inner, IMPORTED.readFlags),
      rareBody(context),
      mainBody(context),
    ],
    exports: [{ name: 'run', index: RARE + 1 }],
  });
}
