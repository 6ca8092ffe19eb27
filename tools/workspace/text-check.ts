import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What no text file of the repository has. The formatter leaves dense TypeScript alone, so this looks after its whitespace. */
const RULES: readonly { name: string; pattern: RegExp; files: RegExp }[] = [
  { name: 'carriage return', pattern: /\r/, files: /./ },
  { name: 'trailing whitespace', pattern: /[ \t]+$/m, files: /./ },
  { name: 'tab', pattern: /\t/, files: /\.(ts|mjs|json|ya?ml)$/ },
  { name: 'no newline at the end', pattern: /[^\n]$(?![\s\S])/, files: /./ },
  { name: 'line over 240 columns', pattern: /^.{241,}$/m, files: /^(?!.*\.(e2e|oracle)\.test\.ts$).*\.(ts|mjs)$/ },
  { name: 'unfinished work', pattern: /\b(TODO|FIXME)\b(?!['|\]/)])/, files: /^(packages|tools)\/.*\.(ts|mjs|c|h|asm|s)$/ },
];

const TEXT = /\.(ts|mjs|json|ya?ml|md|c|h|asm|s|rs|sh)$/;
const GENERATED = /(^|\/)(package-lock\.json|CHANGELOG\.md)$|\.snapshot\.|\/fixtures\//;

/** Tracked and new files, as git sees them; a file may have been deleted since. */
function files(): string[] {
  const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { encoding: 'utf8' });
  return list.split('\0').filter((file) => TEXT.test(file) && !GENERATED.test(file) && file !== 'tools/workspace/text-check.ts');
}

let wrong = 0;
for (const file of files()) {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // Deleted in the work tree, not yet in the index.
    continue;
  }
  for (const rule of RULES) {
    const found = rule.files.test(file) ? rule.pattern.exec(text) : null;
    if (!found) continue;
    wrong++;
    console.error(`${file}:${text.slice(0, found.index).split('\n').length}: ${rule.name}`);
  }
}
process.exitCode = wrong === 0 ? 0 : 1;
