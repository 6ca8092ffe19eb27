import { describe, expect, it } from 'vitest';
import { parseMount } from './mount.ts';
import { formatSize, parseSize } from './size.ts';

describe('parseSize', () => {
  const rows: [string, number | undefined][] = [
    ['0', 0], ['4096', 4096], ['1k', 1024], ['2M', 2 * 1024 * 1024], ['1.5GiB', 1.5 * 2 ** 30], ['3 MB', 3e6], ['', undefined], ['-1', undefined], ['1x', undefined],
    ['M', undefined], ['99999999999999G', undefined],
  ];
  for (const [text, bytes] of rows) it(`'${text}' is ${bytes}`, () => expect(parseSize(text)).toBe(bytes));
});

describe('formatSize', () => {
  const rows: [number, string][] = [[0, '0 B'], [1023, '1023 B'], [1536, '1.5 KiB'], [24 * 2 ** 20, '24.0 MiB'], [2 ** 31, '2.0 GiB']];
  for (const [bytes, text] of rows) it(text, () => expect(formatSize(bytes)).toBe(text));
});

describe('parseMount', () => {
  const rows: [string, unknown][] = [
    ['/a:/b', { source: '/a', target: '/b', readOnly: false }], ['/a:/b:ro', { source: '/a', target: '/b', readOnly: true }],
    ['/a', undefined], [':/b', undefined], ['/a:b', undefined], ['/a:/b:rw', undefined], ['/a:/b:ro:x', undefined],
  ];
  for (const [text, mount] of rows) it(text, () => expect(parseMount(text)).toEqual(mount));
});
