/**
 * Publishes every package to a registry of its own, then, for each, in an empty project: installs it alone, type-checks an import of
 * every entry point under strict consumers, and runs the example of its README. Names of packages as arguments check those only.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { findExample, type Example } from './example.ts';
import { entryPoints, readManifest, type Manifest } from './exports.ts';
import { startRegistry, type Registry } from './registry.ts';

const execute = promisify(execFile);
const EXAMPLE_SECONDS = 120;

const STRICT: ts.CompilerOptions = {
  strict: true,
  // The declarations themselves are checked too.
  skipLibCheck: false,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  isolatedModules: true,
  verbatimModuleSyntax: true,
  noEmit: true,
};

interface Consumer {
  name: string;
  options: ts.CompilerOptions;
}

/** How strangers compile. None has a DOM unless the row says so; Node's types are there only where the package asks for them. */
const CONSUMERS: readonly Consumer[] = [
  { name: 'nodenext', options: { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ES2022, lib: ['lib.es2023.d.ts'] } },
  { name: 'node16', options: { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16, target: ts.ScriptTarget.ES2022, lib: ['lib.es2022.d.ts'] } },
  { name: 'bundler', options: { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, target: ts.ScriptTarget.ESNext, lib: ['lib.esnext.d.ts', 'lib.dom.d.ts'] } },
];

/** An example is read by people: it compiles under `strict`, and has Node's types for its console. */
const READER: Consumer = { name: 'README', options: { ...CONSUMERS[0]!.options, exactOptionalPropertyTypes: false, noUncheckedIndexedAccess: false } };
const OUR_TYPES = [join(process.cwd(), 'node_modules', '@types')];

class CheckFailure extends Error {}

async function npm(args: string[], cwd: string, registry: Registry): Promise<void> {
  // A consumer's npm knows nothing of this workspace.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  const { stdout, stderr } = await execute('npm', args, { cwd, env: { ...env, NPM_CONFIG_USERCONFIG: registry.userConfig } }).catch(
    (error: { stderr?: string; message: string }) => ({ stdout: undefined, stderr: error.stderr || error.message }),
  );
  if (stdout === undefined) throw new CheckFailure(`npm ${args[0]} failed: ${stderr}`);
}

/** Declarations of TypeScript's own libraries, parsed once for all programs. */
const libraries = new Map<string, ts.SourceFile | undefined>();
function hostFor(options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const own = host.getDefaultLibLocation!();
  const read = host.getSourceFile;
  host.getSourceFile = (file, languageVersion, ...rest): ts.SourceFile | undefined => {
    if (!file.startsWith(own)) return read(file, languageVersion, ...rest);
    const key = `${file} ${JSON.stringify(languageVersion)}`;
    if (!libraries.has(key)) libraries.set(key, read(file, languageVersion, ...rest));
    return libraries.get(key);
  };
  return host;
}

function typeCheck(project: string, sources: string[], consumers: readonly Consumer[], typeRoots: string[]): void {
  for (const { name, options: own } of consumers) {
    const options = { ...STRICT, ...own, types: typeRoots.length > 0 ? ['node'] : [], typeRoots };
    const program = ts.createProgram(sources.map((file) => join(project, file)), options, hostFor(options));
    const diagnostics = ts.getPreEmitDiagnostics(program);
    if (diagnostics.length === 0) continue;
    const text = ts.formatDiagnostics(diagnostics.slice(0, 10), { getCanonicalFileName: (f) => f, getCurrentDirectory: () => project, getNewLine: () => '\n' });
    throw new CheckFailure(`a strict consumer (${name}) does not compile:\n${text}`);
  }
}

/** The file the example becomes, and the command that runs it. */
function exampleCommand(project: string, manifest: Manifest, example: Example): { file: string; command: string; args: string[] } {
  const bin = join(project, 'node_modules', '.bin');
  if (example.language === 'sh') return { file: 'example.sh', command: 'sh', args: ['-eu', 'example.sh'] };
  // An example of a test kit is a test.
  if (manifest.peerDependencies?.['vitest']) return { file: 'example.test.ts', command: join(bin, 'vitest'), args: ['run', '--reporter=dot'] };
  return { file: `example.${example.language}`, command: process.execPath, args: ['example.js'] };
}

