import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** The parts of a package.json that packaging looks at. */
export interface Manifest {
  name: string;
  version: string;
  exports: Record<string, string | { '@tally86/source'?: string; types: string; default: string }>;
  bin?: Record<string, string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** The JavaScript entry points, as they are imported: `@tally86/vfs`, `@tally86/vfs/host`. */
export function entryPoints(manifest: Manifest): { specifier: string; types: string; file: string }[] {
  return Object.entries(manifest.exports).flatMap(([path, target]) =>
    typeof target === 'string' ? [] : [{ specifier: join(manifest.name, path), types: target.types, file: target.default }],
  );
}

/** Every exported name of a package's built declarations, one a line, by entry point: types are exports too. */
export function describeExports(folder: string): string {
  const manifest = readManifest(folder);
  const entries = entryPoints(manifest);
  const roots = entries.map(({ types }) => join(folder, types));
  const program = ts.createProgram(roots, {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts'],
    types: [],
    noEmit: true,
    allowImportingTsExtensions: true,
  });
  const checker = program.getTypeChecker();
  return entries
    .map(({ specifier }, i) => {
      const source = program.getSourceFile(roots[i]!);
      const module = source && checker.getSymbolAtLocation(source);
      const symbols = module ? checker.getExportsOfModule(module) : [];
      const lines = symbols.map((symbol) => {
        const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
        return `${target.flags & ts.SymbolFlags.Value ? 'value' : 'type '} ${symbol.name}`;
      });
      return [`# ${specifier}`, ...lines.sort()].join('\n');
    })
    .join('\n\n')
    .concat('\n');
}
