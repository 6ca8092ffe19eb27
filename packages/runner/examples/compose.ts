// Every part passed in. Run: npx tsx examples/compose.ts
import { cpuModels } from '@tally86/decoder';
import { interpreter } from '@tally86/interpreter';
import { createMachineFiles } from '@tally86/linux';
import { createVmaSet, qemuTwoliner } from '@tally86/mmap';
import { createMmu, qemu42 } from '@tally86/mmu';
import { compose } from '@tally86/runner';
import { createMemoryFileSystem } from '@tally86/vfs';
import { contractGuest } from './guest.ts';

const root = createMemoryFileSystem({ now: () => 0n });
const inode = root.root.create('contract', { mode: 0o100755, uid: 0, gid: 0 });
if (typeof inode === 'number') throw new Error(`errno ${-inode}`);
const file = inode.open(1);
if (typeof file === 'number') throw new Error(`errno ${-file}`);
file.write(0, contractGuest());
file.close();

const machine = compose({
  engine: interpreter,
  mmu: createMmu({ budgetBytes: 2 ** 28, pageTable: qemu42 }),
  vmas: createVmaSet(),
  placement: qemuTwoliner(),
  model: cpuModels['x86-64-v2']!,
});
const files = createMachineFiles({ root, credentials: { fsuid: 0, fsgid: 0, groups: [] } });
files.bind(machine.kernel);
machine.kernel.spawn({ path: '/contract', argv: ['contract', '3'], envp: [], files: files.files, fs: files.fs });
const exit = await machine.kernel.run();
console.log(exit, `${machine.kernel.counts().retired} instructions, page table ${machine.mmu.stats().pageTableBytes} bytes`);
