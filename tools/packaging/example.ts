/**
 * A README's example: the fenced block whose info string says `example`, and the fenced `text output` block after it, if any.
 * `ts example with @tally86/mmu` names packages that it needs beside its own.
 */
export interface Example {
  language: 'ts' | 'js' | 'sh';
  source: string;
  packages: string[];
  /** What it must print, exactly; undefined when the README does not say. */
  output: string | undefined;
}

const EXAMPLE = /^```(ts|js|sh) example(?: with ([^\n]+))?\n([\s\S]*?)^```$/m;
const OUTPUT = /^\s*```text output\n([\s\S]*?)^```$/m;

export function findExample(readme: string): Example | undefined {
  const block = EXAMPLE.exec(readme);
  if (!block) return undefined;
  const rest = readme.slice(block.index + block[0].length);
  // Prose may stand between the two, another code block may not.
  const output = OUTPUT.exec(rest);
  const between = output ? rest.slice(0, output.index) : '';
  return {
    language: block[1] as Example['language'],
    packages: block[2]?.split(/[ ,]+/) ?? [],
    source: block[3]!,
    output: output && !between.includes('```') ? output[1] : undefined,
  };
}
