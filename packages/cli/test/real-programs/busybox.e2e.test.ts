import { describe } from 'vitest';
import { testRows } from './harness.ts';

/** Debian's busybox-static: one static program with hundreds of faces. */
describe('busybox, static', () => {
  testRows([
    { name: 'ls -laR', commands: [['busybox', 'ls', '-laR', 'tree']] },
    { name: 'sort', commands: [['busybox', 'sort', '-k2', 'words.txt'], ['busybox', 'sort', '-n', 'numbers.txt']] },
    { name: 'sha256sum, md5sum, sha512sum', commands: [['busybox', 'sha256sum', 'noise.bin', 'words.txt'], ['busybox', 'md5sum', 'noise.bin'], ['busybox', 'sha512sum', 'noise.bin']] },
    { name: 'sed', commands: [['busybox', 'sed', '-e', 's/\\([a-z]*\\)-\\([0-9]*\\)/\\2:\\1/', '-e', '/fig/d', 'words.txt']] },
    { name: 'awk', commands: [['busybox', 'awk', '-F,', 'NR>1 { sum += $2 * $3; n[substr($1, 1, 2)]++ } END { printf "%.6f %d\\n", sum, n["fi"]; print 1 / 3, 1e300 * 1e10, exp(1), int(-3.7) }', 'table.csv']] },
    { name: 'grep', unordered: true, commands: [['busybox', 'grep', '-nE', '^(fig|Mango).*[0-9]{2}', 'words.txt'], ['busybox', 'grep', '-r', 'needle', 'tree']] },
    { name: 'tar there and back', commands: [['busybox', 'tar', '-cf', 'out.tar', 'tree/a/one.txt', 'tree/link', 'words.txt'], ['busybox', 'tar', '-tvf', 'out.tar'], ['busybox', 'mkdir', 'there'], ['busybox', 'tar', '-xf', 'out.tar', '-C', 'there']] },
    { name: 'gzip and gunzip', commands: [['busybox', 'gzip', '-k', 'words.txt'], ['busybox', 'gunzip', '-c', 'words.txt.gz']] },
    { name: 'find', unordered: true, commands: [['busybox', 'find', 'tree', '-type', 'f', '-size', '-20c']] },
    { name: 'ed', commands: [{ argv: ['busybox', 'ed', 'old.c'], input: '4s/{/{ \\/\\/ here/\nw\nq\n' }] },
    { name: 'dc, hexdump, od, expr', commands: [{ argv: ['busybox', 'dc'], input: '2 100 ^ p\n' }, ['busybox', 'hexdump', '-C', 'noise.bin'], ['busybox', 'od', '-c', 'utf8.txt'], ['busybox', 'expr', '7', '*', '6']] },
    { name: 'sh', commands: [['busybox', 'sh', '-c', 'i=0; while [ $i -lt 20 ]; do i=$((i + 1)); echo "$i: $((i * i % 7))"; done; exit 7']] },
    { name: 'no such applet', commands: [['busybox', 'no-such-applet']] },
  ]);
});
