import { describePageTable } from '@tally86/testkit';
import { lazy, qemu42 } from './index.ts';

describePageTable(lazy);
describePageTable(qemu42, { eager: true, freesEmpty: false });
