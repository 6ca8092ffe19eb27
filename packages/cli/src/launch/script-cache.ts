import { isAscii } from 'node:buffer';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { basename, dirname, join } from 'node:path';
import vm from 'node:vm';
import { readOwn, removeQuietly, replaceOwn } from './own-file.ts';

/** CommonJS modules with the byte code that V8 kept of them. */
export interface ScriptCache {
  /**
   * Runs a module once, as `require` would; a `.script` is the function already that `require` would make of a module. `beforeRun` comes between
   * compiling it and running it: flags of V8 have to be the same whenever something is compiled or kept, or V8 takes what is kept for another V8's.
   * @returns what it exports
   */
  load(file: string, beforeRun?: () => void): unknown;
  /**
   * Keeps the byte code of what was called so far of the modules that are loaded, and no more of them: what comes now is rare, and each start would wait
   * for its byte code. `isUsual`: so far all was as in most runs. Else it is kept until there is such a run, and only if there is nothing yet.
   */
  saveStart(isUsual: boolean): void;
  /** Keeps the byte code of all that was called of the other modules. None of these throws: a cache may fail. */
  save(): void;
}

/** V8 drops byte code that was not used for some time: what is kept after this many seconds lacks what a start needs. */
const FRESH_SECONDS = 20;

/** Days after which the byte code of a version that is hardly there any more goes away; where it still is, it is kept anew. */
const KEPT_DAYS = 30;
const DAY = 86_400_000;

/** What is kept of a module until there was a run as most are. */
const START = '.start.bin';

interface Loaded {
  readonly script: vm.Script;
  /** Where byte code of it belongs. */
  readonly kept: string;
  /** There is byte code of its start. */
  isStarted: boolean;
}

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
  /** Modules of which nothing is kept, or a start. */
  let unsaved: Loaded[] = [];

  /** The file for a module's byte code, which is another one for each version of the module, of Node, and for each processor. */
  function fileFor(file: string): string | null {
    if (directory === null) return null;
    const { size, mtimeMs } = statSync(file);
    return join(directory, `${basename(file)}-${process.version}-${process.arch}-${size}-${Math.round(mtimeMs)}.bin`);
  }
  const startOf = (kept: string): string => kept.replace(/\.bin$/, START);

  function keep({ script, kept }: Loaded, file: string): void {
    if (directory === null || process.uptime() > FRESH_SECONDS) return;
    try {
      replaceOwn(directory, file, [script.createCachedData()]);
      if (file === kept) removeQuietly(startOf(kept));
      removeOld(directory, Date.now());
    } catch {
      // it is compiled again each time
    }
  }

  return {
    load(file, beforeRun) {
      const kept = fileFor(file);
      const bytes = readFileSync(file);
      // a megabyte of UTF-8 takes some milliseconds, and so does a copy of it
      const text = bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');
      // in the same megabyte: the less there is by then, the later garbage is collected
      const whole = kept === null ? undefined : readOwn(kept, bytes);
      const cachedData = whole ?? (kept === null ? undefined : readOwn(startOf(kept), bytes));
      const source = file.endsWith('.script') ? text : Module.wrap(text.replace(/^#!.*/, ''));
      const importModuleDynamically = (vm.constants as { USE_MAIN_CONTEXT_DEFAULT_LOADER?: number } | undefined)?.USE_MAIN_CONTEXT_DEFAULT_LOADER;
      const script = new vm.Script(source, { filename: file, ...cachedData && { cachedData }, ...importModuleDynamically !== undefined && { importModuleDynamically } } as vm.ScriptOptions);
      const isKept = cachedData !== undefined && script.cachedDataRejected !== true;
      if (kept !== null && !(isKept && whole !== undefined)) unsaved.push({ script, kept, isStarted: isKept });
      const require = createRequire(file);
      const module: CommonJsModule = Object.assign(new Module(file) as unknown as CommonJsModule, { filename: file, paths: require.resolve.paths('x') ?? [] });
      require.cache[file] = module as unknown as NodeJS.Module;
      beforeRun?.();
      const run = script.runInThisContext() as (...args: readonly unknown[]) => void;
      run.call(module.exports, module.exports, require, module, file, dirname(file));
      module.loaded = true;
      return module.exports;
    },
    saveStart(isUsual) {
      for (const loaded of unsaved) {
        if (isUsual) keep(loaded, loaded.kept);
        else if (!loaded.isStarted) keep(loaded, startOf(loaded.kept));
      }
      unsaved = [];
    },
    save() {
      for (const loaded of unsaved) keep(loaded, loaded.kept);
      unsaved = [];
    },
  };
}
