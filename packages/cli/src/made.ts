/**
 * Modules of the engine that are the same at each start, by name, as base64. The build replaces this file by one that has those of a machine with
 * defaults; a start takes as long to make them as a small guest runs.
 */
export const MADE: Readonly<Record<string, string>> = {};
/** Tells builds apart that translate differently; null: this is none, and nothing that it translates is kept. */
export const BUILD: string | null = null;
