import { status } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import type { UserServiceHandlers } from '#protos/generated/user/UserService.ts';
import { rejectedWith, settled } from '#kit/calls.ts';
import { must, same } from '#kit/check-failure.ts';
import { everyFailure, someNames, someOf } from '#kit/random-inputs.ts';
import { calling } from '#kit/peers.ts';
import { UserService } from '#kit/users/service.ts';

/** @returns which page each call asks for */
const inWords = (pages: number[]): string[] => pages.map((page) => `a call for page ${page + 1}`);

/** @returns what to do, by how often each page was asked for; `counts` says how often each one fails */
const howToAsk = (asked: number[], counts: number[]): string => {
  const few = counts.findIndex((count, page) => asked.filter((each) => each === page).length <= count);
  const isAskedAgain = counts.some((count, page) => count > 0 && page < few);
  if (isAskedAgain)
    return 'Each page is asked for three times at most: the count begins anew with the next page.';
  return 'After UNAVAILABLE, ask for the same page again, also when it is the first one.';
};

describe('On your own · A list that outlasts a restart', () => {
  const { UNAVAILABLE, INTERNAL } = status;

  /** Lists three pages of a server that ends the calls for each page with these statuses before it answers one. */
  const listing = async (failures: status[][]) => {
    const { allUsers } = await import('#answers/07-users/client.ts');
    const all = someNames(6);
    const tokens = ['', `behind ${all[1]}`, `behind ${all[3]}`];
    const [names, asked, waits]: [string[], number[], number[]] = [[], [], []];
    let failedAt: number | undefined;
    const ListUsers: UserServiceHandlers['ListUsers'] = ({ request: { page_token } }, callback) => {
      const page = tokens.indexOf(page_token);
      const code = failures[page]?.[asked.filter((each) => each === page).length];
      asked.push(page);
      if (failedAt !== undefined) waits.push(performance.now() - failedAt);
      failedAt = code && performance.now();
      if (code) return callback({ code, details: 'the server is restarted' });
      const users = all.slice(2 * page, 2 * page + 2).map((name) => ({ name }));
      callback(null, { users, next_page_token: tokens[page + 1] ?? '' });
    };
    const stub = await calling(UserService, { ListUsers });
    const list = async () => {
      for await (const { name } of allUsers(stub, 2)) names.push(name);
    };
    return { all, names, asked, waits, list };
  };

  it('asks again for each page that was UNAVAILABLE, after half a second, in each list', async () => {
    const times = someOf([0, 1, 2], 3);
    const listed = async (counts: number[]): Promise<void> => {
      const own = await listing(counts.map((count) => Array(count).fill(UNAVAILABLE)));
      const failure = await settled(own.list(), 'Return behind the last page.').catch((error) => error);
      const right = counts.flatMap((count, page) => Array(count + 1).fill(page));
      if (own.asked.length > 0) same(inWords(own.asked), inWords(right), howToAsk(own.asked, counts));
      if (failure) throw failure;
      same(own.names, own.all, 'No user is missing, and none comes twice.');
      const came = `a call after ${Math.round(Math.min(...own.waits))} milliseconds`;
      const isPatient = own.waits.every((wait) => wait > 490);
      must(isPatient, {
        expected: 'half a second before each further call',
        came,
        advice: 'Wait each time.',
      });
    };
    await Promise.all([listed(times), listed(times.toReversed())]);
  });

  it('passes on how the third call for a page ends, and every other status at once', async () => {
    const others = everyFailure.filter((code) => code !== UNAVAILABLE);
    const twice = [UNAVAILABLE, UNAVAILABLE];
    for (const codes of [...others.map((code) => [code]), [...twice, INTERNAL], [...twice, UNAVAILABLE]]) {
      const { all, names, asked, list } = await listing([[], codes]);
      await rejectedWith(list(), codes.at(-1)!);
      same(
        inWords(asked),
        inWords([0, ...codes.map(() => 1)]),
        'Only UNAVAILABLE, and twice at most, is worth another call.',
      );
      same(names, all.slice(0, 2), 'What came before the failure is given all the same.');
    }
  });
});
