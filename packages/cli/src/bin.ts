#!/usr/bin/env node
import { commonModules, takeModulesFrom } from '@tally86/jit';
import { takeMemoryFrom } from '@tally86/mmu';
import { main } from './cli.ts';
import { cacheDirectory } from './launch/cache-directory.ts';
import { takeReserved } from './launch/reserved-memory.ts';
import { BUILD, MADE } from './made.ts';
import { machineCodeOfV8 } from './translations/machine-code.ts';
import { openModuleCode } from './translations/module-code.ts';

const directory = cacheDirectory(process.env);
const machineCode = machineCodeOfV8();
const moduleCode = directory === null || BUILD === null || machineCode === null ? null : openModuleCode(directory, BUILD, machineCode);

takeModulesFrom((name, make) => {
  const made = MADE[name];
  if (made === undefined) return make();
  const bytes = Buffer.from(made, 'base64');
  return moduleCode === null ? bytes : moduleCode.compile(name, bytes);
});
takeMemoryFrom((pages, make) => takeReserved(pages) ?? make());
if (moduleCode !== null) process.once('exit', () => moduleCode.save(commonModules()));
void main();
