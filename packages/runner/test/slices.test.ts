import { describe, it } from 'vitest';
import { NAMES } from '../src/index.ts';
import { compareSlices, SHORT_GUESTS } from './support/slices.ts';

describe.each(NAMES.engine)('engine %s', (engine) => {
  it.each(SHORT_GUESTS)('%s is the same in slices of any length', (guest) => compareSlices(engine, guest, [1, 3, 20]));
});
