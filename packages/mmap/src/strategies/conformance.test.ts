import { describePlacementStrategy } from '@tally86/testkit';
import { placementStrategies } from './index.ts';

for (const [name, create] of Object.entries(placementStrategies)) describePlacementStrategy(name, create);
