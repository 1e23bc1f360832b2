/** The command was typed wrongly. Its message tells the person what to type; the exit code is 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}
