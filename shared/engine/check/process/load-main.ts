import { loadFailure, notLoadable } from '../../lesson/load-failure.ts';
import { halves } from '../../lesson/paths.ts';
import { placesOf, placeText } from '../../lesson/stack-place.ts';
import type { Unloaded } from '../run-load.ts';

const found: Unloaded[] = [];
for (const folder of process.argv.slice(2)) {
  for (const half of halves) {
    try {
      await import(`#answers/${folder}/${half}.ts`);
    } catch (error) {
      const [place] = placesOf(error);
      const at = notLoadable(error)?.at ?? (place ? placeText(place) : `lessons/${folder}/${half}.ts`);
      found.push({ folder, half, message: loadFailure(error, folder, half), at });
    }
  }
}
// What a lesson's file has begun when it was loaded may go on, and nobody waits for it.
process.send!(found, () => process.exit(0));
