import { takeIcedFrom } from '@tally86/decoder';
import { commonModules, takeModulesFrom } from '@tally86/jit';
import { takeMemoryFrom } from '@tally86/mmu';
import { main } from './cli.ts';
import { cacheDirectory } from './launch/cache-directory.ts';
import { launcherPort } from './launch/port.ts';
import { takeReserved } from './launch/reserved-memory.ts';
import { BUILD, MADE } from './made.ts';
import { machineCodeHere } from './translations/machine-code.ts';
import { openModuleCode, type ModuleCode } from './translations/module-code.ts';

/** Asked when an engine needs a module: most commands do not. */
function moduleCodeHere(): ModuleCode | null {
  const directory = cacheDirectory(process.env);
  const machineCode = directory === null || BUILD === null ? null : machineCodeHere();
  return machineCode === null ? null : openModuleCode(directory!, `${BUILD}-${machineCode.id}`, machineCode);
}
let moduleCode: ModuleCode | null | undefined;

takeModulesFrom((name, make) => {
  const made = MADE[name];
  if (made === undefined) return make();
  if (moduleCode === undefined) moduleCode = moduleCodeHere();
  const bytes = Buffer.from(made, 'base64');
  return moduleCode === null ? bytes : moduleCode.compile(name, bytes);
});
const launcher = launcherPort();
if (launcher?.loadDecoder !== undefined) takeIcedFrom(launcher.loadDecoder);
takeMemoryFrom((pages, make) => takeReserved(pages) ?? make());
process.once('exit', () => moduleCode?.save(commonModules()));
launcher?.loaded();
void main();
