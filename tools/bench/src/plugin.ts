import { fileURLToPath } from 'node:url';
import { compile } from '../../oracle/src/compile.ts';

/** What the plugin adds up inline: 1 for each instruction, or its length for each block, which is cheap, and too much where a block is left early. */
export type PluginKind = 'instruction' | 'block';
export const PLUGIN_KINDS: readonly PluginKind[] = ['instruction', 'block'];

/** Builds the counting plugin and gives QEMU's arguments. Throws `Error` with the compiler's words. */
export function pluginArguments(kind: PluginKind): readonly string[] {
  const source = fileURLToPath(new URL('../native/count-inline.c', import.meta.url));
  return ['-plugin', `${compile([source], { flags: ['-O2', '-Wall', '-Wextra', '-shared', '-fPIC'] })}${kind === 'block' ? ',per=block' : ''}`];
}
