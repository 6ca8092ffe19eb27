import { describe } from 'vitest';
import { testRows } from './harness.ts';

/** Programs that read text and print text: dynamic, glibc. */
describe('text programs', () => {
  testRows([
    { name: 'sort', commands: [['sort', 'words.txt'], ['sort', '-t,', '-k3,3g', '-r', 'table.csv'], ['sort', '-u', '-f', 'words.txt', '-o', 'sorted.txt'], ['sort', '-V', 'left.txt', 'right.txt']] },
    { name: 'sha256sum, b2sum, sum, cksum', commands: [['sha256sum', 'noise.bin', 'words.txt', 'missing'], ['b2sum', 'noise.bin'], ['sum', 'noise.bin'], ['cksum', 'noise.bin']] },
    { name: 'sha256sum -c', commands: [{ argv: ['sha256sum', '-c'], input: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  empty\n0000000000000000000000000000000000000000000000000000000000000000  words.txt\n' }] },
    { name: 'sed', commands: [['sed', '-nE', 's/^([A-Z][a-z]+) (.*)$/\\U\\1\\E <\\2>/p', 'words.txt'], ['sed', '-i', '2,4d;$a\\the end', 'words.txt']] },
    { name: 'grep', commands: [['grep', '-rn', 'needle', 'tree'], ['grep', '-c', 'fig', 'words.txt'], ['grep', '-oP', '\\w+(?=-42)', 'words.txt'], ['grep', 'absent', 'words.txt'], ['grep', '-i', 'ÅNG', 'utf8.txt']] },
    { name: 'cut, tr, uniq, paste, comm, join', commands: [['cut', '-d,', '-f1,3', 'table.csv'], { argv: ['tr', 'a-z', 'A-Z'], input: 'hello\n' }, ['uniq', '-c', 'repeated.txt'], ['paste', '-d:', 'left.txt', 'right.txt'], ['comm', 'left.txt', 'right.txt'], ['join', 'left.txt', 'right.txt']] },
    { name: 'head, tail, tac, nl, wc, fold, fmt, rev', commands: [['head', '-n5', 'words.txt'], ['tail', '-c', '50', 'words.txt'], ['tac', 'left.txt'], ['nl', 'old.c'], ['wc', 'words.txt', 'utf8.txt', 'noise.bin'], ['fold', '-w', '9', 'left.txt'], ['fmt', '-w', '40', 'words.txt']] },
    { name: 'od, xxd, base64', commands: [['od', '-A', 'x', '-t', 'x1z', 'noise.bin'], ['od', '-t', 'f8', '-N', '64', 'noise.bin'], ['od', '-t', 'fL', '-N', '160', 'noise.bin'], ['xxd', '-l', '100', 'noise.bin'], ['base64', 'noise.bin'], { argv: ['base64', '-d'], input: 'aGVsbG8K' }] },
    { name: 'factor, seq, numfmt, expr, printf', commands: [['factor', '1000000007', '18446744073709551557', '340282366920938463463374607431768211456'], ['seq', '-f', '%.3f', '0', '0.1', '1'], ['numfmt', '--to=iec', '1', '1500', '123456789'], ['expr', '10000000000000000000000', '*', '99'], ['printf', '%s|%5d|%x|%e|%.20g|%a\\n', 'text', '42', '255', '1.5e-10', '0.1', '3.14']] },
    { name: 'date', commands: [['date', '-u', '-d', '@0'], ['date', '-d', '2024-02-29 12:00 +1 year', '+%c %j %U'], ['date', '-u', '-r', 'words.txt', '--iso-8601=ns']] },
    { name: 'diff, cmp', commands: [['diff', '-u', 'left.txt', 'right.txt'], ['diff', '-y', 'old.c', 'new.c'], ['cmp', 'words.txt', 'numbers.txt']] },
    { name: 'patch', commands: [{ argv: ['patch', '-p0', 'old.c'], input: '--- old.c\n+++ old.c\n@@ -3,5 +3,5 @@\n int main(void)\n {\n-  int x = 1;\n+  int x = 3;\n   printf("%d\\n", x);\n   return 0;\n' }] },
    { name: 'split, csplit', commands: [['split', '-l', '70', '-d', 'words.txt', 'part-'], ['csplit', 'words.txt', '100', '200']] },
    { name: 'bc, dc', commands: [{ argv: ['bc', '-l'], input: 'scale=60\n4*a(1)\n2^200\ne(1)\n' }, { argv: ['dc'], input: '50k 2v p 3 100^ 7 | p\n' }] },
    { name: 'env, id, tty, whoami', commands: [['env'], ['id'], ['tty'], ['whoami'], ['env', '-i', 'A=b', 'printenv']] },
    { name: 'true, false, echo, test', commands: [['true'], ['false'], ['echo', '-e', 'a\\tb'], ['test', 'a', '=', 'b'], ['test', '-d', 'tree'], ['[', '3', '-gt', '2', ']']] },
    { name: 'errors', commands: [['cat', 'missing'], ['ls', 'missing', 'tree'], ['sort', '--no-such-option'], ['cat', 'tree'], ['mkdir', 'tree'], ['rmdir', 'tree'], ['rm', 'tree']] },
  ]);
});
