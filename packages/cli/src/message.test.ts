import { expect, it } from 'vitest';
import { oneLine } from './message.ts';

it.each([
  ['plain: äöü 漢字', 'plain: äöü 漢字'],
  ['two\nlines\r\n', 'two\\nlines\\r\\n'],
  ['\x1b[31mred\x07\x9b', '\\x1b[31mred\\x07\\x9b'],
  ['\u2028', '\\x2028'],
])('%j', (text, line) => expect(oneLine(text)).toBe(line));
