/**
 * `npm run author bench services`: how fast the lessons' services are beside bare grpc-js servers that do the same on the
 * wire, and the chats beside WebSockets. Machines differ and are noisy: only the ratios inside one run say something.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { storeTarget, type Row } from './load.ts';
import { count, inTurns, ratioOf, table, verdict } from '../rounds.ts';
import { median, quantile, type Effort, type Sample } from '../sample.ts';
import { ServerProcess, type Usage, type Variant } from '../../services/server-process.ts';
import type { StalledCost } from './stalled-reader.ts';

/** How much is measured: in full, or just enough to see that everything still works. */
interface Scope {
  rounds: number;
  warmUp: Effort;
  effort: Effort;
  stalled: { subscribers: number; messages: number };
}

const full: Scope = {
  // Many short rounds: what disturbs the machine for a while then falls on all variants alike.
  rounds: 25,
  warmUp: { duration: 1_500, scale: 1 },
  effort: { duration: 300, scale: 0.3 },
  stalled: { subscribers: 100, messages: 600 },
};

const quick: Scope = {
  rounds: 1,
  warmUp: { duration: 20, scale: 0.02 },
  effort: { duration: 50, scale: 0.02 },
  stalled: { subscribers: 5, messages: 60 },
};

/** What one variant of a row has done in all rounds. */
interface Result {
  variant: Variant;
  samples: Sample[];
  /** The server's processor time for one unit, in microseconds, by round. */
  cpu: number[];
  usage: Usage;
}

/** A row: what each who serves it has done, and the rates of its statements alone, where it has some. */
interface Measured {
  results: Result[];
  storeRates: number[];
}

const measureRow = async (row: Row, { rounds, warmUp, effort }: Scope): Promise<Measured> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'grpc-workbook-bench-'));
  const store = await row.store?.(folder);
  const storeRates: number[] = [];
  await store?.round(warmUp);
  const running = [];
  for (const variant of row.variants) {
    const server = await ServerProcess.start(variant, [row.service]);
    const load = await row.prepare(server.addressOf(row.service), variant);
    await load.round(warmUp);
    running.push({ variant, server, load, samples: [] as Sample[], cpu: [] as number[] });
  }
  const turns = running.map(({ server, load, samples, cpu }) => async () => {
    const before = await server.ask('usage');
    const began = performance.now();
    const sample = await load.round(effort);
    const seconds = (performance.now() - began) / 1_000;
    samples.push(sample);
    cpu.push(((await server.ask('usage')).cpu - before.cpu) / (sample.rate * seconds));
  });
  if (store) turns.push(async () => void storeRates.push((await store.round(effort)).rate));
  await inTurns(rounds, turns, (turn) => turn());
  store?.close();
  rmSync(folder, { recursive: true, force: true });
  const results: Result[] = [];
  for (const { variant, server, load, samples, cpu } of running) {
    results.push({ variant, samples, cpu, usage: await server.ask('usage') });
    load.close();
    await server.stop();
  }
  return { results, storeRates };
};

const ratesOf = ({ samples }: Result): number[] => samples.map(({ rate }) => rate);
const rateOf = (result: Result): number => median(ratesOf(result));

const milliseconds = (value: number): string => value.toFixed(value < 10 ? 2 : 0);
const megabytes = (bytes: number): string => (bytes / 1_048_576).toFixed(0);

const printRow = (
  print: (...cells: string[]) => void,
  row: Row,
  { results: [own, ...others], storeRates }: Measured,
): void => {
  for (const result of [own!, ...others]) {
    const latencies = result.samples.flatMap((sample) => sample.latencies);
    const ratio = ratioOf(ratesOf(own!), ratesOf(result));
    const hasTarget = row.target !== undefined && result.variant === 'bare';
    print(
      result === own ? row.title : '',
      result.variant === 'bare' ? 'bare grpc-js' : result.variant,
      count(rateOf(result)),
      milliseconds(median(latencies)),
      milliseconds(quantile(latencies, 0.99)),
      megabytes(result.usage.resident),
      result === own ? '' : ratio.toFixed(2),
      hasTarget ? `≥ ${row.target} ${verdict(ratio >= row.target!)}` : '',
    );
  }
  if (storeRates.length === 0) return;
  const bare = others.find(({ variant }) => variant === 'bare')!;
  const toStore = ratioOf(ratesOf(own!), storeRates);
  // The ratio to the slower of the two is the larger one.
  const ratio = Math.max(toStore, ratioOf(ratesOf(own!), ratesOf(bare)));
  print('', 'its store', count(median(storeRates)), '', '', '', toStore.toFixed(2));
  print(
    '',
    'the slower',
    '',
    '',
    '',
    '',
    ratio.toFixed(2),
    `≥ ${storeTarget} ${verdict(ratio >= storeTarget)}`,
  );
};

const printGrowth = (fanOuts: Map<number, Result[]>): void => {
  console.log(
    '\nThe cost of one delivery: the whole time, and the processor time of the server, in microseconds',
  );
  for (const [subscribers, results] of fanOuts) {
    const parts = results.map(
      (result) => `${result.variant} ${(1e6 / rateOf(result)).toFixed(1)} (${median(result.cpu).toFixed(1)})`,
    );
    console.log(`  to ${count(subscribers).padStart(5)}:  ${parts.join('   ')}`);
  }
  const [few, many] = [fanOuts.get(10)?.[0], fanOuts.get(1_000)?.[0]];
  if (!few || !many) return;
  const whole = rateOf(few) / rateOf(many);
  const server = median(many.cpu) / median(few.cpu);
  console.log(
    `  from 10 to 1,000 subscribers: × ${whole.toFixed(2)}, of the server × ${server.toFixed(2)}   (≤ 1.2: ${verdict(whole <= 1.2 && server <= 1.2)})`,
  );
};

const printStalled = ({ subscribers, messages, size, held, resident }: StalledCost): void => {
  console.log(
    `\nMemory for one subscriber that does not read, of ${subscribers}, while ${count(messages)} messages of ${count(size)} bytes go past:`,
  );
  console.log(
    `  at most ${count(held / 1024)} KB held, the process larger by ${count(resident / 1024)} KB   (≤ 256 KB: ${verdict(held <= 262_144 && resident <= 262_144)})`,
  );
};

/**
 * Measures every service and prints the table.
 *
 * @param isQuick - whether to measure only so much that everything is seen to work
 * @returns the exit code: 0, whatever the figures are
 */
export const benchServices = async (isQuick: boolean): Promise<number> => {
  const scope = isQuick ? quick : full;
  const { rows } = await import('./goals.ts');
  const { stalledCost } = await import('./stalled-reader.ts');
  const print = table(
    isQuick,
    `Medians of ${scope.rounds} rounds of ${scope.effort.duration} ms each, taken in turns. Ratio: the workbook's rate to that of the line.`,
    [42, 12, 10, 8, 8, 7, 7, 14],
    ['', 'who serves', 'per second', 'p50 ms', 'p99 ms', 'MB', 'ratio', 'target'],
  );
  const fanOuts = new Map<number, Result[]>();
  for (const row of rows) {
    const measured = await measureRow(row, scope);
    printRow(print, row, measured);
    if (row.subscribers !== undefined) fanOuts.set(row.subscribers, measured.results);
  }
  printGrowth(fanOuts);
  printStalled(await stalledCost(scope.stalled.subscribers, scope.stalled.messages));
  return 0;
};
