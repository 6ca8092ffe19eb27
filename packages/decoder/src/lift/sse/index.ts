import { Mnemonic } from '../../iced.ts';
import { family, type Family, type Lift } from '../family.ts';
import { strings as integerStrings } from '../integer/string.ts';
import { conversions } from './conversions.ts';
import { aes, carryless, hashes } from './crypto.ts';
import { cmpsd, floats, floatsSse3, floatsSse41 } from './floats.ts';
import { moves, movesSse3, movesSse41, scalarMove } from './moves.ts';
import { absolute, andnots, bitmasks, minimumPosition, packed, packedSse41, packedSse42, packedSsse3 } from './packed.ts';
import { shuffles, shufflesMmx, shufflesSse41, shufflesSsse3 } from './shuffles.ts';
import { control, test, xsave, xsavec, xsaveopt } from './state.ts';
import { strings } from './strings.ts';
import { xmmOperand } from './operands.ts';
import { vex } from '../vex.ts';

/** The family of a CPU feature that the model may lack; MMX, SSE and SSE2 belong to every x86-64 CPU. */
function ifFeature(feature: string, ...families: readonly Family[]): Family {
  const guard = (lift: Lift): Lift => (c) => (c.features.has(feature) ? lift(c) : false);
  return family(() => families.flatMap((f) => [...f()].map(([mnemonic, lift]) => [mnemonic, guard(lift)] as const)));
}

/** Two mnemonics name a string instruction and an SSE instruction; the operands tell which. */
function shared(mnemonic: Mnemonic, sse: Lift): readonly [Mnemonic, Lift] {
  const string = integerStrings().get(mnemonic)!;
  return [mnemonic, (c) => (xmmOperand(c, 0) || xmmOperand(c, 1) ? sse(c) : string(c))];
}

export const sseFamilies: readonly Family[] = [
  moves, packed, andnots, bitmasks, shuffles, shufflesMmx, floats, conversions, control,
  family(() => [
    shared(Mnemonic.Movsd, scalarMove(8)), shared(Mnemonic.Cmpsd, cmpsd),
    [Mnemonic.Vmovsd, vex(scalarMove(8))], [Mnemonic.Vcmpsd, vex(cmpsd)],
  ]),
  ifFeature('sse3', movesSse3, floatsSse3),
  ifFeature('ssse3', packedSsse3, shufflesSsse3, absolute),
  ifFeature('sse4.1', movesSse41, packedSse41, shufflesSse41, floatsSse41, minimumPosition, test),
  ifFeature('sse4.2', packedSse42, strings),
  ifFeature('aes', aes), ifFeature('pclmulqdq', carryless), ifFeature('sha', hashes),
  ifFeature('xsave', xsave), ifFeature('xsaveopt', xsaveopt), ifFeature('xsavec', xsavec),
];
