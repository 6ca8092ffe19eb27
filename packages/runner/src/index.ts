export { compose, type ComposedMachine, type Parts } from './compose.ts';
export { createCpuAccess } from './cpu-access.ts';
export { createEmulator, type Emulator } from './node/emulator.ts';
export { DEFAULTS, jitEngine, NAMES } from './names.ts';
export type { EmulatorOptions, HostMount, RunResult, ThreadCount } from './options.ts';
export { hashMachine, type Hasher } from './state-hash.ts';
