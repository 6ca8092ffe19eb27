import type { Family } from '../family.ts';
import { arithmetic } from './arithmetic.ts';
import { atomics } from './atomic.ts';
import { bitOperations } from './bits.ts';
import { bitManipulation } from './bmi.ts';
import { branches } from './branch.ts';
import { flagControl } from './flag-control.ts';
import { moves } from './move.ts';
import { multiplication } from './multiply.ts';
import { segments } from './segment.ts';
import { shifts } from './shift.ts';
import { stack } from './stack.ts';
import { strings } from './string.ts';
import { system } from './system.ts';

export const integerFamilies: readonly Family[] = [
  moves, arithmetic, shifts, multiplication, bitOperations, bitManipulation, atomics, stack, branches, strings, flagControl, segments, system,
];
