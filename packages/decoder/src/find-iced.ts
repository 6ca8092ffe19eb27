/**
 * iced-x86, taken in one piece as the CommonJS module it is: an import statement would have Node scan its megabyte of source for the names of
 * its exports at every start, which costs more than loading it.
 */
interface NodeProcess {
  getBuiltinModule?(name: 'node:module'): { createRequire(from: string): (name: string) => unknown };
}
export function findIced(): unknown {
  const { process } = globalThis as { process?: NodeProcess };
  const createRequire = process?.getBuiltinModule?.('node:module').createRequire;
  if (createRequire === undefined) throw new Error('@tally86/decoder needs Node 20.19 or newer: iced-x86 is loaded by it');
  return createRequire(import.meta.url)('iced-x86');
}
