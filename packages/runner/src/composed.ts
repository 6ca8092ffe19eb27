// All of the package that needs no Node.
export { compose, type ComposedMachine, type Parts } from './compose.ts';
export { createCpuAccess } from './cpu-access.ts';
export { hashMachine, type Hasher } from './state-hash.ts';
