// npx tsx --conditions=@tally86/source packages/mmap/bench/scale.ts: microseconds for munmap + mmap, by strategy and number of mappings.
import { placementStrategies } from '../src/index.ts';
import { timePairs } from '../test/load.ts';

const COUNTS = [100, 1000, 10_000, 100_000];
const OPERATIONS = 20_000;
console.log(['strategy'.padEnd(16), ...COUNTS.map((count) => String(count).padStart(9))].join(' '));
for (const name of Object.keys(placementStrategies)) {
  timePairs(name, 1000, 5000);
  const row = COUNTS.map((count) => ((timePairs(name, count, OPERATIONS) / OPERATIONS) * 1e6).toFixed(2).padStart(9));
  console.log([name.padEnd(16), ...row].join(' '));
}
