import { createInterface } from 'node:readline';

/** How long a pipe that stays open may be silent before it counts as empty, in milliseconds. */
const silence = 3_000;

/**
 * Reads the lines piped into the program, up to the end of the input or the first blank line.
 * A pipe that nobody writes to and nobody closes is taken for an empty one: nothing may wait for ever.
 *
 * @yields each line, trimmed
 * @returns whether anything came at all
 */
export async function* pipedLines(): AsyncGenerator<string, boolean> {
  const reader = createInterface({ input: process.stdin, crlfDelay: Infinity });
  const lines = reader[Symbol.asyncIterator]();
  let timer: NodeJS.Timeout | undefined;
  const silent = new Promise<'silent'>((resolve) => {
    timer = setTimeout(resolve, silence, 'silent');
  });
  let came = false;
  try {
    for (;;) {
      const next = await (came ? lines.next() : Promise.race([lines.next(), silent]));
      if (next === 'silent') {
        console.error(
          `(Nothing came on standard input for ${silence / 1000} seconds: going on with the defaults.)`,
        );
        return false;
      }
      if (next.done) return came;
      came = true;
      const line = next.value.trim();
      if (line === '') return true;
      yield line;
    }
  } finally {
    clearTimeout(timer);
    reader.close();
    process.stdin.destroy();
  }
}
