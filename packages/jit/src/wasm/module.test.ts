import { expect, test } from 'vitest';
import { Code } from './code.ts';
import { encodeModule } from './module.ts';
import { OP } from './opcodes.ts';

test('the host knows functions by their names, behind those that are imported', () => {
  const trap = { type: 0, locals: [], code: new Code().op(OP.unreachable).end().finished() };
  const module = encodeModule({
    types: [{ params: [], results: [] }], imports: [{ module: 'env', name: 'f', kind: 'function', type: 0 }], functions: [trap, trap],
    exports: [{ name: 'second', index: 2 }], names: ['guest_1000', 'guest_2000'],
  });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module), { env: { f: () => {} } });
  let stack = '';
  try {
    (exports.second as () => void)();
  } catch (error) {
    stack = (error as Error).stack!;
  }
  expect(stack).toContain('guest_2000');
  expect(stack).not.toContain('guest_1000');
});
