import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { defineConfig, type Options } from 'tsup';
import shared from '../../tsup.config.ts';

const iced = createRequire(import.meta.url).resolve('iced-x86');
const wasm = readFileSync(iced.replace('.js', '_bg.wasm')).toString('base64');

/** What iced-x86 asks of Node, where there is none: its WebAssembly is in the file. */
const NODE: Readonly<Record<string, string>> = {
  util: 'module.exports = { TextDecoder, TextEncoder };',
  path: 'module.exports = { join: () => "" };',
  fs: `module.exports = { readFileSync: () => Uint8Array.from(atob('${wasm}'), (c) => c.charCodeAt(0)) };`,
};
const withIced: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'with-iced',
  setup(build) {
    build.onResolve({ filter: /^(util|path|fs)$/ }, ({ path }) => ({ path, namespace: 'instead-of-node' }));
    build.onLoad({ filter: /.*/, namespace: 'instead-of-node' }, ({ path }) => ({ contents: NODE[path]! }));
    build.onLoad({ filter: /src\/find-iced\.ts$/ }, ({ path }) => ({
      resolveDir: path.slice(0, path.lastIndexOf('/')), contents: `export const findIced = () => require('iced-x86');`,
    }));
  },
};

export default defineConfig([
  shared as Options,
  // for browsers: iced-x86, which reads a file, is inside
  {
    ...(shared as Options), entry: { browser: 'src/index.ts' }, clean: false, splitting: false, sourcemap: false, platform: 'browser',
    noExternal: ['iced-x86'], external: ['@tally86/core'], define: { __dirname: '""' }, esbuildPlugins: [withIced], outExtension: () => ({ js: '.mjs' }),
    banner: { js: `/* With iced-x86, MIT license:\n${readFileSync(iced.replace(/[^/]*$/, 'LICENSE.txt'), 'utf8')}*/` },
    esbuildOptions: (options) => void (options.minifyWhitespace = true),
  },
]);
