import { NO_CODE, type KeptCode } from './machine-code.ts';
import type { CodePiece, Region, RegionModule } from './regions.ts';
import type { Pooled, RegionImage } from './region-image.ts';

type Columns = Pick<RegionImage,
  'moduleEnds' | 'importEnds' | 'machineEnds' | 'optimized' | 'wasm' | 'machine' | 'imports' | 'addresses' | 'modules' | 'functions' | 'firstExits' | 'endExits' | 'instructions' | 'sizes' | 'before' | 'live' | 'born'
  | 'entryEnds' | 'pieceEnds' | 'entries' | 'pages' | 'from' | 'to' | 'code'>;

export interface KeptRegion {
  readonly region: Region;
  /** The bytes that it was made of, piece by piece. */
  readonly code: Uint8Array;
}

/** Where each part ends when they are put together, and how long that is. */
function endsOf(lengths: readonly number[]): Int32Array {
  let sum = 0;
  return Int32Array.from(lengths, (length) => (sum += length));
}

/** Regions as numbers, and the machine code of their modules. `made`: how many the engine made, before which all of them come in the next one. */
export function regionColumns(kept: readonly KeptRegion[], made: number, codeOf: (module: RegionModule) => KeptCode): Pooled<Columns> {
  // what a module imports was there before it
  const sorted = [...kept].sort((a, b) => a.region.module.number - b.region.module.number || a.region.exported - b.region.exported);
  const regions = sorted.map(({ region }) => region);
  const indexOf = new Map(regions.map((region, i) => [region, i]));
  const modules = [...new Set(regions.map(({ module }) => module))];
  const moduleOf = new Map(modules.map((module, i) => [module, i]));
  const column = (value: (region: Region) => number): Int32Array => Int32Array.from(regions, value);
  const pieces = regions.flatMap((region) => region.pieces);
  const machine = modules.map(codeOf);
  return {
    moduleEnds: endsOf(modules.map(({ bytes }) => bytes.length)),
    wasm: modules.map(({ bytes }) => bytes),
    machineEnds: endsOf(machine.map(({ code }) => code.length)),
    machine: machine.map(({ code }) => code),
    optimized: Int32Array.from(machine, ({ optimized }) => optimized),
    importEnds: endsOf(modules.map(({ imported }) => imported.length)),
    imports: Int32Array.from(modules.flatMap(({ imported }) => imported.map((region) => (region === null ? -1 : indexOf.get(region) ?? -1)))),
    addresses: Float64Array.from(regions, ({ address }) => address),
    modules: column(({ module }) => moduleOf.get(module)!),
    functions: column(({ exported }) => exported),
    firstExits: column(({ firstExit }) => firstExit),
    endExits: column(({ endExit }) => endExit),
    instructions: column(({ instructions }) => instructions),
    sizes: column(({ size }) => size),
    before: column(({ before }) => before),
    live: column(({ live }) => live),
    born: column(({ born }) => born - made),
    entryEnds: endsOf(regions.map(({ entries }) => entries.length)),
    entries: Float64Array.from(regions.flatMap(({ entries }) => entries)),
    pieceEnds: endsOf(regions.map((region) => region.pieces.length)),
    pages: Float64Array.from(pieces, ({ page }) => page),
    from: Uint16Array.from(pieces, ({ from }) => from),
    to: Uint16Array.from(pieces, ({ to }) => to),
    code: sorted.map(({ code }) => code),
  };
}

/** The regions again, in no frames yet and not compiled; they have views of the columns. */
export function regionsOf(columns: Columns): KeptRegion[] {
  const regions: Region[] = [];
  const kept: KeptRegion[] = [];
  const modules: RegionModule[] = [];
  let codeUsed = 0;
  const range = (ends: Int32Array, i: number): [number, number] => [i === 0 ? 0 : ends[i - 1]!, ends[i]!];
  columns.addresses.forEach((address, i) => {
    const number = columns.modules[i]!;
    // a module comes with its first region, behind all that it imports
    while (modules.length <= number) {
      const k = modules.length;
      const optimized = columns.optimized[k]!;
      modules.push({
        number: k, linked: null, bytes: columns.wasm.subarray(...range(columns.moduleEnds, k)),
        kept: optimized === 0 ? NO_CODE : { code: columns.machine.subarray(...range(columns.machineEnds, k)), optimized },
        imported: Array.from(columns.imports.subarray(...range(columns.importEnds, k)), (n) => regions[n] ?? null),
      });
    }
    const [firstPiece, endPiece] = range(columns.pieceEnds, i);
    const pieces: CodePiece[] = [];
    for (let k = firstPiece; k < endPiece; k++) pieces.push({ page: columns.pages[k]!, frame: 0, from: columns.from[k]!, to: columns.to[k]! });
    const region: Region = {
      address, entries: Array.from(columns.entries.subarray(...range(columns.entryEnds, i))), pieces,
      module: modules[number]!, exported: columns.functions[i]!, functionIndex: 0,
      firstExit: columns.firstExits[i]!, endExit: columns.endExits[i]!, instructions: columns.instructions[i]!, size: columns.sizes[i]!,
      before: columns.before[i]!, born: columns.born[i]!, live: columns.live[i]!, valid: false,
    };
    const bytes = pieces.reduce((sum, { from, to }) => sum + to - from, 0);
    regions.push(region);
    kept.push({ region, code: columns.code.subarray(codeUsed, (codeUsed += bytes)) });
  });
  return kept;
}