async function runExample(project: string, manifest: Manifest, example: Example): Promise<void> {
  const { file, command, args } = exampleCommand(project, manifest, example);
  writeFileSync(join(project, file), example.source);
  if (example.language === 'ts') typeCheck(project, [file], [READER], OUR_TYPES);
  if (file === 'example.ts') {
    const compiled = ts.transpileModule(example.source, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } });
    writeFileSync(join(project, 'example.js'), compiled.outputText);
  }
  const env = { ...process.env, PATH: `${join(project, 'node_modules', '.bin')}:${process.env.PATH}` };
  const ran = await execute(command, args, { cwd: project, env, timeout: EXAMPLE_SECONDS * 1000 }).catch(
    (error: { stdout: string; stderr: string; code: unknown }) => error,
  );
  if ('code' in ran) throw new CheckFailure(`the README's example failed (${String(ran.code)}):\n${ran.stdout}${ran.stderr}`);
  if (example.output !== undefined && ran.stdout !== example.output) {
    throw new CheckFailure(`the README's example printed\n${ran.stdout}\nand not, as it says,\n${example.output}`);
  }
}

async function checkPackage(folder: string, scratch: string, registry: Registry): Promise<void> {
  const manifest = readManifest(folder);
  const project = join(scratch, manifest.name.replace('/', '-'));
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const isTestKit = manifest.peerDependencies?.['vitest'] !== undefined;
  // vitest's declarations need Node's; a package of ours that does must bring them.
  const typeRoots = isTestKit || manifest.dependencies?.['@types/node'] !== undefined ? [join(project, 'node_modules', '@types')] : [];
  const install = ['install', '--prefer-offline', `${manifest.name}@${manifest.version}`];
  await npm(isTestKit ? [...install, '@types/node@20'] : install, project, registry);

  const imports = entryPoints(manifest).map(({ specifier }, i) => `import * as entry${i} from '${specifier}';\nexport { entry${i} };\n`);
  writeFileSync(join(project, 'consumer.ts'), imports.join(''));
  typeCheck(project, ['consumer.ts'], CONSUMERS, typeRoots);
  writeFileSync(join(project, 'consumer.js'), imports.join(''));
  if (!isTestKit) {
    const loaded = await execute(process.execPath, ['consumer.js'], { cwd: project, timeout: EXAMPLE_SECONDS * 1000 }).catch((error: { stderr: string }) => error.stderr);
    if (typeof loaded === 'string') throw new CheckFailure(`an entry point does not load:\n${loaded}`);
  }

  const example = findExample(readFileSync(join(folder, 'README.md'), 'utf8'));
  if (!example) throw new CheckFailure('the README has no block marked as the example (```ts example)');
  if (example.packages.length > 0) await npm(['install', '--prefer-offline', ...example.packages], project, registry);
  await runExample(project, manifest, example);
}

const folders = readdirSync('packages').map((name) => join('packages', name));
const wanted = new Set(process.argv.slice(2));
const scratch = mkdtempSync(join(tmpdir(), 'tally86-install-'));
const registry = await startRegistry(scratch);
let failed = 0;
try {
  for (const folder of folders) await npm(['publish', '--ignore-scripts', '--tag', 'latest'], folder, registry);
  for (const folder of folders) {
    const { name } = readManifest(folder);
    if (wanted.size > 0 && !wanted.has(name)) continue;
    const from = Date.now();
    try {
      await checkPackage(folder, scratch, registry);
      console.log(`ok   ${name} (${((Date.now() - from) / 1000).toFixed(1)} s)`);
    } catch (error) {
      if (!(error instanceof CheckFailure)) throw error;
      failed++;
      console.error(`FAIL ${name}: ${error.message}`);
    }
  }
} finally {
  await registry.close();
  rmSync(scratch, { recursive: true, force: true });
}
// The registry leaves timers of its own.
process.exit(failed === 0 ? 0 : 1);
