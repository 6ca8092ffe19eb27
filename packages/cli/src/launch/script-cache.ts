import { isAscii } from 'node:buffer';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { basename, dirname, join } from 'node:path';
import vm from 'node:vm';
import { readOwn, removeQuietly, replaceOwn } from './own-file.ts';

/** CommonJS modules with the byte code that V8 kept of them. */
export interface ScriptCache {
  /**
   * Runs a module once, as `require` would. `beforeRun` comes between compiling it and running it: flags of V8 have to be the same whenever something
   * is compiled or kept, or V8 takes what is kept for another V8's. @returns what it exports
   */
  load(file: string, beforeRun?: () => void): unknown;
  /** Keeps the byte code of all that was compiled so far, of modules for which there was none. Never throws: a cache may fail. */
  save(): void;
}

/** V8 drops byte code that was not used for some time: what is kept after this many seconds lacks what a start needs. */
const FRESH_SECONDS = 20;

/** Days after which the byte code of a version that is hardly there any more goes away; where it still is, it is kept anew. */
const KEPT_DAYS = 30;
const DAY = 86_400_000;

interface CommonJsModule {
  exports: unknown;
  filename: string;
  loaded: boolean;
  paths: string[];
}

function removeOld(directory: string, now: number): void {
  for (const name of readdirSync(directory)) {
    const file = join(directory, name);
    if (name.endsWith('.bin') && now - statSync(file).mtimeMs > KEPT_DAYS * DAY) removeQuietly(file);
  }
}

/** A cache in a directory that only its owner can write to; null: nothing is kept. */
export function createScriptCache(directory: string | null): ScriptCache {
  const unsaved: { readonly script: vm.Script; readonly kept: string }[] = [];

  /** The file for a module's byte code, which is another one for each version of the module, of Node, and for each processor. */
  function fileFor(file: string): string | null {
    if (directory === null) return null;
    const { size, mtimeMs } = statSync(file);
    return join(directory, `${basename(file)}-${process.version}-${process.arch}-${size}-${Math.round(mtimeMs)}.bin`);
  }

  return {
    load(file, beforeRun) {
      const kept = fileFor(file);
      const cachedData = kept === null ? undefined : readOwn(kept);
      const bytes = readFileSync(file);
      // a megabyte of UTF-8 takes some milliseconds
      const source = Module.wrap(bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8').replace(/^#!.*/, ''));
      const importModuleDynamically = (vm.constants as { USE_MAIN_CONTEXT_DEFAULT_LOADER?: number } | undefined)?.USE_MAIN_CONTEXT_DEFAULT_LOADER;
      const script = new vm.Script(source, { filename: file, ...cachedData && { cachedData }, ...importModuleDynamically !== undefined && { importModuleDynamically } } as vm.ScriptOptions);
      if (kept !== null && (cachedData === undefined || script.cachedDataRejected === true)) unsaved.push({ script, kept });
      const require = createRequire(file);
      const module: CommonJsModule = Object.assign(new Module(file) as unknown as CommonJsModule, { filename: file, paths: require.resolve.paths('x') ?? [] });
      require.cache[file] = module as unknown as NodeJS.Module;
      beforeRun?.();
      const run = script.runInThisContext() as (...args: readonly unknown[]) => void;
      run.call(module.exports, module.exports, require, module, file, dirname(file));
      module.loaded = true;
      return module.exports;
    },
    save() {
      if (directory === null || process.uptime() > FRESH_SECONDS) return;
      for (const { script, kept } of unsaved) {
        try {
          replaceOwn(directory, kept, [script.createCachedData()]);
          removeOld(directory, Date.now());
        } catch {
          // it is compiled again each time
        }
      }
    },
  };
}
