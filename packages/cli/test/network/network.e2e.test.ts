import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { createServer, get, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLI, ENGINES, ENVIRONMENT, hasProgram } from '../support/programs.ts';

/** The network is the kernel's: one engine is enough. */
const ENGINE = ENGINES[0]!;
const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const PYTHON = '/usr/bin/python3';
const emulated = (command: string, ...rest: readonly string[]): readonly string[] => [process.execPath, CLI, command, '--engine', ENGINE, ...rest];

/** Output and status of a program that runs beside our servers. */
function run(argv: readonly string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0]!, argv.slice(1), { env: ENVIRONMENT, stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000 });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('latin1')));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('latin1')));
    child.on('error', reject).on('close', (status) => resolve({ status, stdout, stderr }));
  });
}

const bodyOf = (response: IncomingMessage): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    response.on('data', (chunk: Buffer) => (text += chunk.toString('latin1'))).on('end', () => resolve(text));
  });

let http: Server;
let udp: Socket;
let ports: readonly [http: number, udp: number] = [0, 0];
beforeAll(async () => {
  http = createServer((incoming, response) => {
    let count = 0;
    incoming.on('data', (chunk: Buffer) => (count += chunk.length)).on('end', () => response.end(incoming.url === '/big' ? 'y'.repeat(3_000_000) : `host ${incoming.url} ${count}\n`));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  udp = createSocket('udp4');
  udp.on('message', (bytes, { address, port }) => udp.send(`pong ${bytes.toString()}`, port, address));
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  ports = [(http.address() as AddressInfo).port, udp.address().port];
});
afterAll(() => {
  http.close();
  udp.close();
});

describe.skipIf(!hasProgram('python3') || !hasProgram('curl'))('the network of the host', () => {
  it('a guest talks to servers of the host as the program itself does', { timeout: 240_000 }, async () => {
    const argv = [PYTHON, script('client.py'), ...ports.map(String)];
    const native = await run(argv);
    expect(native.status).toBe(0);
    expect(await run(emulated('run', ...argv))).toEqual(native);
  });

  it('a datagram goes out, even if who sent it ends at once', { timeout: 60_000 }, async () => {
    const arrived = new Promise((resolve) => udp.once('message', (bytes) => resolve(bytes.toString())));
    const program = "import os, socket, sys; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'last', ('127.0.0.1', int(sys.argv[1]))); os._exit(5)";
    expect((await run(emulated('run', PYTHON, '-I', '-c', program, String(ports[1])))).status).toBe(5);
    expect(await arrived).toBe('last');
  });

  it('refuses what Node does not tell of a datagram, and says so', { timeout: 60_000 }, async () => {
    const program = [
      'import socket',
      's = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)',
      "s.bind(('127.0.0.1', 0))",
      'IP_RECVTTL = 12',
      'try: s.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)',
      'except OSError as error: print(error.errno)',
      "s.sendmsg([b'still'], [(socket.IPPROTO_IP, socket.IP_TTL, (9).to_bytes(4, 'little'))], 0, s.getsockname())",
      'print(s.recvmsg(9, 99)[:2])',
    ].join('\n');
    const guest = (net: string): ReturnType<typeof run> => run(emulated('run', '--strace', '--net', net, PYTHON, '-I', '-c', program));
    const note = 'socket option IP_RECVTTL is not supported with the network of the host: ENOPROTOOPT';
    const outside = await guest('host');
    expect([outside.status, outside.stdout]).toEqual([0, "92\n(b'still', [])\n"]);
    expect(outside.stderr).toContain(note);
    const inside = await guest('none');
    expect([inside.status, inside.stdout]).toEqual([0, "(b'still', [(0, 2, b'\\t\\x00\\x00\\x00')])\n"]);
    expect(inside.stderr).not.toContain(note);
  });

  it('a guest serves clients of the host', { timeout: 240_000 }, async () => {
    const [node, ...args] = emulated('run', PYTHON, script('server.py'), '5');
    const guest: ChildProcess = spawn(node!, args, { env: ENVIRONMENT, stdio: ['ignore', 'pipe', 'inherit'] });
    const port = await new Promise<number>((resolve) => guest.stdout!.once('data', (chunk: Buffer) => resolve(Number(chunk.toString()))));
    const fetch = (path: string): Promise<string> =>
      new Promise((resolve, reject) => get({ host: '127.0.0.1', port, path, agent: false }, (response) => resolve(bodyOf(response))).on('error', reject));
    expect(await fetch('/one')).toBe('guest /one\n');
    expect((await fetch('/big')).length).toBe(1_000_000);
    expect(await Promise.all([fetch('/a'), fetch('/b')])).toEqual(['guest /a\n', 'guest /b\n']);
    const posted = await new Promise<string>((resolve, reject) => {
      request({ host: '127.0.0.1', port, method: 'POST', headers: { 'Content-Length': 500_000 } }, (response) => resolve(bodyOf(response))).on('error', reject).end('p'.repeat(500_000));
    });
    expect(posted).toBe('500000 bytes\n');
    expect(await new Promise((resolve) => guest.once('close', resolve))).toBe(0);
  });

  const curl = (net: string, path: string): Promise<{ status: number | null; stdout: string; stderr: string }> =>
    run([process.execPath, CLI, 'run', '--net', net, '/usr/bin/curl', '-s', `http://127.0.0.1:${ports[0]}${path}`]);

  it('is reached as far as --net says', { timeout: 240_000 }, async () => {
    expect((await curl('host', '/big')).stdout).toBe('y'.repeat(3_000_000));
    expect((await curl('loopback', '/x')).stdout).toBe('host /x 0\n');
    // Nobody of its own serves the guest there.
    expect(await curl('none', '/x')).toEqual({ status: 7, stdout: '', stderr: '' });
    const outside = await run([process.execPath, CLI, 'run', '--net', 'loopback', '/usr/bin/curl', '-s', 'http://192.0.2.1/']);
    expect(outside.status).toBe(7);
  });

  it('is named in a report, and nothing of it is there by default', { timeout: 240_000 }, async () => {
    const report = async (...options: readonly string[]): Promise<{ exit: unknown; notDeterministic: readonly string[] }> =>
      JSON.parse((await run([process.execPath, CLI, 'count', '--json', '-', ...options, '/usr/bin/curl', '-so', '/dev/null', `http://127.0.0.1:${ports[0]}/`])).stdout);
    const inside = await report();
    expect([inside.notDeterministic, inside.exit]).toEqual([[], { kind: 'exit', code: 7 }]);
    const outside = await report('--net', 'loopback');
    expect([outside.notDeterministic, outside.exit]).toEqual([['--net loopback'], { kind: 'exit', code: 0 }]);
  });

  it('costs a guest that waits nothing', { timeout: 240_000 }, async () => {
    const { stdout } = await run(emulated('run', PYTHON, '-c', [
      'import socket, time',
      "server = socket.create_server(('127.0.0.1', 0))",
      'server.settimeout(3)',
      'before = time.process_time()',
      'try: server.accept()',
      'except TimeoutError: print(time.process_time() - before)',
    ].join('\n')));
    // CPU time of a guest is its instructions, at a billion a second.
    expect(Number(stdout)).toBeLessThan(0.01);
  });
});
