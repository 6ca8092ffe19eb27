import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { hasOracle } from '../../../tools/oracle/src/index.ts';
import { emulate, result } from './support/run.ts';
import { npmFile } from './support/npm-file.ts';

const guest = (name: string): string => fileURLToPath(new URL(`guests/${name}`, import.meta.url));

/** What real programs work on; each run sees it in an overlay, so that nothing changes. */
const work = mkdtempSync(join(tmpdir(), 'tally86-programs-'));
const FILES: Readonly<Record<string, string>> = {
  'a.ts': 'import { twice } from "./b";\nconsole.log(twice(3) as number);\n',
  'b.ts': 'export function   twice(x: number){ return x*2 }\n',
  'data.json': '{"a":1,   "b":[1,2,\n3]}\n',
  'worker.js': `const { execSync } = require('child_process');
const { Worker } = require('worker_threads');
console.log(execSync('echo from a child').toString());
let s = 0;
for (let i = 0; i < 1e6; i++) s = (s * 31 + i) | 0;
console.log(s);
new Worker("require('worker_threads').parentPort.postMessage(42)", { eval: true }).on('message', (m) => console.log(m));
`,
  'Hello.java': `public class Hello {
  public static void main(String[] args) throws Exception {
    int[] sum = new int[1];
    Thread[] threads = new Thread[4];
    for (int i = 0; i < 4; i++) (threads[i] = new Thread(() -> { for (int j = 0; j < 5000; j++) synchronized (sum) { sum[0]++; } })).start();
    for (Thread thread : threads) thread.join();
    System.out.println(sum[0]);
  }
}
`,
};
for (const [name, text] of Object.entries(FILES)) writeFileSync(join(work, name), text);

/** A module with a memory and a global, both set by its export `wizer.initialize`. */
const WASM = 'AGFzbQEAAAABCAJgAABgAAF/AwMCAAEFAwEAAgYGAX8BQQALByMDBm1lbW9yeQIAEHdpemVyLmluaXRpYWxpemUAAANnZXQAAQoUAg0AQSokAEEQQQc2AgALBAAjAAs=';
writeFileSync(join(work, 'module.wasm'), Buffer.from(WASM, 'base64'));
/** How often wizer runs: what is wrong once in a hundred times shows. */
const WIZER_RUNS = 200;

const dprint = (plugins: readonly (readonly [string, string])[]): string | null => {
  const paths = plugins.map(([name, version]) => npmFile(name, version, 'plugin.wasm'));
  if (paths.includes(null)) return null;
  const path = join(work, `dprint-${plugins.length}.json`);
  writeFileSync(path, JSON.stringify({ includes: ['*.{json,ts}'], excludes: ['dprint*'], plugins: paths }));
  return path;
};
const JSON_PLUGIN = ['@dprint/json', '0.24.0'] as const;
const TYPESCRIPT_PLUGIN = ['@dprint/typescript', '0.96.1'] as const;

interface Row {
  readonly name: string;
  /** Null where the program is not to be had. */
  readonly command: readonly (string | null)[];
  /** Times and such, which differ natively too. */
  readonly ignore?: RegExp;
}

