import { runComposed, type Job } from './run-composed.ts';

/** Runs in a worker of the browser: takes jobs from the test's server, one after the other, and hands in what came of them. */
async function main(): Promise<void> {
  const jobs = (await (await fetch('/jobs')).json()) as readonly Job[];
  for (const [i, job] of jobs.entries()) {
    const elf = new Uint8Array(await (await fetch(`/guests/${job.guest}`)).arrayBuffer());
    const outcome = await runComposed(job, elf).catch((error: unknown) => ({ error: String(error instanceof Error ? error.stack : error) }));
    await fetch(`/outcomes/${i}`, { method: 'POST', body: JSON.stringify(outcome) });
  }
}

void main().catch((error: unknown) => fetch('/failed', { method: 'POST', body: String(error) }));
