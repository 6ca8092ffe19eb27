import { expect, it } from 'vitest';
import { cacheDirectory } from './cache-directory.ts';

const exists = (path: string): boolean => ['/home/ann', '/var/cache'].includes(path);

it.each([
  ['below the home directory', { HOME: '/home/ann' }, '/home/ann/.cache/tally86'],
  ['where XDG_CACHE_HOME says', { HOME: '/home/ann', XDG_CACHE_HOME: '/var/cache/ann' }, '/var/cache/ann/tally86'],
  ['not relative to wherever we are', { HOME: '/home/ann', XDG_CACHE_HOME: 'cache' }, '/home/ann/.cache/tally86'],
  ['nowhere without a home', {}, null],
  ['nowhere if it is an odd one', { HOME: '' }, null],
  ['nowhere if it does not exist', { HOME: '/nonexistent' }, null],
  ['nowhere if compile caches are off', { HOME: '/home/ann', NODE_DISABLE_COMPILE_CACHE: '1' }, null],
])('%s', (_, env, directory) => expect(cacheDirectory(env, exists)).toBe(directory));
