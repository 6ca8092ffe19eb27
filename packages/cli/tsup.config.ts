import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';
import { takeModulesFrom } from '@tally86/jit';
import { takeMemoryFrom } from '@tally86/mmu';
import { createEmulator } from '@tally86/runner';
import { CONTRACT_GUEST } from './src/guests/contract.ts';
import shared from '../../tsup.config.ts';

const common: Options = { target: 'es2022', silent: true, dts: false, format: 'cjs', platform: 'node', removeNodeProtocol: false, outExtension: () => ({ js: '.cjs' }) };

/** commander can run commands that are programs of their own; ours are not, and what it loads for that takes as long as our own command line. */
const withoutSubprocesses: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'without-subprocesses',
  setup(build) {
    build.onResolve({ filter: /^node:child_process$/ }, ({ path }) => ({ path, namespace: 'without' }));
    build.onLoad({ filter: /.*/, namespace: 'without' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** What the engine makes for a machine with defaults, in place of src/made.ts, and how large the machine is. */
const made: Record<string, string> = {};
let machinePages = 0;
takeModulesFrom((name, make) => {
  const bytes = make();
  made[name] = Buffer.from(bytes).toString('base64');
  return bytes;
});
takeMemoryFrom((pages, make) => {
  machinePages = pages;
  return make();
});
createEmulator({ program: Buffer.from(CONTRACT_GUEST, 'base64'), root: 'sandbox' });

/** A digest of all that decides what a translation comes to. */
const digest = createHash('sha256');
for (const name of ['core', 'decoder', 'helpers', 'interpreter', 'jit', 'mmu', 'softfloat']) {
  const source = new URL(`../${name}/src/`, import.meta.url);
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  for (const file of files.sort()) digest.update(`${name}/${file}\n`).update(readFileSync(new URL(file, source)));
}
const translator = digest.digest('hex').slice(0, 16);

const withMadeModules: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'with-made-modules',
  setup(build) {
    build.onLoad({ filter: /src\/made\.ts$/ }, () => ({ contents: `export const MADE = ${JSON.stringify(made)}; export const BUILD = ${JSON.stringify(translator)};` }));
  },
};

export default defineConfig([
  // what others import
  shared as Options,
  // the command line in one file, as the launcher starts it: a function, so that nobody has to make one of a megabyte; names are kept for reports of bugs
  {
    ...common,
    outExtension: () => ({ js: '.script' }),
    entry: { program: 'src/bin.ts' },
    noExternal: [/^@tally86\//, 'commander', 'cli-table3'],
    external: ['vega', 'vega-lite', 'iced-x86'],
    esbuildPlugins: [withoutSubprocesses, withMadeModules],
    esbuildOptions(options) {
      options.define = { ...options.define, 'import.meta.url': 'importMetaUrl' };
      options.banner = { js: `(function (exports, require, module, __filename, __dirname) { const importMetaUrl = require('node:url').pathToFileURL(__filename).href;` };
      options.footer = { js: '})' };
      options.minifySyntax = options.minifyWhitespace = true;
    },
  },
  { ...common, entry: { bin: 'src/launch/launch.ts' }, clean: false, define: { MACHINE_PAGES: String(machinePages) } },
]);
