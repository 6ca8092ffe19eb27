import { SIG, TERMIOS, VCC } from '@tally86/abi';
import { describe, expect, it } from 'vitest';
import { type Line, LineDiscipline } from './line-discipline.ts';
import { type Settings, STANDARD } from './settings.ts';

const T = TERMIOS;
const encode = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));
const decode = (bytes: Iterable<number>): string => String.fromCharCode(...bytes);

/** A discipline with a terminal around it that keeps what comes out. */
function typed(text: string, settings: Partial<Settings> = {}, room = Infinity) {
  const seen = { echo: '', signals: [] as number[], room };
  const line: Line = {
    transmit: (bytes) => void (seen.echo += decode(bytes)),
    room: () => seen.room,
    signal: (signo) => void seen.signals.push(signo),
    changed: () => {},
  };
  const discipline = new LineDiscipline(line);
  discipline.change({ ...STANDARD, ...settings });
  const type = (more: string): void => {
    for (const byte of encode(more)) discipline.receive(byte);
    discipline.flushEchoes();
  };
  type(text);
  const read = (limit = 1000): string => {
    const { bytes, used } = discipline.look(limit);
    discipline.drop(used);
    return decode(bytes);
  };
  return { discipline, seen, type, read };
}

const local = (without: number, more = 0): Partial<Settings> => ({ local: (STANDARD.local & ~without) | more });

interface Row {
  readonly what: string;
  readonly type: string;
  readonly settings?: Partial<Settings>;
  readonly echo: string;
  /** What reads give, one after the other; an empty text is an end of file. */
  readonly reads: readonly string[];
  readonly signals?: readonly number[];
}

const ROWS: readonly Row[] = [
  { what: 'a line is read when it is complete', type: 'ab\ncd', echo: 'ab\r\ncd', reads: ['ab\n'] },
  { what: 'carriage returns are newlines', type: 'a\rb\r', echo: 'a\r\nb\r\n', reads: ['a\n', 'b\n'] },
  { what: 'VERASE goes back', type: 'ab\x7f\x7f\x7fc\n', echo: 'ab\b \b\b \bc\r\n', reads: ['c\n'] },
  { what: 'VERASE of a control character', type: '\x01\x7f\n', echo: '^A\b \b\b \b\r\n', reads: ['\n'] },
  { what: 'VERASE of a tab', type: 'a\t\x7f\n', echo: 'a\t\b\b\b\b\b\b\b\r\n', reads: ['a\n'] },
  { what: 'VERASE without ECHOE', type: 'a\x7f\n', settings: local(T.ECHOE), echo: 'a^?\r\n', reads: ['\n'] },
  { what: 'VERASE with ECHOPRT', type: 'ab\x7fc\n', settings: local(0, T.ECHOPRT), echo: 'ab\\b/c\r\n', reads: ['ac\n'] },
  { what: 'VERASE of a UTF-8 character', type: 'é\x7f\n'.replace('é', '\xc3\xa9'), settings: { input: STANDARD.input | T.IUTF8 }, echo: '\xc3\xa9\b \b\r\n', reads: ['\n'] },
  { what: 'VWERASE takes a word', type: 'one two \x17\n', echo: `one two ${'\b \b'.repeat(4)}\r\n`, reads: ['one \n'] },
  { what: 'VKILL takes the line', type: 'abc\x15d\n', echo: `abc${'\b \b'.repeat(3)}d\r\n`, reads: ['d\n'] },
  { what: 'VKILL without ECHOKE', type: 'abc\x15d\n', settings: local(T.ECHOKE), echo: 'abc^U\r\nd\r\n', reads: ['d\n'] },
  { what: 'VKILL without echo', type: 'abc\x15d\n', settings: local(T.ECHO), echo: '', reads: ['d\n'] },
  { what: 'VLNEXT takes the next one as it is', type: '\x16\x04\x16\n\n', echo: '^\b^D^\b^J\r\n', reads: ['\x04\n\n'] },
  { what: 'VREPRINT', type: 'a\x12\n', echo: 'a^R\r\na\r\n', reads: ['a\n'] },
  { what: 'VEOF behind text', type: 'a\x04b\n', echo: 'ab\r\n', reads: ['a', 'b\n'] },
  { what: 'VEOF alone', type: '\x04a\n', echo: 'a\r\n', reads: ['', 'a\n'] },
  { what: 'VEOL', type: 'a;b', settings: { characters: Uint8Array.from(STANDARD.characters, (byte, index) => (index === VCC.VEOL ? 0x3b : byte)) }, echo: 'a;b', reads: ['a;'] },
  { what: 'ECHONL', type: 'a\n', settings: local(T.ECHO, T.ECHONL), echo: '\r\n', reads: ['a\n'] },
  { what: 'without ECHOCTL', type: '\x01\n', settings: local(T.ECHOCTL), echo: '\x01\r\n', reads: ['\x01\n'] },
  { what: 'without ICANON every byte counts', type: 'a\x7f\n', settings: local(T.ICANON), echo: 'a^?\r\n', reads: ['a\x7f\n'] },
  { what: 'INLCR and IGNCR', type: 'a\n\rb', settings: { input: T.INLCR | T.IGNCR, local: 0 }, echo: '', reads: ['a\rb'] },
  { what: 'ISTRIP', type: '\xc1', settings: { input: T.ISTRIP, local: 0 }, echo: '', reads: ['A'] },
  { what: 'IUCLC', type: 'AbC', settings: { input: T.IUCLC, local: T.IEXTEN }, echo: '', reads: ['abc'] },
  { what: 'PARMRK doubles ff', type: '\xff', settings: { input: T.PARMRK, local: 0 }, echo: '', reads: ['\xff\xff'] },
  { what: 'ISIG: three keys, input is dropped', type: 'a\x03b\x1cc\x1ad\n', echo: '^Zd\r\n', reads: ['d\n'], signals: [SIG.INT, SIG.QUIT, SIG.TSTP] },
  { what: 'NOFLSH keeps input', type: 'a\x03b\n', settings: local(0, T.NOFLSH), echo: 'a^Cb\r\n', reads: ['ab\n'], signals: [SIG.INT] },
  { what: 'without ISIG they are input', type: '\x03\n', settings: local(T.ISIG), echo: '^C\r\n', reads: ['\x03\n'] },
  { what: 'VSTOP holds echoes back until VSTART', type: 'a\x13b\x11c\n', echo: 'abc\r\n', reads: ['abc\n'] },
  { what: 'a disabled character is none', type: '\0\n', echo: '^@\r\n', reads: ['\0\n'] },
];

