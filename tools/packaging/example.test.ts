import { expect, it } from 'vitest';
import { findExample } from './example.ts';

const fence = '```';
const rows: [string, string, ReturnType<typeof findExample>][] = [
  ['no block', 'text', undefined],
  ['an unmarked block', `${fence}ts\nlet a;\n${fence}\n`, undefined],
  ['a marked block', `# x\n${fence}ts example\nlet a;\n${fence}\nmore`, { language: 'ts', packages: [], source: 'let a;\n', output: undefined }],
  ['with packages', `${fence}ts example with a, @b/c\nlet a;\n${fence}\n`, { language: 'ts', packages: ['a', '@b/c'], source: 'let a;\n', output: undefined }],
  ['with its output', `${fence}sh example\nls\n${fence}\n\nIt prints\n\n${fence}text output\nfile\n${fence}\n`, { language: 'sh', packages: [], source: 'ls\n', output: 'file\n' }],
  ['with the output of another block', `${fence}js example\nf()\n${fence}\n${fence}ts\n${fence}\n${fence}text output\nx\n${fence}\n`, { language: 'js', packages: [], source: 'f()\n', output: undefined }],
];

it.each(rows)('%s', (_name, readme, expected) => {
  expect(findExample(readme)).toEqual(expected);
});
