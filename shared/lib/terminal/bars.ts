/** Who has done how much. */
export interface Share {
  name: string;
  done: number;
}

/** How many blocks a bar has at most, and at least. */
const [most, least] = [10, 3];

const sumOf = (shares: readonly Share[]): number => shares.reduce((sum, { done }) => sum + done, 0);

/**
 * @param done - how much of all
 * @param blocks - how long the bar is
 * @returns a bar that is as full as its share of all; an empty one where nothing was done
 */
export const barOf = (done: number, all: number, blocks: number): string =>
  '█'.repeat(Math.round((blocks * done) / Math.max(1, all))).padEnd(blocks, '░');

/**
 * @param title - what stands before the bars
 * @param columns - how much room there is: bars are shorter where there is little
 * @returns one line: a bar for each, and its number, so that nobody has to measure
 */
export const barsOf = (title: string, shares: readonly Share[], columns = Infinity): string => {
  const all = sumOf(shares);
  const numbers = Math.max(3, String(all).length);
  const line = (blocks: number): string =>
    [
      title.padEnd(22),
      ...shares.map(
        ({ name, done }) => `${name} ${barOf(done, all, blocks)} ${String(done).padEnd(numbers)} `,
      ),
    ]
      .join(' ')
      .trimEnd();
  let blocks = most;
  while (blocks > least && line(blocks).length >= columns) blocks -= 1;
  return line(blocks);
};

/** Takes a terminal's cursor to the beginning of the line, and empties it. */
const emptied = '\r\u001B[2K';

/**
 * Draws bars while some work goes on: at a terminal again and again, in one line, and once, at the end, where the output is
 * no terminal or too narrow for it. What else is printed meanwhile goes above that line.
 *
 * @param shares - looks how much everybody has done by now
 * @param work - draws again each time that it calls its argument
 */
export const drawing = async (
  title: string,
  shares: () => readonly Share[],
  work: (draw: () => void) => Promise<void>,
  { stdout, stderr } = process,
): Promise<void> => {
  const line = (): string => barsOf(title, shares(), stdout.columns || 80);
  const isLive = stdout.isTTY && line().length < (stdout.columns || 80);
  if (!isLive) {
    await work(() => {});
    console.log(barsOf(title, shares(), stdout.isTTY ? stdout.columns || 80 : Infinity));
    return;
  }
  const write = stdout.write.bind(stdout);
  const draw = (): void => void write(emptied + line());
  const streams = [stdout, stderr].filter(({ isTTY }) => isTTY);
  const writes = streams.map((stream) => stream.write);
  for (const stream of streams) {
    const own = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    stream.write = (...args: unknown[]) => {
      write(emptied);
      const isTaken = own(...args);
      draw();
      return isTaken;
    };
  }
  try {
    draw();
    await work(draw);
    draw();
  } finally {
    for (const [index, stream] of streams.entries()) stream.write = writes[index]!;
    stdout.write('\n');
  }
};
