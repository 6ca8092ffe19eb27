import { Code } from './code.ts';
import type { ValueType } from './opcodes.ts';

export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}
export type Import =
  | { readonly module: string; readonly name: string; readonly kind: 'function'; readonly type: number }
  | { readonly module: string; readonly name: string; readonly kind: 'memory'; readonly pages: number; readonly maximum: number };

export interface FunctionBody {
  readonly type: number;
  /** Types of the locals behind the parameters, in order. */
  readonly locals: readonly ValueType[];
  /** Instructions, the final `end` included. */
  readonly code: Uint8Array;
}

/** What a module is made of; indices count imported functions first. */
export interface ModuleParts {
  readonly types: readonly FunctionType[];
  readonly imports: readonly Import[];
  readonly functions: readonly FunctionBody[];
  /** A table of functions of its own, exported as `table`; absent: none. */
  readonly tableSize?: number;
  /** A memory of its own in pages of 64 KiB, exported as `memory`; absent: none. */
  readonly memoryPages?: number;
  readonly exports: readonly { readonly name: string; readonly index: number }[];
  /** Names of `functions` for profilers; absent: none. */
  readonly names?: readonly string[];
}

const SECTION = { type: 1, import: 2, function: 3, table: 4, memory: 5, export: 7, code: 10, custom: 0 } as const;
const FUNCREF = 0x70;

function name(code: Code, text: string): void {
  code.u32(text.length);
  for (let i = 0; i < text.length; i++) code.op(text.charCodeAt(i));
}

/** The module in binary form (core specification, 5.5). */
export function encodeModule(parts: ModuleParts): Uint8Array {
  const out = new Code();
  out.append(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  const body = new Code();
  const section = (id: number, write: (body: Code) => void): void => {
    body.reset();
    write(body);
    out.op(id).u32(body.length).append(body.bytes.subarray(0, body.length));
  };

  section(SECTION.type, (c) => {
    c.u32(parts.types.length);
    for (const { params, results } of parts.types) {
      c.op(0x60).u32(params.length);
      for (const type of params) c.op(type);
      c.u32(results.length);
      for (const type of results) c.op(type);
    }
  });
  section(SECTION.import, (c) => {
    c.u32(parts.imports.length);
    for (const item of parts.imports) {
      name(c, item.module);
      name(c, item.name);
      if (item.kind === 'function') c.op(0).u32(item.type);
      else c.op(2).op(1).u32(item.pages).u32(item.maximum);
    }
  });
  section(SECTION.function, (c) => {
    c.u32(parts.functions.length);
    for (const f of parts.functions) c.u32(f.type);
  });
  if (parts.tableSize !== undefined) section(SECTION.table, (c) => c.u32(1).op(FUNCREF).op(0).u32(parts.tableSize!));
  if (parts.memoryPages !== undefined) section(SECTION.memory, (c) => c.u32(1).op(0).u32(parts.memoryPages!));
  const own = (parts.tableSize === undefined ? 0 : 1) + (parts.memoryPages === undefined ? 0 : 1);
  section(SECTION.export, (c) => {
    c.u32(parts.exports.length + own);
    for (const e of parts.exports) {
      name(c, e.name);
      c.op(0).u32(e.index);
    }
    if (parts.tableSize !== undefined) {
      name(c, 'table');
      c.op(1).u32(0);
    }
    if (parts.memoryPages !== undefined) {
      name(c, 'memory');
      c.op(2).u32(0);
    }
  });
  section(SECTION.code, (c) => {
    c.u32(parts.functions.length);
    const locals = new Code();
    for (const f of parts.functions) {
      locals.reset();
      const runs: { type: number; count: number }[] = [];
      for (const type of f.locals) {
        const last = runs.at(-1);
        if (last?.type === type) last.count++;
        else runs.push({ type, count: 1 });
      }
      locals.u32(runs.length);
      for (const run of runs) locals.u32(run.count).op(run.type);
      c.u32(locals.length + f.code.length).append(locals.bytes.subarray(0, locals.length)).append(f.code);
    }
  });
  if (parts.names !== undefined) {
    const imported = parts.imports.filter(({ kind }) => kind === 'function').length;
    // the section of names (appendix "Custom Sections"): its part 1 has those of functions
    const names = new Code().u32(parts.names.length);
    parts.names.forEach((text, i) => name(names.u32(imported + i), text));
    section(SECTION.custom, (c) => {
      name(c, 'name');
      c.op(1).u32(names.length).append(names.finished());
    });
  }
  return out.finished();
}