describe('the line discipline', () => {
  for (const { what, type, settings, echo, reads, signals = [] } of ROWS) {
    it(what, () => {
      const { discipline, seen, read } = typed(type, settings);
      const got: string[] = [];
      while (discipline.hasInput()) got.push(read());
      expect([seen.echo, got, seen.signals]).toEqual([echo, reads, signals]);
    });
  }

  it('a line is read in pieces, and an end of file right behind a piece goes with it', () => {
    const { read, discipline } = typed('abcd\x04');
    expect([read(2), read(2), discipline.hasInput()]).toEqual(['ab', 'cd', false]);
  });

  it('what was typed ahead loses its lines without ICANON, and becomes one with it', () => {
    const { discipline, read, type } = typed('a\nb', local(T.ECHO));
    discipline.change({ ...STANDARD, ...local(T.ICANON) });
    expect(read()).toBe('a\nb');
    type('cd');
    discipline.change(STANDARD);
    expect([discipline.hasInput(), read()]).toEqual([true, 'cd']);
  });

  it('a line that gets too long changes its last byte; finished lines make the typist wait', () => {
    const { discipline, read, type } = typed('x'.repeat(5000), local(T.ECHO));
    expect(discipline.takesInput).toBe(true);
    type('y\n');
    expect([read(5000).length, discipline.takesInput]).toEqual([4095, true]);
    type(`${'z'.repeat(4000)}\n${'z'.repeat(94)}`);
    expect(discipline.takesInput).toBe(false);
  });

  it('echoes wait for room', () => {
    const { discipline, seen } = typed('abc', {}, 0);
    expect(seen.echo).toBe('');
    seen.room = 100;
    discipline.flushEchoes();
    expect(seen.echo).toBe('abc');
  });

  it('FIONREAD counts what reads will give', () => {
    expect(typed('ab\n\x04cd').discipline.readable).toBe(3);
    expect(typed('ab\n\x04cd', local(T.ICANON)).discipline.readable).toBe(6);
  });

  it.each([
    ['ONLCR', 'a\nb', T.OPOST | T.ONLCR, 'a\r\nb'], ['OCRNL', 'a\rb', T.OPOST | T.OCRNL, 'a\nb'], ['ONOCR', '\ra\r', T.OPOST | T.ONOCR, 'a\r'],
    ['OLCUC', 'aZé', T.OPOST | T.OLCUC, 'AZé'], ['XTABS', 'ab\tc\b\t', T.OPOST | 0o14000, 'ab      c\b        '], ['without OPOST', '\n', T.ONLCR, '\n'],
  ])('output: %s', (_name, text, output, expected) => {
    const { discipline, seen } = typed('', { output });
    for (const byte of encode(text)) discipline.write(byte);
    expect(seen.echo).toBe(expected);
  });
});
