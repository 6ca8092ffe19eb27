#!/usr/bin/env node
import { takeModulesFrom } from '@tally86/jit';
import { main } from './cli.ts';
import { MADE } from './made.ts';

takeModulesFrom((name, make) => (name in MADE ? Buffer.from(MADE[name]!, 'base64') : make()));
void main();
