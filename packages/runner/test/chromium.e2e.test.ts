import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { prebuilt } from './bad-programs/damage.ts';
import { openChromium, type Browser } from './browser/chromium.ts';
import { runComposed, type Job, type Outcome } from './browser/run-composed.ts';
import { cpuOf, GUESTS } from './support/guests.ts';

const KERNELS = GUESTS.filter((name) => name.startsWith('bench/'));
const OTHERS = ['hello', 'float', 'x87', 'vectors', 'smc', 'signals', 'threads', 'string', 'faults'];
/** Kernels run for long: they are cut, in the middle of something. */
const JOBS: readonly Job[] = [
  ...KERNELS.map((guest) => ({ guest, engine: 'jit' as const, cpu: cpuOf(guest), maxInstructions: 20_000_011 })),
  ...OTHERS.map((guest) => ({ guest, engine: 'jit' as const, cpu: cpuOf(guest), maxInstructions: 2_000_011 })),
  ...['bench/fib', 'bench/simd'].map((guest) => ({ guest, engine: 'interpreter' as const, cpu: cpuOf(guest), maxInstructions: 1_000_011 })),
];

const outcomes: (Outcome | { readonly error: string } | undefined)[] = [];
let failed = '';
let server: Server;
let browser: Browser | null = null;
let scratch = '';

/** The emulator as one script for a worker, from the packages as they are built. */
async function bundle(): Promise<string> {
  scratch = mkdtempSync(join(tmpdir(), 'tally86-worker-'));
  await build({
    entry: { worker: fileURLToPath(new URL('browser/worker.ts', import.meta.url)) },
    config: false, outDir: scratch, format: 'iife', platform: 'browser', target: 'es2022', noExternal: [/.*/], silent: true,
  });
  return readFileSync(join(scratch, 'worker.global.js'), 'utf8');
}

beforeAll(async () => {
  const worker = await bundle();
  server = createServer((request, response) => {
    const [, kind, ...rest] = (request.url ?? '').split('/');
    const send = (type: string, body: string | Uint8Array): void => void response.setHeader('content-type', type).end(body);
    if (request.method === 'POST') {
      const parts: string[] = [];
      request.setEncoding('utf8').on('data', (text: string) => parts.push(text)).on('end', () => {
        if (kind === 'outcomes') outcomes[Number(rest[0])] = JSON.parse(parts.join('')) as Outcome;
        else failed = parts.join('');
        send('text/plain', '');
      });
    } else if (kind === '') send('text/html', '<!doctype html><script>new Worker("/worker.js").onerror = (e) => fetch("/failed", { method: "POST", body: e.message })</script>');
    else if (kind === 'worker.js') send('text/javascript', worker);
    else if (kind === 'jobs') send('application/json', JSON.stringify(JOBS));
    else if (kind === 'guests') send('application/octet-stream', prebuilt(rest.join('/')));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await openChromium(`http://127.0.0.1:${(server.address() as { port: number }).port}/`);
});
afterAll(() => {
  browser?.close();
  server.close();
  rmSync(scratch, { recursive: true, force: true });
});

/** What came of a job, once it is there. */
async function outcome(i: number): Promise<Outcome> {
  while (outcomes[i] === undefined) {
    const why = failed || browser!.ended();
    if (why !== null) throw new Error(`Chromium failed: ${why}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const found = outcomes[i];
  if ('error' in found) throw new Error(found.error);
  return found;
}

it.for(JOBS.map((job, i) => [job.guest, job.engine, i] as const))('Chromium runs %s as Node does: %s', { timeout: 120_000 }, async ([guest, engine, i], { skip }) => {
  // it comes from npm, for x86-64 Linux
  if (browser === null) return skip('there is no Chromium');
  const here = await runComposed(JOBS[i]!, prebuilt(guest));
  expect(await outcome(i)).toEqual(here);
  expect(here.engine).toBe(engine);
  if (engine === 'jit' && guest.startsWith('bench/')) expect(here.translated).toBeGreaterThan(10_000_000);
});
