import { FLAG, FLAG_KIND } from '@tally86/core';
import { SHIFTS } from '../emit/vector/tables.ts';
import { microNumber } from './module.ts';
import { CONDS, FUSED, WIDTHS } from './shape.ts';
import { BINARIES, UNARIES } from './shapes-data.ts';
import { ADDRESS_FORMS } from './shapes-memory.ts';
import { REPEATED } from './shapes-string.ts';
import { LANE_NAMES } from './shapes-vector.ts';

const n = microNumber;
const conditionCodes = Array.from({ length: 16 }, (_, cc) => cc);
const pair = (name: string): readonly number[] => [n(name), n(`${name}.imm`)];
const byWidth = (name: string): readonly (readonly number[])[] => WIDTHS.map((w) => pair(`${name}.${w}`));
/** An access by the form of its address. */
const access = (name: string): readonly number[] => ADDRESS_FORMS.map((form) => n(`${name}.${form}`));

/** Comparisons with a branch: [kind][log2 of the size][condition code; 16 on: with a small constant]. */
const compare: (number | undefined)[][][] = [[[], [], [], []], [[], [], [], []]];
for (const { kind, size, name, codes } of FUSED) {
  const list = compare[kind === FLAG_KIND.sub ? 0 : 1]![Math.log2(size)]!;
  for (const cc of codes) {
    list[cc] = n(`${name}.${size}.${cc}`);
    if (name === 'sub') list[16 + cc] = n(`${name}.${size}.${cc}.imm`);
  }
}

/** Numbers of micro-operations as the translator looks them up; a pair is the form with two cells and that with a constant. */
export const CODES = {
  enter: n('enter'), count: n('count'), translated: n('translated'), goto: n('goto'), link: n('link'), exact: n('exact'), syscall: n('syscall'),
  jump: n('jump'), ret: n('ret'), call: n('call'), push: n('push'), pop: n('pop'), helper: n('helper'),
  constant: n('const'), mulhu: n('mulhu'), mulhs: n('mulhs'), getflags: n('getflags'), vmov: n('vmov'), vzero: n('vzero'), shuffle: n('shuffle'),
  binary: Object.fromEntries(BINARIES.map((op) => [op, byWidth(op)])),
  unary: Object.fromEntries([...UNARIES.map((op) => [op, WIDTHS.map((w) => n(`${op}.${w}`))] as const), ['zext32', [n('mov.32'), n('mov.32')]] as const]),
  set: Object.fromEntries(CONDS.map((cond) => [cond, WIDTHS.map((w) => n(`set.${cond}.${w}`))])),
  select: Object.fromEntries(CONDS.map((cond) => [cond, WIDTHS.map((w) => n(`select.${cond}.${w}`))])),
  branch: Object.fromEntries(CONDS.slice(0, 2).map((cond) => [cond, WIDTHS.map((w) => n(`branch.${cond}.${w}`))])) as Record<string, readonly number[] | undefined>,
  deposit: [pair('deposit.0.8'), pair('deposit.8.8'), pair('deposit.0.16')],
  extract: [n('extract.0.8'), n('extract.8.8'), n('extract.0.16')],
  /** By kind and log2 of the size. */
  repeated: Object.fromEntries(REPEATED.map((kind) => [kind, [1, 2, 4, 8].map((size) => n(`rep.${kind}.${size}`))])) as Record<string, readonly number[] | undefined>,
  /** An operation with the record of its flags. */
  flagged: Object.fromEntries(['add', 'sub', 'and', 'or', 'xor'].map((op) => [op, byWidth(`flags.${op}`)])),
  /** With a constant, then by the number of cells. */
  flags: [n('flags.imm'), n('flags.1'), n('flags.2'), n('flags.3')],
  flagsCount: [n('flags.count.2'), n('flags.count.3')] as const,
  getcc: conditionCodes.map((cc) => n(`getcc.${cc}`)),
  selectcc: WIDTHS.map((w) => conditionCodes.map((cc) => n(`selectcc.${cc}.${w}`))),
  branchcc: conditionCodes.map((cc) => n(`branchcc.${cc}`)),
  compare,
  mergeflags: Object.fromEntries([FLAG.CF, FLAG.OF, FLAG.CF | FLAG.OF].map((mask) => [mask, n(`mergeflags.${mask}`)])) as Record<number, number | undefined>,
  rotflags: ['left', 'right'].map((side) => [1, 2, 4, 8].map((size) => [n(`rotflags.${side}.${size}`), n(`rotflags.${side}.${size}.count`)])),
  /** [written too][extension: none, to 32, to 64][log2 of the size] */
  load: [false, true].map((write) => [0, 32, 64].map((sext) => [1, 2, 4, 8].map((size) => {
    const none = sext === 0 || (sext === 32 && size === 4) || size === 8;
    return access(`load.${size}/${none ? 0 : sext}${write ? 'w' : ''}`);
  }))),
  store: [1, 2, 4, 8].map((size) => access(`store.${size}`)),
  storeConstant: [1, 2, 4, 8].map((size) => access(`storei.${size}`)),
  /** By bytes; 0 and 1: 16 and 32 aligned ones. */
  vload: Array.from({ length: 33 }, (_, bytes) => access(bytes === 0 ? 'vload.aligned' : bytes === 1 ? 'vload.aligned32' : `vload.${bytes}`)),
  vstore: Array.from({ length: 33 }, (_, bytes) => access(bytes === 0 ? 'vstore.aligned' : bytes === 1 ? 'vstore.aligned32' : `vstore.${bytes}`)),
  lea: WIDTHS.map((w) => access(`lea.${w}`)),
  vget: [1, 2, 4, 8].map((size) => n(`vget.${size}`)),
  vset: [1, 2, 4, 8].map((size) => n(`vset.${size}`)),
  lanes: new Map(LANE_NAMES.map((name) => [name, n(name)])),
  shifts: new Map(Object.keys(SHIFTS).map((name) => [name, n(name)])),
};
