import { writeFileSync } from 'node:fs';
import { systemCallsPage } from './system-calls.ts';

writeFileSync(new URL('../../docs/system-calls.md', import.meta.url), systemCallsPage());
