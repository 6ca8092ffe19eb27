import { describe } from 'vitest';
import { testRows } from './harness.ts';

const KEY = ['-K', '000102030405060708090a0b0c0d0e0f', '-iv', '0f0e0d0c0b0a09080706050403020100'];

/** Compressors, cryptography, databases and tools for ELF files. */
describe('tools', () => {
  testRows([
    { name: 'gzip, gunzip', commands: [['gzip', '-9', 'words.txt'], ['gzip', '-l', 'words.txt.gz'], ['gzip', '-d', 'words.txt.gz'], ['gzip', '-t', 'noise.bin']] },
    { name: 'bzip2', commands: [['bzip2', '-k', 'words.txt'], ['bzip2', '-dc', 'words.txt.bz2'], ['bzip2', '-tv', 'words.txt.bz2']] },
    { name: 'xz -9', commands: [['xz', '-9', '-k', '-T1', 'words.txt'], ['xz', '--list', 'words.txt.xz'], ['rm', 'words.txt'], ['xz', '-d', 'words.txt.xz']] },
    { name: 'zstd', commands: [['zstd', '-q', '-19', '--single-thread', '--no-asyncio', 'words.txt', '-o', 'words.zst'], ['zstd', '-q', '-d', '-c', '--no-asyncio', 'words.zst']] },
    { name: 'openssl dgst', commands: [['openssl', 'dgst', '-sha256', '-sha3-256', 'noise.bin'], ['openssl', 'dgst', '-md5', '-hmac', 'key', 'words.txt'], ['openssl', 'dgst', '-blake2b512', 'noise.bin']] },
    { name: 'openssl enc', commands: [['openssl', 'enc', '-aes-128-cbc', ...KEY, '-in', 'noise.bin', '-out', 'sealed'], ['openssl', 'enc', '-d', '-aes-128-cbc', ...KEY, '-in', 'sealed', '-out', 'opened'], { argv: ['openssl', 'enc', '-chacha20', '-K', '00'.repeat(32), '-iv', '00'.repeat(16), '-base64'], input: 'in the clear\n' }] },
    { name: 'openssl prime', commands: [['openssl', 'prime', '170141183460469231731687303715884105727', '170141183460469231731687303715884105729']] },
    { name: 'jq', commands: [['jq', '.items | map(select(.n > 5) | {name, tag: .tags[1]}) | sort_by(.name)', 'data.json'], ['jq', '-c', '[.items[].n] | add / length, (map(. * . | sqrt) | max)', 'data.json'], ['jq', '.nested[', 'data.json']] },
    { name: 'sqlite3', commands: [{ argv: ['sqlite3', 'new.db'], input: "create table t(id integer primary key, name text, x real);\nwith recursive n(i) as (select 1 union all select i + 1 from n where i < 100) insert into t select i, printf('row %03d', i), i / 7.0 from n;\ncreate index by_x on t(x);\n.mode column\nselect id % 5 k, count(*), sum(x), group_concat(id) from t group by k order by k;\nselect avg(x), max(name) from t where x between 3 and 9;\nupdate t set x = round(x, 2) where id > 90;\nselect * from t where id > 95;\nselect * from missing;\n" }, ['sqlite3', 'new.db', 'pragma integrity_check; select count(*) from t']] },
    { name: 'file', commands: [['file', 'words.txt', 'noise.bin', 'utf8.txt', 'old.c', 'data.json', '/bin/busybox', '/usr/bin/env']] },
    { name: 'objdump -d', commands: [['objdump', '-d', '--start-address=0x401000', '--stop-address=0x401400', '/bin/busybox'], ['objdump', '-h', '-p', '/usr/bin/env']] },
    { name: 'readelf, nm, strings, size', commands: [['readelf', '-hlSW', '/usr/bin/env'], ['nm', '-D', '/usr/bin/env'], ['strings', '-n', '12', '/usr/bin/env'], ['size', '/usr/bin/env']] },
  ]);
});
