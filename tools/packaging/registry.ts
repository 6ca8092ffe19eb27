import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runServer } from 'verdaccio';

export interface Registry {
  readonly url: string;
  /** An npm configuration file that makes this registry the only one. */
  readonly userConfig: string;
  close(): Promise<void>;
}

/**
 * A real npm registry on the loopback address. Our packages live here only; their third-party dependencies come through it from the
 * registry npm is configured for.
 */
export async function startRegistry(scratch: string): Promise<Registry> {
  const upstream = execFileSync('npm', ['config', 'get', 'registry', '--loglevel=error'], { encoding: 'utf8' }).trim();
  const open = { access: '$all', publish: '$all', unpublish: '$all' };
  const app: Server = await runServer({
    // Verdaccio resolves its storage beside the file it believes it was configured from.
    self_path: join(scratch, 'verdaccio.yaml'),
    configPath: join(scratch, 'verdaccio.yaml'),
    storage: join(scratch, 'storage'),
    uplinks: { upstream: { url: upstream, timeout: '60s', max_fails: 10 } },
    packages: { '@tally86/*': open, tally86: open, '**': { access: '$all', proxy: 'upstream' } },
    max_body_size: '200mb',
    web: { enable: false },
    log: { type: 'stdout', level: 'fatal', format: 'pretty' },
  } as unknown as Parameters<typeof runServer>[0]);
  await new Promise<void>((resolve, reject) => app.once('error', reject).listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(app.address() as AddressInfo).port}`;
  const userConfig = join(scratch, 'npmrc');
  // npm refuses to publish without a token; the registry takes anyone's.
  writeFileSync(userConfig, `registry=http://${host}/\n//${host}/:_authToken=anyone\nfund=false\naudit=false\nupdate-notifier=false\nloglevel=error\n`);
  return {
    url: `http://${host}/`,
    userConfig,
    close: () =>
      new Promise((resolve) => {
        app.closeAllConnections();
        app.close(() => resolve());
      }),
  };
}
