/**
 * The layers of ARCHITECTURE.md, one way. For each package: the packages its published sources may import.
 * Tests, tools and examples are free: nothing imports them.
 */
const MAY_IMPORT = {
  // layer 0
  abi: [],
  // layer 1
  core: ['abi'],
  softfloat: ['abi'],
  // layer 2
  mmu: ['abi', 'core'],
  mmap: ['abi', 'core'],
  decoder: ['abi', 'core'],
  elf: ['abi', 'core'],
  vfs: ['abi', 'core'],
  counter: ['abi', 'core'],
  helpers: ['abi', 'core', 'softfloat'],
  // layer 3
  interpreter: ['abi', 'core', 'decoder', 'helpers'],
  jit: ['abi', 'core', 'decoder', 'helpers'],
  linux: ['abi', 'core', 'elf', 'vfs'],
  // layer 4
  runner: ['abi', 'core', 'softfloat', 'mmu', 'mmap', 'decoder', 'elf', 'vfs', 'counter', 'helpers', 'interpreter', 'jit', 'linux'],
  // layer 5
  cli: ['abi', 'core', 'softfloat', 'mmu', 'mmap', 'decoder', 'elf', 'vfs', 'counter', 'helpers', 'interpreter', 'jit', 'linux', 'runner'],
  // beside the layers: conformance suites, run by any package's tests
  testkit: ['abi', 'core', 'softfloat'],
};

/** Third-party packages that a published source may import, and the only package that may. */
const THIRD_PARTY = { 'iced-x86': ['decoder'], vitest: ['testkit'], 'fast-check': ['testkit'] };

/** The parts that may use Node; everything else also runs in a browser. */
const NODE_PARTS = ['^packages/cli/', '^packages/vfs/src/host/', '^packages/runner/src/node/'];

const TEST = '(\\.test\\.ts$|^packages/[^/]+/(test|bench|examples)/)';
const any = (names) => `(${names.join('|')})`;
const packages = Object.keys(MAY_IMPORT);

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...packages.map((name) => ({
      name: `layer-${name}`,
      comment: `${name} may import ${MAY_IMPORT[name].join(', ') || 'no other package'}: see ARCHITECTURE.md.`,
      severity: 'error',
      from: { path: `^packages/${name}/`, pathNot: TEST },
      to: { path: '^packages/', pathNot: `^packages/${any([name, ...MAY_IMPORT[name]])}/` },
    })),
    ...Object.entries(THIRD_PARTY).map(([dependency, owners]) => ({
      name: `only-${owners.join('-')}-imports-${dependency}`,
      severity: 'error',
      from: { path: '^packages/', pathNot: [`^packages/${any(owners)}/`, TEST] },
      to: { path: `(^|/)node_modules/${dependency}/` },
    })),
    {
      name: 'new-package-needs-a-layer',
      comment: 'Every package has a row in MAY_IMPORT.',
      severity: 'error',
      from: { path: '^packages/', pathNot: `^packages/${any(packages)}/` },
      to: {},
    },
    {
      name: 'no-third-party',
      comment: 'Published libraries have no runtime dependencies but those named in THIRD_PARTY; the CLI may have its own.',
      severity: 'error',
      from: { path: '^packages/', pathNot: [TEST, '^packages/cli/'] },
      to: { path: 'node_modules/', pathNot: `(^|/)node_modules/${any([...Object.keys(THIRD_PARTY), '@tally86'])}/` },
    },
    {
      name: 'no-node-in-core',
      comment: 'Only the CLI, the host file system and the node parts of the runner may use Node.',
      severity: 'error',
      from: { path: '^packages/', pathNot: [TEST, '/tsup\\.config\\.ts$', ...NODE_PARTS] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'entry-points-only',
      comment: "Another package is imported by its name and an entry of its exports, never by a path into its files.",
      severity: 'error',
      from: { path: '^packages/([^/]+)/', pathNot: TEST },
      to: { path: '^packages/', pathNot: '^packages/$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'sources-do-not-import-tests-or-tools',
      severity: 'error',
      from: { path: '^packages/', pathNot: TEST },
      to: { path: [TEST, '^tools/'] },
    },
    {
      name: 'no-cycle',
      comment: 'Types may refer to each other; modules that run may not.',
      severity: 'error',
      from: { path: '^(packages|tools)/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: '/dist/' },
    tsConfig: { fileName: 'tsconfig.base.json' },
    // Type-only imports are arrows too.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@tally86/source', 'types', 'import', 'node', 'default'],
      extensions: ['.ts', '.mts', '.js', '.mjs', '.d.ts', '.json'],
    },
  },
};
