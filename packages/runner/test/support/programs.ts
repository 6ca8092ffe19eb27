import type { EmulatorOptions } from '../../src/index.ts';

/** What real programs are told, and where they write. */
export const PROGRAM_OPTIONS: Partial<EmulatorOptions> = { root: 'overlay', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } };
/** Programs of Debian, each with some work of another kind. */
export const PROGRAMS: readonly (readonly [program: string, ...args: string[]])[] = [
  ['/bin/bash', '-c', 'x=0; for ((i = 0; i < 200; i++)); do x=$((x * 31 % 1009 + i)); done; a=(b c d); echo $x ${a[@]/c/e} ${#a[@]}; printf "%05.2f\\n" 3.14159'],
  ['/usr/bin/python3', '-I', '-S', '-c', 'print(sum(i * i for i in range(500)), 2 ** 500 % 10 ** 9 + 7, "%.17g" % (0.1 * 3), sorted({"b": 1, "a": 2}))'],
  ['/usr/bin/perl', '-e', 'my %h; $h{$_ % 7} .= chr(65 + $_ % 26) for 1 .. 300; print join(",", map { "$_=$h{$_}" } sort keys %h), " ", sqrt(2) * exp(1), "\\n"'],
  ['/usr/bin/lua5.4', '-e', 'local t = {} for i = 1, 2000 do t[i] = (i * 7919) % 1013 end table.sort(t) print(t[1], t[1000], string.format("%.14g", math.sin(1) ^ 2 + math.cos(1) ^ 2))'],
  ['/usr/bin/sqlite3', ':memory:',
    'create table t(a, b); with recursive n(i) as (select 1 union all select i + 1 from n where i < 500) insert into t select i, i * i % 97 from n; select b, count(*), sum(a) from t group by b order by 2 desc, b limit 5;'],
  ['/usr/bin/awk', 'BEGIN { for (i = 0; i < 3000; i++) s += sin(i) * log(i + 1); printf "%.10f %s\\n", s, toupper("abc") }'],
  ['/usr/bin/sha256sum', '/bin/ls'],
  ['/usr/bin/openssl', 'version'],
];
