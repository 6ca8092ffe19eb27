#!/usr/bin/env node
import { takeModulesFrom } from '@tally86/jit';
import { takeMemoryFrom } from '@tally86/mmu';
import { main } from './cli.ts';
import { takeReserved } from './launch/reserved-memory.ts';
import { MADE } from './made.ts';

takeModulesFrom((name, make) => (name in MADE ? Buffer.from(MADE[name]!, 'base64') : make()));
takeMemoryFrom((pages, make) => takeReserved(pages) ?? make());
void main();
