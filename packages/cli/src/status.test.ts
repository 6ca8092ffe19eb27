import { EmulatorError, type EmulatorErrorCode } from '@tally86/core';
import type { RunResult } from '@tally86/runner';
import { describe, expect, it } from 'vitest';
import { statusOf, statusOfError } from './status.ts';

describe('exit statuses', () => {
  const exits: [RunResult['exit'], number][] = [
    [{ kind: 'exit', code: 0 }, 0], [{ kind: 'exit', code: 3 }, 3], [{ kind: 'signal', signal: 11, reason: '' }, 139],
    [{ kind: 'budget', reason: '' }, 124], [{ kind: 'deadlock', reason: '' }, 125],
  ];
  for (const [exit, status] of exits) it(`${exit.kind} gives ${status}`, () => expect(statusOf(exit)).toBe(status));
  const errors: [EmulatorErrorCode, number][] = [['E_NOT_FOUND', 127], ['E_ELF', 126], ['E_OPTION', 2], ['E_HOST_MEMORY', 125], ['E_INTERNAL', 125]];
  for (const [code, status] of errors) it(`${code} gives ${status}`, () => expect(statusOfError(new EmulatorError(code, ''))).toBe(status));
});
