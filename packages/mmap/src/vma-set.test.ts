import { describeVmaSet } from '@tally86/testkit';
import { createVmaSet } from './index.ts';

describeVmaSet('createVmaSet', createVmaSet);
