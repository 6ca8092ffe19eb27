import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Engine } from '@tally86/core';
import { isJitEngine } from '@tally86/jit';
import { readOwn, removeQuietly, replaceOwn } from '../launch/own-file.ts';

/** What the engine translated of a program in an earlier run; where the same bytes are executed again they need not be translated. */
export interface TranslationCache {
  /** The engine's image; undefined: nothing is kept of this program. */
  read(): Uint8Array | undefined;
  /** Keeps what the engine of the program translated, if that is more than before. Never throws: a cache may fail. */
  keep(engine: Engine): void;
}

export interface CachedProgram {
  /** Host path. */
  readonly path: string;
  /** What else makes translations others: CPU model, memory. */
  readonly machine: string;
  /** Of the code that translates, and of what made the machine code with it. */
  readonly build: string;
}

const SUFFIX = '.micro';
/** Fewer blocks, regions and optimised functions are not worth a file, and a smaller share of new ones: one block needs the decoder, and V8 optimises some more in each run. */
const FEW = { blocks: 1, regions: 30, functions: 4 } as const;
const SHARE = { blocks: 0.05, regions: 0.05, functions: 0.2 } as const;
/** Bytes that are kept of one program, and of all. */
const MOST_OF_ONE = 48 << 20;
const MOST = 512 << 20;
/** Each run looks at all of them that keeps something. */
const MOST_FILES = 1000;

/** The cache in a directory that only its owner can write to. */
export function openTranslations(directory: string, { path, machine, build }: CachedProgram): TranslationCache {
  let file: string;
  try {
    const { size, mtimeMs } = statSync(path);
    file = join(directory, `${basename(path).slice(0, 64)}-${size}-${Math.round(mtimeMs)}-${machine}-${build}${SUFFIX}`);
  } catch {
    return { read: () => undefined, keep: () => {} };
  }
  return {
    read: () => readOwn(file),
    keep(engine) {
      if (!isJitEngine(engine)) return;
      try {
        if (!isWorthKeeping(engine)) return;
        let image = engine.imagePieces();
        if (image !== null && image.length > MOST_OF_ONE) image = engine.imagePieces({ machineCode: false });
        if (image === null || image.length > MOST_OF_ONE) return;
        replaceOwn(directory, file, image);
        removeOldest(directory);
      } catch {
        // it is made again each time
      }
    },
  };
}

function isWorthKeeping(engine: Engine): boolean {
  const { microBlocks = 0, microLoaded = 0, regions = 0, loadedRegions = 0, optimizedFunctions = 0, keptFunctions = 0 } = engine.stats();
  const isMuch = (kind: keyof typeof FEW, made: number, loaded: number): boolean => made >= FEW[kind] && made >= loaded * SHARE[kind];
  return isMuch('blocks', microBlocks, microLoaded) || isMuch('regions', regions, loadedRegions) || isMuch('functions', optimizedFunctions - keptFunctions, keptFunctions);
}

/** Removes what was kept longest ago, until the rest is no more than `most` bytes in `mostFiles` files. */
export function removeOldest(directory: string, most = MOST, mostFiles = MOST_FILES): void {
  const files = readdirSync(directory).filter((name) => name.endsWith(SUFFIX)).map((name) => {
    const file = join(directory, name);
    const { size, mtimeMs } = statSync(file);
    return { file, size, mtimeMs };
  });
  let left = most;
  let filesLeft = mostFiles;
  for (const { file, size } of files.sort((a, b) => b.mtimeMs - a.mtimeMs)) {
    left -= size;
    if (left < 0 || --filesLeft < 0) removeQuietly(file);
  }
}
