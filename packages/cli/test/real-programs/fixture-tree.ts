import { chmodSync, lutimesSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** 2021-03-04 05:06:07 UTC, in seconds: when every file of the fixture was last written. */
const WRITTEN = 1_614_834_367;

const WORDS = ['apple', 'Banana', 'cherry', 'date', 'Elder', 'fig', 'grape', 'hazel', 'Iris', 'juniper', 'kale', 'lime', 'Mango', 'nut', 'olive'];

/** Park and Miller's generator: the same numbers for ever. */
function* numbers(seed: number): Generator<number, never> {
  for (let x = seed; ; ) {
    x = (x * 48_271) % 2_147_483_647;
    yield x;
  }
}

function lines(count: number, line: (next: () => number, i: number) => string): string {
  const source = numbers(count + 1);
  const next = (): number => source.next().value;
  return Array.from({ length: count }, (_, i) => `${line(next, i)}\n`).join('');
}

const word = (n: number): string => WORDS[n % WORDS.length]!;

/** Path → contents. */
const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'words.txt': lines(300, (next) => `${word(next())} ${word(next())}-${next() % 97} ${word(next())}`),
  'numbers.txt': lines(400, (next) => `${(next() % 20_000) / 100 - 100}`),
  'table.csv': `name,count,price\n${lines(60, (next, i) => `${word(next())}${i},${next() % 50},${(next() % 10_000) / 100}`)}`,
  'left.txt': lines(12, (_, i) => `${String(i * 2).padStart(2, '0')} left${i}`),
  'right.txt': lines(12, (_, i) => `${String(i * 3).padStart(2, '0')} right${i}`),
  'repeated.txt': 'a\na\nb\nb\nb\nc\nd\nd\n',
  'utf8.txt': 'naïve café\nÅngström — “quoted”\n日本語テキスト\n🙂 smile\n',
  'old.c': '#include <stdio.h>\n\nint main(void)\n{\n  int x = 1;\n  printf("%d\\n", x);\n  return 0;\n}\n',
  'new.c': '#include <stdio.h>\n#include <stdlib.h>\n\nint main(void)\n{\n  int x = 2;\n  printf("%d\\n", x);\n  return EXIT_SUCCESS;\n}\n',
  'data.json': JSON.stringify({ items: WORDS.map((name, i) => ({ name, n: i * 1.25, tags: [name.length, name.toUpperCase()] })), nested: { deep: { null: null, yes: true } } }),
  'noise.bin': Uint8Array.from({ length: 3000 }, ((source) => () => source.next().value & 255)(numbers(77))),
  'empty': '',
  'tree/a/one.txt': 'needle in a\n',
  'tree/a/b/two.txt': 'nothing\nneedle twice needle\n',
  'tree/a/b/three.dat': Uint8Array.from([0, 1, 2, 3, 110, 101, 101, 100, 108, 101, 10]),
  'tree/c/four.txt': 'hay\n',
};

/** Fills `directory` with files whose names, contents, modes and times are always the same. */
export function writeFixtureTree(directory: string): void {
  for (const [path, contents] of Object.entries(FILES)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true, mode: 0o755 });
    writeFileSync(join(directory, path), contents, { mode: 0o644 });
  }
  chmodSync(join(directory, 'tree/c/four.txt'), 0o640);
  symlinkSync('a/one.txt', join(directory, 'tree/link'));
  symlinkSync('nowhere', join(directory, 'tree/dangling'));
  for (const link of ['tree/link', 'tree/dangling']) lutimesSync(join(directory, link), WRITTEN, WRITTEN);
  // directories last: what is created in them sets their times
  for (const path of [...Object.keys(FILES), 'tree/a/b', 'tree/a', 'tree/c', 'tree', '.']) utimesSync(join(directory, path), WRITTEN, WRITTEN);
}
