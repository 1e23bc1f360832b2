/**
 * Runs the checks of one lesson each time it is asked to, in a process of its own: one in which an answer loops without
 * end can be ended. What is loaded once is there for the next run.
 */
import { Checks } from '../run-checks.ts';
import type { FromChecks, ToChecks } from './process-messages.ts';

const file = process.argv[2]!;
const checks = new Checks([file], 'lessons');

process.on('message', async ({ changed }: ToChecks) => {
  const { seen, ended } = await checks.run(changed);
  process.send!({ seen: seen.get(file)!, ended } satisfies FromChecks);
});
// When the watch has gone, this process ends too.
process.on('disconnect', () => process.exit(0));
