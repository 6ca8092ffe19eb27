import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

interface Manifest {
  exports: Record<string, string | { '@tally86/source'?: string }>;
  bin?: Record<string, string>;
}

/** Shared by every package (tsup runs in the package's folder): an entry for each exported source and each program. */
const { exports, bin = {} }: Manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const sources = [
  ...Object.values(exports).flatMap((target) => (typeof target === 'object' && target['@tally86/source']) || []),
  ...Object.values(bin).filter((file) => file.endsWith('.js')).map((file) => file.replace('./dist/', './src/').replace(/\.js$/, '.ts')),
];
const entry = Object.fromEntries(sources.map((file) => [file.replace('./src/', '').replace(/\.ts$/, ''), file]));

export default defineConfig({
  entry,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  sourcemap: true,
  splitting: true,
  clean: true,
  silent: true,
  external: [/^node:/],
  removeNodeProtocol: false,
  // Declarations come from tsc, in the same target.
  dts: false,
});
