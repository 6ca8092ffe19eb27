import { CELL } from '@tally86/core';
import { Mnemonic, OpKind, Register } from '../../iced.ts';
import type { Size, StringOp } from '../../ir/ops.ts';
import { family, type Lift } from '../family.ts';
import { once } from '../once.ts';

const address32 = once((): ReadonlySet<OpKind> => new Set([OpKind.MemorySegESI, OpKind.MemorySegEDI, OpKind.MemoryESEDI]));

/** One string instruction: a block of its own end, so that engines can leave it between two iterations. */
const string = (kind: StringOp['kind'], size: Size): Lift => (c) => {
  const { insn } = c;
  const compares = kind === 'scas' || kind === 'cmps';
  // both prefixes repeat; only comparisons look at ZF
  const repne = insn.hasRepnePrefix;
  const rep = !repne && !insn.hasRepePrefix ? 'none' : !compares ? 'rep' : repne ? 'repne' : 'repe';
  const readsSource = kind !== 'stos' && kind !== 'scas';
  const segment = readsSource ? insn.memorySegment : Register.None;
  c.b.end({
    op: 'string', kind, size, rep,
    seg: segment === Register.FS ? CELL.fsBase : segment === Register.GS ? CELL.gsBase : 0,
    a32: address32().has(c.kind(0)) || address32().has(c.kind(1)),
    rip: c.address, next: c.next,
  });
};

const sizes = (kind: StringOp['kind'], ...mnemonics: readonly Mnemonic[]): (readonly [Mnemonic, Lift])[] =>
  mnemonics.map((mnemonic, i) => [mnemonic, string(kind, (1 << i) as Size)] as const);

/** String instructions (SDM vol. 2). Movsd and Cmpsd are SSE mnemonics too: the SSE family tells them apart. */
export const strings = family(() => [
  ...sizes('movs', Mnemonic.Movsb, Mnemonic.Movsw, Mnemonic.Movsd, Mnemonic.Movsq),
  ...sizes('cmps', Mnemonic.Cmpsb, Mnemonic.Cmpsw, Mnemonic.Cmpsd, Mnemonic.Cmpsq),
  ...sizes('stos', Mnemonic.Stosb, Mnemonic.Stosw, Mnemonic.Stosd, Mnemonic.Stosq),
  ...sizes('lods', Mnemonic.Lodsb, Mnemonic.Lodsw, Mnemonic.Lodsd, Mnemonic.Lodsq),
  ...sizes('scas', Mnemonic.Scasb, Mnemonic.Scasw, Mnemonic.Scasd, Mnemonic.Scasq),
]);
