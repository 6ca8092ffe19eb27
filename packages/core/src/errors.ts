/** Codes of host misuse and host limits. Guest errors are values (a negative errno, a {@link Stop}), never exceptions. */
export type EmulatorErrorCode =
  | 'E_OPTION' // an option has a value that cannot be used
  | 'E_ELF' // a program file cannot be loaded
  | 'E_NOT_FOUND' // a program or a named strategy does not exist
  | 'E_HOST_MEMORY' // the host could not give the memory asked for
  | 'E_BUDGET' // a host-side budget ended the run
  | 'E_STATE' // a call that the present state does not allow
  | 'E_INTERNAL'; // a bug of ours

const BRAND = Symbol.for('tally86.EmulatorError');

/** Thrown for host misuse. Recognise it by {@link isEmulatorError}: it works across copies of this package. */
export class EmulatorError extends Error {
  readonly code: EmulatorErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  constructor(code: EmulatorErrorCode, message: string, options?: { cause?: unknown; details?: Record<string, unknown> }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'EmulatorError';
    this.code = code;
    this.details = options?.details ?? {};
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** True for an EmulatorError of this or any other copy of the package. */
export function isEmulatorError(value: unknown): value is EmulatorError {
  return typeof value === 'object' && value !== null && BRAND in value;
}
