import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { hasOracle } from '../../../tools/oracle/src/index.ts';
import { bytesSource, parseElf } from './index.ts';

// readelf comes with gcc's binutils.
it.skipIf(!hasOracle('gcc'))('agrees with readelf on segments and symbols of /bin/ls', () => {
  const image = parseElf(bytesSource(readFileSync('/bin/ls')));
  const lines = execFileSync('readelf', ['-lW', '/bin/ls'], { encoding: 'utf8' }).split('\n');
  const loads = lines.filter((line) => line.trim().startsWith('LOAD')).map((line) => line.trim().split(/\s+/).slice(1, 6).map(Number));
  expect(image.segments.map((s) => [s.offset, s.vaddr, s.filesz, s.memsz])).toEqual(loads.map(([offset, vaddr, , filesz, memsz]) => [offset, vaddr, filesz, memsz]));
  const expected = execFileSync('readelf', ['--dyn-syms', '-W', '/bin/ls'], { encoding: 'utf8' }).split('\n')
    .map((line) => line.trim().split(/\s+/)).filter((f) => f[3] === 'FUNC' && f[6] !== 'UND').map((f) => [Number.parseInt(f[1]!, 16), Number(f[2])]);
  for (const [address, size] of expected) expect(image.symbols().find(address! + 1)).toMatchObject({ address, size });
  expect(execFileSync('readelf', ['-nW', '/bin/ls'], { encoding: 'utf8' })).toContain(image.buildId()!);
});
