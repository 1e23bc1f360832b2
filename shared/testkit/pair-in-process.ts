/** Runs a lesson's two halves in this process, as `npm run lesson:N` runs them in two, and keeps what they print. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { PassThrough } from 'node:stream';
import { format } from 'node:util';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { isServiceError } from '#shared/grpc/service-error.ts';
import type { Listening } from '#shared/grpc/serve.ts';
import { askFrom } from '#shared/terminal/ask-from.ts';
import type { PairContext, PairSettings, Questions, Settings } from '#shared/terminal/ask.ts';
import { failedCall } from '../engine/run/half/failed-call.ts';
import { valuesOf } from '../engine/run/half/setting-values.ts';
import { readAnswers } from '../engine/run/flags.ts';
import { readmeOf } from '../engine/lesson/lessons.ts';
import { wire, type WireEvent } from '../engine/wire/wire-events.ts';
import { allClosed, openOnes } from './open-connections.ts';
import { masked } from './masked-output.ts';
import { keepingNothing, promisesOf } from './readme-examples.ts';

await import('../engine/wire/guard/server-guard.ts');

/** A lesson's two files, as far as they are needed to run them. */
interface Halves {
  server: {
    start: (address: string, values: never) => Promise<Listening>;
    settings?: Settings;
    pair?: PairSettings;
  };
  client: { main: (context: PairContext<never>) => Promise<void>; questions: Questions };
}

/** What comes on the standard input of a client. */
export interface Input {
  /** Lines that are piped into it. Without them the pipe is empty. */
  piped?: readonly string[];
  /**
   * Called with each line that either half prints. What it returns is typed, as a person does who has read the line.
   * With this the input stays open.
   */
  typing?: (line: string) => string | undefined;
}

/** What a run has printed, line by line, and how the client has ended. */
export interface Printed {
  client: string[];
  server: string[];
  exitCode: number;
}

/** A lesson that can be run. The servers are ended after each test. */
export interface Running {
  /** Starts a server. @returns its address */
  server(...flags: string[]): Promise<string>;
  /** Starts a server and ends it. @returns the address at which nobody listens any more */
  gone(): Promise<string>;
  /** Runs a client. */
  client(address: string, flags?: readonly string[], input?: Input): Promise<Printed>;
  /** Runs a client with a server of its own. */
  pair(flags?: readonly string[], input?: Input): Promise<Printed>;
}

// Only bounds what hangs: a busy machine needs long for a README with many commands.
vi.setConfig({ testTimeout: 60_000 });

const ofServer = /^\[server(?: \d+)?\] /;

/** Who prints: what a client begins is its own, and everything else belongs to the servers. */
const printer = new AsyncLocalStorage<Printed>();

/** The lines that servers have printed in this test. */
let ofServers: string[] = [];
const listeners = new Set<(line: string) => void>();
let clients = 0;

beforeEach(() => {
  ofServers = [];
  for (const name of ['log', 'error'] as const) {
    vi.spyOn(console, name).mockImplementation((...args) => {
      const lines = printer.getStore()?.client ?? ofServers;
      for (const line of format(...args).split('\n')) {
        lines.push(line);
        for (const listener of listeners) listener(line);
      }
    });
  }
});

const end = async ({ server, stop }: Listening): Promise<void> => {
  await stop?.();
  server.forceShutdown();
};

/** Ends a server as the workbook does: what its calls have ended with goes out before that. */
const leave = async ({ server, stop }: Listening): Promise<void> => {
  await stop?.();
  const insist = setTimeout(() => server.forceShutdown(), 500);
  await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  clearTimeout(insist);
};

const listening: Listening[] = [];

/** Whether servers of the lesson are clients of each other: then their connections are closed when they end. */
let callEachOther = false;

/**
 * @param one - a server on this machine, which is ended after the test
 * @returns its address
 */
export const addressOf = (one: Listening): string => {
  listening.push(one);
  return `127.0.0.1:${one.port}`;
};

afterEach(async () => {
  // What a server prints as it leaves is nothing for the terminal.
  for (const one of listening.splice(0)) await end(one);
  if (callEachOther) await allClosed(Infinity);
  vi.restoreAllMocks();
});

/**
 * @param method - a method's name, as the contract has it
 * @returns the requests that servers of this process get in the rest of the test; they become more
 */
export const requestsOf = <T>(method: string): T[] => {
  const requests: T[] = [];
  const note = (event: unknown): void => {
    const { method: called, kind, value } = event as WireEvent;
    if (called === method && kind === 'request') requests.push(value as T);
  };
  wire.subscribe(note);
  onTestFinished(() => void wire.unsubscribe(note));
  return requests;
};

/** Puts the standard input of one client in place of this process's. @returns puts it back */
const standardInput = ({ piped = [], typing }: Input): (() => void) => {
  let open: PassThrough | undefined;
  // A client that has read enough destroys its input; what it asks later comes from the same keyboard.
  const input = (): PassThrough => {
    if (open && !open.destroyed) return open;
    open = new PassThrough();
    for (const line of piped) open.write(`${line}\n`);
    if (!typing) open.end();
    return open;
  };
  const stdin = vi.spyOn(process, 'stdin', 'get').mockImplementation(() => input() as never);
  const listener = (line: string): void => {
    const typed = typing?.(line);
    if (typed !== undefined) input().write(`${typed}\n`);
  };
  listeners.add(listener);
  return () => {
    stdin.mockRestore();
    listeners.delete(listener);
  };
};

