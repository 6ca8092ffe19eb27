import { NO_CODE, type KeptCode, type MachineCode } from './machine-code.ts';
import type { Region, RegionModule } from './regions.ts';

/** Compiles modules of regions when one of their functions is needed, with those that they call. */
export class Linker {
  readonly #imports: WebAssembly.Imports;
  readonly #absent: unknown;
  readonly #machineCode: MachineCode | null;

  /** `absent`: in place of regions that are gone. */
  constructor(imports: WebAssembly.Imports, absent: unknown, machineCode: MachineCode | null) {
    this.#imports = imports;
    this.#absent = absent;
    this.#machineCode = machineCode;
  }
  functionOf({ module, exported }: Region): unknown {
    return (module.linked ?? this.#link(module)).exports[exported];
  }
  /** Machine code to keep of a module: what the host has of it now, or what was kept of it before if it was not needed. */
  codeOf(module: RegionModule): KeptCode {
    if (this.#machineCode === null) return NO_CODE;
    if (module.linked === null) return module.kept;
    const optimized = this.#optimizedIn(module);
    return optimized === 0 ? NO_CODE : { code: this.#machineCode.save(module.linked.compiled), optimized };
  }
  /** Functions of modules of which there is machine code to keep, and of how many there was already. */
  countCode(modules: ReadonlySet<RegionModule>): { readonly optimizedFunctions: number; readonly keptFunctions: number } {
    const counts = { optimizedFunctions: 0, keptFunctions: 0 };
    for (const module of modules) {
      counts.optimizedFunctions += this.#optimizedIn(module);
      counts.keptFunctions += module.linked?.restored ?? module.kept.optimized;
    }
    return counts;
  }
  #optimizedIn({ linked, kept }: RegionModule): number {
    return linked === null ? kept.optimized : this.#machineCode?.optimized(Object.values(linked.exports)) ?? 0;
  }

  #link(module: RegionModule): NonNullable<RegionModule['linked']> {
    const needed = new Set([module]);
    for (const { imported } of needed) for (const region of imported) if (region !== null && region.module.linked === null) needed.add(region.module);
    // a module calls only what was there before it
    for (const each of [...needed].sort((a, b) => a.number - b.number)) {
      const regions = Object.fromEntries(each.imported.map((region, i) => [i, (region === null ? this.#absent : region.module.linked!.exports[region.exported]) as WebAssembly.ImportValue]));
      const { code, optimized } = each.kept;
      const restored = optimized > 0 ? (this.#machineCode?.restore(code, each.bytes) ?? null) as WebAssembly.Module | null : null;
      const compiled = restored ?? new WebAssembly.Module(each.bytes as Uint8Array<ArrayBuffer>);
      each.linked = { compiled, exports: new WebAssembly.Instance(compiled, { ...this.#imports, regions }).exports, restored: restored === null ? 0 : optimized };
      each.kept = NO_CODE;
    }
    return module.linked!;
  }
}
