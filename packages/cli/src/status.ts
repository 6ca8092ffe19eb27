/** Exit statuses of the CLI itself, as a shell has them; a guest's own status passes through. */
export const STATUS = {
  /** Wrong options. */
  usage: 2,
  /** A host-side budget ended the run. */
  budget: 124,
  /** Every task sleeps and nothing can wake one. */
  deadlock: 125,
  /** Found, but cannot be executed. */
  notExecutable: 126,
  notFound: 127,
  /** Plus the number of the signal. */
  signal: 128,
} as const;
