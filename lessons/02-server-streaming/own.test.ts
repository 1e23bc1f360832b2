import { existsSync } from 'node:fs';
import {
  loadPackageDefinition,
  status,
  type CallOptions,
  type Client,
  type ClientReadableStream,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { describe, it } from 'vitest';
import { loadProto } from '#shared/grpc/load-proto.ts';
import type { Listening } from '#shared/grpc/serve.ts';
import { hear, inWords, soon, type Heard } from '#kit/calls.ts';
import { CheckFailure, must, same } from '#kit/check-failure.ts';
import { integer } from '#kit/random-inputs.ts';
import { started, stubAt } from '#kit/peers.ts';
import { timersStarted, watchTimers } from '#kit/timers.ts';

interface Reply {
  left: number;
}
interface Stub extends Client {
  Start(request: { from: number }, options: CallOptions): ClientReadableStream<Reply>;
}

// The contract as the task tells it: what counts is whether a client that knows no other can call the server.
const contract = fromJSON(
  {
    nested: {
      countdown: {
        nested: {
          Countdown: {
            methods: {
              Start: { requestType: 'Ask', responseType: 'Say', responseStream: true, comment: '' },
            },
          },
          Ask: { fields: { from: { type: 'int32', id: 1 } } },
          Say: { fields: { left: { type: 'int32', id: 1 } } },
        },
      },
    },
  },
  { defaults: true },
);
const { Countdown } = loadPackageDefinition(contract)['countdown'] as unknown as {
  Countdown: Parameters<typeof stubAt<Stub>>[0];
};
const path = '/countdown.Countdown/Start';

// Names that the compiler does not look for: neither file is there until a learner writes it.
const answer = '#answers/02-server-streaming/countdown.ts';
const file = 'lessons/02-server-streaming/countdown.ts';
const proto = 'protos/countdown.proto';
const isThere = (name: string): boolean => existsSync(new URL(`../../${name}`, import.meta.url));

/** @returns what is wrong with the learner's contract, for which the server may have thrown; undefined when nothing is */
const contractFault = (thrown: unknown): CheckFailure | undefined => {
  const expected = 'a contract that can be loaded';
  if (!isThere(proto))
    return new CheckFailure({ expected, came: `no file ${proto}`, advice: 'Write the contract first.' });
  try {
    loadProto('countdown.proto');
    if (!String(thrown).includes('ENOENT')) return undefined;
    const advice =
      "A path counts from the folder in which the program starts: here the workbook's top folder.";
    return new CheckFailure({ expected, came: String(thrown), advice });
  } catch (error) {
    const advice = 'When it is right, run npm run generate, and this check again.';
    return new CheckFailure({ expected, came: (error as Error).message, advice });
  }
};

/** @returns a stub for the learner's server, which pauses for so many milliseconds */
const served = async (pause: number): Promise<Stub> => {
  must(isThere(file), {
    expected: `a server in ${file}, and its contract in ${proto}`,
    came: isThere(proto) ? `no file ${file}` : 'neither file',
    advice: 'Write the contract, run npm run generate, then write the server.',
  });
  try {
    const exported = (await import(answer)) as {
      start?: (address: string, pause: number) => Promise<Listening>;
    };
    const { start } = exported;
    must(typeof start === 'function', {
      expected: `${file} to export a function named start`,
      came: Object.keys(exported).join(', ') || 'no export at all',
      advice: 'It begins with: export const start = (address: string, pause: number) => …',
    });
    return stubAt(Countdown, await started(() => start('127.0.0.1:0', pause)));
  } catch (error) {
    throw error instanceof CheckFailure ? error : (contractFault(error) ?? error);
  }
};

const fields = '`from` is field 1 of the request and `left` field 1 of the reply, each an int32';

/** @throws CheckFailure unless a countdown came to 0, and ended with OK */
const counted = (from: number, { messages, ended }: Heard<Reply>): void => {
  const expected = `${from + 1} replies, from ${from} down to 0, then OK`;
  const wanted = Array.from({ length: from + 1 }, (_, index) => from - index);
  const came = messages.map(({ left }) => left);
  const code = ended?.code ?? status.OK;
  const ending = code === status.OK ? 'OK' : `the status ${inWords(ended!)}`;
  must(code !== status.UNIMPLEMENTED || !ended?.details.includes(path), {
    expected: `a server that has ${path}, which is what a client calls`,
    came: ending,
    advice: `A path is /package.Service/Method, as ${proto} names them, letter by letter. Did addService get this service?`,
  });
  must(code !== status.UNIMPLEMENTED, {
    expected,
    came: ending,
    advice: 'Give addService a handler for this method, under the name that the method has in the contract.',
  });
  if (came.every((left, index) => left === wanted[index])) {
    must(code === status.OK && came.length === wanted.length, {
      expected,
      came: `${came.length} replies, then ${code === status.DEADLINE_EXCEEDED ? 'nothing, until the deadline passed' : ending}`,
      advice:
        {
          [status.OK]: 'Only behind the 0 the stream is ended: call.end().',
          [status.DEADLINE_EXCEEDED]:
            'Behind each number comes the next, and behind the 0 the end: call.end().',
        }[code as number] ?? `Each side must be able to read what the other one sends: ${fields}.`,
    });
    return;
  }
  const advice =
    came.length === wanted.length && came.every((left) => left === 0)
      ? 'A client reads field 1 of each reply, as an int32, and finds 0: is that the number and the type of `left`?'
      : came[0] === 0
        ? 'A client sends field 1, an int32, and the server seems to read 0: is that the number and the type of `from`?'
        : `Every number from \`from\` down to 0, each call for itself. In the contract, ${fields}.`;
  same(came, wanted, advice);
};

/** A pause that no timer of the check or of grpc-js has, in milliseconds. */
const shortPause = (): number => 41 + 2 * integer(0, 9);
/** A pause so long that nobody waits for it, in milliseconds; and odd, so that no other timer has it. */
const anHour = 3_600_007;

describe('On your own · A contract of your own', () => {
  it('counts down for each client from the number that it sends, with a pause before each next one', async () => {
    const pause = shortPause();
    const stub = await served(pause);
    const numbers = [integer(4, 6), integer(1, 3)];
    const timers = timersStarted();
    const heard = await Promise.all(numbers.map((from) => hear(stub.Start({ from }, soon())))).finally(
      timers.stop,
    );
    for (const [index, from] of numbers.entries()) counted(from, heard[index]!);
    const pauses = numbers[0]! + numbers[1]!;
    must(timers.times(pause) >= pauses, {
      expected: `${pauses} pauses of ${pause} ms for both clients`,
      came: `${timers.times(pause)} of that length`,
      advice: 'start gets the length of a pause as its second argument.',
    });
  });

  it('sends the first number without a pause, and ends right behind the 0', async () => {
    const stub = await served(anHour);
    counted(0, await hear(stub.Start({ from: 0 }, soon())));
  });

  it('refuses a negative number, and sends nothing then', async () => {
    const stub = await served(shortPause());
    const from = -integer(1, 9);
    const { messages, ended } = await hear(stub.Start({ from }, soon()), 1);
    must(ended?.code === status.INVALID_ARGUMENT && messages.length === 0, {
      expected: `no reply to from: ${from}, and the status INVALID_ARGUMENT`,
      came: ended ? `the status ${inWords(ended)}` : `a reply, { left: ${messages[0]?.left} }`,
      advice: "Ask first whether `from` is negative, which an int32 may be. call.emit('error', …) refuses.",
    });
  });

  it('stops for a client that has gone, and for no other', async () => {
    const timers = watchTimers(anHour);
    try {
      const stub = await served(anHour);
      const { messages, ended } = await hear(stub.Start({ from: integer(4, 6) }, soon()), 1);
      must(messages.length === 1, {
        expected: 'a first reply at once',
        came: `the status ${ended && inWords(ended)}`,
        advice: 'The first pause comes behind the first number.',
      });
      must(await timers.allGone(), {
        expected: 'no timer to be left once the client has gone',
        came: 'one that still runs',
        advice: 'Keep the timer, and clear it when the call emits cancelled, as in step 4.',
      });
    } finally {
      timers.stop();
    }
    const stub = await served(shortPause());
    const from = integer(4, 6);
    const [stayed] = await Promise.all([
      hear(stub.Start({ from }, soon())),
      hear(stub.Start({ from }, soon()), 1),
    ]);
    counted(from, stayed);
  });
});
