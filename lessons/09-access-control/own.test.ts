import { Metadata, status } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import { admin, signedIn } from '#shared/access/access-table.ts';
import { NotIdentified, type Identity } from '#shared/access/tokens.ts';
import { methods } from '#kit/access/echo-services.ts';
import { guardedServices } from '#kit/access/guarded-services.ts';
import { expectStatus } from '#kit/access/outcome.ts';
import { bearing, now } from '#kit/access/people.ts';
import { same } from '#kit/check-failure.ts';
import { greetingRequests, integer, someNames } from '#kit/random-inputs.ts';

describe('On your own · What admins do', () => {
  /** Services behind the lesson's guard, two admins, and one who is none; a token is a name. */
  const guarded = async () => {
    const [ada, grace, user] = someNames(3) as [string, string, string];
    const identify = (token: string): Identity => {
      if (![ada, grace, user].includes(token)) throw new NotIdentified('nobody has this name');
      return { caller: { id: token, role: token === user ? 'user' : 'admin' }, until: now + 60_000 };
    };
    const hello = { '/hello.Hello/clientHello': admin, '/hello.Hello/biHello': signedIn };
    const { call, log, expectLogged } = await guardedServices(
      await import('#answers/09-access-control/server.ts'),
      hello,
      identify,
    );
    const lines = async (code: status, ...[method, ...rest]: Parameters<typeof call>): Promise<string[]> => {
      expectStatus(await call(method, ...rest), code, 'Who may do what stays as it is.');
      return log.splice(0);
    };
    return { ada, grace, user, call, lines, expectLogged };
  };

  it('is logged once a call, whatever the call is, and however many requests it has', async () => {
    const { ada, grace, user, lines } = await guarded();
    const many = greetingRequests(integer(2, 5));
    for (const [who, method, ...requests] of [
      [ada, 'GetUser', { id: user }],
      [grace, 'GetUser', { id: grace }],
      [ada, 'ListUsers', {}],
      [grace, 'DeleteUser', { id: user }],
      [ada, 'ReceiveMessage', {}],
      [grace, 'biHello', ...many],
      [ada, 'biHello'],
      [ada, 'clientHello', ...many],
      [ada, 'GetUser', { id: user }],
    ] as [string, string, ...object[]][]) {
      const advice = 'Write one line for each call that is let in, with the `log` that the guard is given.';
      const logged = await lines(status.OK, method, bearing(who), ...requests);
      same(logged, [`admin ${who}: ${methods[method]!.path}`], advice);
    }
  });

  it('is all that is new in the log', async () => {
    const { ada, user, call, lines, expectLogged } = await guarded();
    const advice = 'Only the calls of admins are noted, and only those that are let in.';
    same(await lines(status.OK, 'GetUser', bearing(user), { id: user }), [], advice);
    same(await lines(status.OK, 'biHello', bearing(user), ...greetingRequests(2)), [], advice);
    same(await lines(status.OK, 'SendOTP', new Metadata(), { phone_number: '' }), [], advice);
    for (const [who, method] of [
      [ada, 'CreateUser'],
      [ada, 'VerifyOTP'],
      [user, 'clientHello'],
      [user, 'ListUsers'],
      ['nobody', 'ListUsers'],
    ] as const) {
      await call(method, bearing(who), {});
      expectLogged(method, advice);
    }
  });
});
