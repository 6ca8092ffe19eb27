import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cSource, prose } from './inputs.ts';

const digest = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex').slice(0, 16);

describe('prose', () => {
  it('has exactly as many bytes, by its seed only', () => {
    expect(prose(1000)).toHaveLength(1000);
    expect(digest(prose(100_000))).toBe(digest(prose(100_000)));
    expect(digest(prose(100_000, 2))).not.toBe(digest(prose(100_000)));
    expect(prose(100_000).subarray(0, 500)).toEqual(prose(500));
  });
  it('is text in lines', () => expect(prose(10_000).toString('latin1')).toMatch(/^([a-z]+ ){11}[a-z]+\.\n[a-z .\n]*$/));
});

describe('cSource', () => {
  it('is the same each time, and grows', () => {
    expect(cSource(5)).toBe(cSource(5));
    expect(cSource(10).startsWith(cSource(5).trimEnd())).toBe(true);
  });
  it('has as many functions', () => expect(cSource(7).match(/^u64 f\d+\(/gm)).toHaveLength(7));
});