const ROWS: readonly Row[] = [
  { name: 'pipelines of bash', command: ['/bin/bash', guest('pipelines.sh')] },
  { name: 'a long script of bash', command: ['/bin/bash', guest('long.sh')] },
  { name: 'make -j4 with gcc', command: ['/bin/bash', guest('make.sh'), guest('project')] },
  { name: 'git', command: ['/bin/bash', guest('git.sh')] },
  { name: 'sqlite3 with many writers', command: ['/bin/bash', guest('database.sh')] },
  { name: 'openssl s_server and s_client', command: ['/bin/bash', guest('tls.sh')] },
  { name: 'redis-server and redis-benchmark', command: [existsSync('/usr/bin/redis-server') ? '/bin/bash' : null, guest('redis.sh')] },
  { name: 'nginx and curl', command: [existsSync('/usr/sbin/nginx') ? '/bin/bash' : null, guest('nginx.sh')] },
  { name: 'python3, asyncio and processes', command: ['/usr/bin/python3', '-I', guest('events.py')] },
  { name: 'tmux', command: [existsSync('/usr/bin/tmux') ? '/bin/bash' : null, guest('tmux.sh')] },
  { name: 'vim in a pseudo-terminal', command: [existsSync('/usr/bin/vim') ? '/usr/bin/python3' : null, '-I', guest('vim.py')] },
  { name: 'esbuild (Go)', command: [npmFile('@esbuild/linux-x64', '0.28.2', 'bin/esbuild'), '--bundle', '--minify', 'a.ts'] },
  { name: 'ripgrep (Rust)', command: [npmFile('@vscode/ripgrep-linux-x64', '1.18.0', 'bin/rg'), '-n', '--sort', 'path', 'twice', '.'] },
  { name: 'biome (Rust)', command: [npmFile('@biomejs/cli-linux-x64', '2.6.8', 'biome'), 'lint', 'a.ts', 'b.ts'], ignore: /in \d+(\.\d+)?(ms|µs|s)/ },
  { name: 'oxlint (Rust, rayon)', command: [npmFile('@oxlint/linux-x64-gnu', '1.0.0', 'oxlint'), '--threads=4', '-D', 'all', 'a.ts', 'b.ts', 'worker.js'], ignore: /in \d+(\.\d+)?(ms|µs|s)/ },
  { name: 'wizer (Wasmtime), many times', command: ['/bin/bash', guest('wizer.sh'), npmFile('@bytecodealliance/wizer-linux-x64', '11.0.3', 'wizer'), 'module.wasm', String(WIZER_RUNS)] },
  { name: 'node, its JIT in ours', command: [process.execPath, 'worker.js'] },
  { name: 'node --jitless', command: [process.execPath, '--jitless', 'worker.js'] },
  { name: 'java', command: [existsSync('/usr/bin/java') && existsSync('/usr/bin/javac') ? '/usr/bin/java' : null, '-Xmx256m', 'Hello.java'] },
  { name: 'dprint: Wasmer compiles and runs a plugin', command: [npmFile('@dprint/linux-x64-glibc', '0.50.2', 'dprint'), 'check', '--config', dprint([JSON_PLUGIN])] },
  { name: 'dprint: Wasmer and two plugins', command: [npmFile('@dprint/linux-x64-glibc', '0.50.2', 'dprint'), 'check', '--config', dprint([JSON_PLUGIN, TYPESCRIPT_PLUGIN])] },
];

/** `TALLY86_SLOW_ENGINES=both`: each row under the interpreter too. Takes far longer. */
const BOTH = process.env.TALLY86_SLOW_ENGINES === 'both';

const sorted = (text: string, ignore: RegExp | undefined): string[] => text.split('\n').map((line) => (ignore === undefined ? line : line.replace(ignore, ''))).sort();

describe.skipIf(!hasOracle('native'))('real programs of many threads and processes give what they give natively, and always the same count', () => {
  for (const { name, command, ignore } of ROWS) {
    it.skipIf(command.includes(null))(name, { timeout: BOTH ? 7_200_000 : 900_000 }, async () => {
      const [program, ...args] = command as readonly string[];
      const env = { PATH: '/usr/bin:/bin:/usr/sbin', LC_ALL: 'C', HOME: work, DPRINT_CACHE_DIR: mkdtempSync(join(tmpdir(), 'tally86-cache-')) };
      const native = spawnSync(program!, args, { encoding: 'utf8', env, cwd: work });
      const options = { env: { ...env, DPRINT_CACHE_DIR: '/tmp/cache' }, root: 'overlay' as const, cwd: work, fixedAttributes: true, maxMemory: 2 ** 32 };
      const ran = await emulate(program!, args, options);
      // threads may write in another order
      expect([sorted(ran.stdout, ignore), sorted(ran.stderr, ignore), ran.exit]).toEqual([sorted(native.stdout, ignore), sorted(native.stderr, ignore), { kind: 'exit', code: native.status }]);
      expect(result(await emulate(program!, args, options))).toEqual(result(ran));
      if (BOTH) expect(result(await emulate(program!, args, { ...options, engine: 'interpreter' }))).toEqual(result(ran));
    });
  }
});
