import { readFileSync } from 'node:fs';
import { describe } from 'vitest';
import { testRows } from './harness.ts';

const script = (name: string): string => readFileSync(new URL(`./scripts/${name}`, import.meta.url), 'utf8');

/** Interpreters, with scripts that reach into their libraries. */
describe('languages', () => {
  testRows([
    { name: 'python3 -c', commands: [['/usr/bin/python3', '-I', '-c', 'import sys, math; print(sys.version_info[:2], 2 ** 200, math.pi, sum(i * i for i in range(1000))); sys.exit(3)']] },
    { name: 'python3, a script of 200 lines', commands: [{ argv: ['/usr/bin/python3', '-I', '-', 'words.txt', 'out.json'], input: script('report.py') }] },
    { name: 'perl', commands: [{ argv: ['perl', '-', 'words.txt'], input: script('report.pl') }] },
    { name: 'lua5.4', commands: [{ argv: ['lua5.4', '-', 'words.txt'], input: script('report.lua') }] },
    { name: 'gawk', commands: [['gawk', '-F,', 'NR > 1 { s[substr($1, 1, 3)] += $2 * $3 } END { PROCINFO["sorted_in"] = "@ind_str_asc"; for (k in s) printf "%s %.17g\\n", k, s[k]; print strftime("%F %T", 86400, 1), log(10), sin(1), atan2(1, -1), 2 ** 0.5, toupper("x"), substr("hello", 2, 3) }', 'table.csv'], ['gawk', '-M', 'BEGIN { print 2 ^ 300 }']] },
    { name: 'mawk', commands: [['mawk', '{ n[length($2)]++ } END { for (i = 0; i < 12; i++) print i, n[i] + 0; printf "%.10f %e %g\\n", exp(2), 1 / 3, 1e100; print substr("abc", 2), index("hello", "l"), int("12abc") }', 'words.txt']] },
    { name: 'bash without fork', commands: [{ argv: ['bash', '-s', 'x', 'y'], input: script('report.sh') }] },
    { name: 'dash', commands: [{ argv: ['dash'], input: 'set -eu\nf() { printf "%s-%s\\n" "$1" "${2:-none}"; }\nf a\nf b c\nfor i in 1 2 3; do case $i in 2) echo two;; *) echo "$((i << 3))";; esac; done\nread -r line < left.txt\necho "$line" > line.txt\ncd tree\necho *\ntrap "echo bye" EXIT\nexit 5\n' }] },
  ]);
});
