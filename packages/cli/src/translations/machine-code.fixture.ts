// What a process has of a module's machine code: `save FILE` heats it and writes the code, `restore FILE` takes it from there. One line of JSON on stdout.
import { readFileSync, writeFileSync } from 'node:fs';
import { machineCodeOfV8 } from './machine-code.ts';

/** f(n): n + 1; never(n): n + 1 */
const BYTES = Uint8Array.of(
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f, 3, 3, 2, 0, 0, 7, 13, 2, 1, 0x66, 0, 0, 5, 0x6e, 0x65, 0x76, 0x65, 0x72, 0, 1, 10, 17, 2, 7, 0, 0x20, 0, 0x41, 1, 0x6a, 0x0b,
  7, 0, 0x20, 0, 0x41, 1, 0x6a, 0x0b,
);
const [what, file] = process.argv.slice(2) as ['save' | 'restore', string];
const machineCode = machineCodeOfV8()!;

const code = what === 'restore' ? readFileSync(file) : null;
const module = code === null ? new WebAssembly.Module(BYTES) : machineCode.restore(code, BYTES);
if (module === null) console.log('null');
else {
  const { f, never } = new WebAssembly.Instance(module).exports as Record<'f' | 'never', (n: number) => number>;
  const before = [machineCode.optimized([f]), machineCode.optimized([never])];
  if (what === 'save') {
    // V8 optimises beside us
    for (const end = Date.now() + 10_000; machineCode.optimized([f]) === 0 && Date.now() < end; ) {
      for (let i = 0; i < 1_000_000; i++) f(i);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    writeFileSync(file, machineCode.save(module));
  }
  console.log(JSON.stringify([before, [f(41), never(41)], [machineCode.optimized([f]), machineCode.optimized([never])]]));
}