/**
 * Tests that hold for the given code of every lesson: it prints what the README shows, and asks only what can be asked.
 *
 * @param folder - the lesson's folder, such as 01-unary-hello
 * @param halves - its solution
 * @param how - whether the lesson's servers call each other: their connections stay open as long as they do
 * @returns how to run it, for the tests of its own
 */
export const mainOf = (folder: string, halves: Halves, how: { serversCall?: boolean } = {}): Running => {
  callEachOther = how.serversCall === true;
  const { questions } = halves.client;
  const { settings, pair: { servers: serversOfPair = 1 } = {} } = halves.server;

  const serve = (given: Record<string, string[]>, address = '127.0.0.1:0'): Promise<Listening> =>
    halves.server.start(address, (settings && valuesOf(settings, given)) as never);

  const call = async (
    address: string,
    given: Record<string, string[]>,
    input: Input,
    several?: Pick<PairContext, 'addresses' | 'restart'>,
  ): Promise<Printed> => {
    const printed: Printed = { client: [], server: ofServers, exitCode: 0 };
    const putBack = standardInput(input);
    const { servers } = openOnes();
    clients += 1;
    process.exitCode = undefined;
    try {
      await printer.run(printed, async () => {
        try {
          const ask = askFrom(questions, given);
          await halves.client.main({ address, ask, addresses: [address], ...several });
        } catch (error) {
          if (!isServiceError(error)) throw error;
          for (const line of await failedCall(error, address, folder)) console.error(line);
          process.exitCode = 1;
        }
      });
      printed.exitCode = Number(process.exitCode ?? 0);
    } finally {
      process.exitCode = undefined;
      putBack();
      clients -= 1;
    }
    if (clients === 0 && !callEachOther) await allClosed(servers);
    return printed;
  };

  const server = async (...flags: string[]): Promise<string> =>
    addressOf(await serve(readAnswers([...keepingNothing(settings), ...flags], settings ?? {})));
  const gone = async (): Promise<string> => {
    const one = await serve(readAnswers(keepingNothing(settings), settings ?? {}));
    await end(one);
    return `127.0.0.1:${one.port}`;
  };
  const client = async (
    address: string,
    flags: readonly string[] = [],
    input: Input = {},
  ): Promise<Printed> => call(address, readAnswers([...flags], questions), input);
  const pair = async (flags: readonly string[] = [], input: Input = {}): Promise<Printed> => {
    const given = readAnswers([...keepingNothing(settings), ...flags], { ...questions, ...settings });
    const ones = new Map<string, Listening>();
    for (let count = 0; count < serversOfPair; count += 1) {
      const one = await serve(given);
      ones.set(addressOf(one), one);
    }
    const addresses = [...ones.keys()];
    const restart = async (address: string): Promise<void> => {
      // What servers print is theirs, whoever has them restarted.
      await printer.exit(async () => {
        await leave(ones.get(address)!);
        const anew = await serve(given, address);
        addressOf(anew);
        ones.set(address, anew);
      });
    };
    return call(addresses[0]!, given, input, { addresses, restart });
  };

  test('prints what the README shows', async () => {
    let address = '';
    let shown = 0;
    for (const { args, output, where } of promisesOf(folder)) {
      const [half = ''] = args;
      if (half === 'server') {
        address = await server(...args.slice(1));
      } else if (half === 'client' || half.startsWith('--')) {
        const printed = await (half === 'client' ? client(address, args.slice(1)) : pair(args));
        const promised = output.filter((line) => !ofServer.test(line));
        expect(printed.client.map(masked), where).toEqual(promised.map(masked));
        shown += 1;
      }
    }
    expect(shown).toBeGreaterThan(0);
  });

  test('asks and offers only what can be answered', () => {
    expect(Object.keys(questions)).not.toEqual([]);
    for (const [key, { message, initial, choices }] of Object.entries<Questions[string]>({
      ...questions,
      ...settings,
    })) {
      expect(key).toMatch(/^[a-z][a-z-]*$/);
      expect(message, key).toMatch(/\S/);
      if (!choices) continue;
      expect(choices, key).toContain(initial);
      expect(choices.length, key).toBeGreaterThan(1);
      expect(new Set(choices).size, key).toBe(choices.length);
      expect(choices, key).not.toContain('');
    }
    // The README says where the lesson keeps what it keeps.
    if (settings?.db) expect(readmeOf(folder)).toContain(settings.db.initial || 'no file');
    expect(Object.values(questions).filter(({ piped }) => piped).length).toBeLessThanOrEqual(1);
  });

  test('understands every choice that it offers', async () => {
    // What it does not understand, it throws.
    const choicesOf = (from: Questions): [string, string][] =>
      Object.entries(from).flatMap(([key, { choices = [] }]) =>
        choices.map((choice): [string, string] => [`--${key}`, choice]),
      );
    for (const flags of choicesOf(settings ?? {})) await server(...flags);
    for (const flags of choicesOf(questions)) await pair(flags);
  });

  return { server, gone, client, pair };
};
