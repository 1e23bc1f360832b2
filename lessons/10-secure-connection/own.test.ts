import { X509Certificate } from 'node:crypto';
import { credentials, status } from '@grpc/grpc-js';
import { describe, it, onTestFinished, vi } from 'vitest';
import { readCertificates, users, writeCertificates } from '#shared/certificates/folder.ts';
import { someNames, someOf } from '#kit/random-inputs.ts';
import { started } from '#kit/peers.ts';
import { printing } from '#kit/captured-output.ts';
import { tempFolder } from '#kit/test-folder.ts';
import { expectOutcome, helloTo } from '#kit/tls/outcome.ts';

describe('On your own · A certificate that is stolen', () => {
  type Row = [user: (typeof users)[number], issued: 'old' | 'new', name: string, wanted?: status];
  const { UNAUTHENTICATED, PERMISSION_DENIED } = status;

  /** An authority that has issued two certificates to each user, and a server of the lesson's that trusts it. */
  const service = async () => {
    printing();
    const folder = tempFolder();
    const issued = async () => {
      await writeCertificates(folder);
      return { ada: readCertificates(folder, 'ada'), guest: readCertificates(folder, 'guest') };
    };
    const certificates = { old: await issued(), new: await issued() };
    const fingerprintOf = (user: Row[0], which: Row[1]): string =>
      new X509Certificate(certificates[which][user].identity.certificate).fingerprint256;
    /** Makes calls at once, to a server that was started with this list. Without a status, they get their reply. */
    const expectCalls = async (revoked: string | undefined, rows: Row[], advice: string): Promise<void> => {
      vi.stubEnv('REVOKED', revoked);
      onTestFinished(() => void vi.unstubAllEnvs());
      // The list may be read as the server is loaded.
      vi.resetModules();
      const { start } = await import('#answers/10-secure-connection/server.ts');
      const address = await started(() => start('127.0.0.1:0', { clients: 'known' }, folder));
      const expectCall = async ([user, which, name, wanted]: Row): Promise<void> => {
        const { authority, identity } = certificates[which][user];
        const channel = credentials.createSsl(authority, identity.key, identity.certificate);
        const outcome = await helloTo(address, channel, name);
        // How hello answers is for lesson 1 to say.
        if (wanted === undefined && outcome.error?.details.startsWith('Lesson 1, step')) return;
        const what = wanted === undefined ? 'a reply' : status[wanted];
        const expected = `${what} for the ${which} certificate of ${user}, in the name of ${name}`;
        expectOutcome(outcome, wanted ?? `Hello ${name}`, advice, expected);
      };
      await Promise.all(someOf(rows, rows.length).map(expectCall));
    };
    return { fingerprintOf, expectCalls, name: someNames(1)[0]! };
  };

  it('is worth nothing when it is in the list, and all others are worth what they were', async () => {
    const { fingerprintOf, expectCalls, name } = await service();
    const other = fingerprintOf('ada', 'new').split(':').toReversed().join(':');
    const revoked = someOf([fingerprintOf('ada', 'old'), fingerprintOf('guest', 'old'), other], 3);
    const rows: Row[] = [
      ['ada', 'old', name, UNAUTHENTICATED],
      ['ada', 'old', 'ada', UNAUTHENTICATED],
      ['guest', 'old', 'guest', UNAUTHENTICATED],
      ['guest', 'old', name, UNAUTHENTICATED],
      ['ada', 'new', name],
      ['guest', 'new', 'guest'],
      ['guest', 'new', name, PERMISSION_DENIED],
    ];
    await expectCalls(revoked.join(','), rows, 'A fingerprint stands for one certificate, not for its user.');
  });

  it.each([undefined, ''])('is worth what it was when the list is %o', async (revoked) => {
    const { expectCalls, name } = await service();
    const advice = 'Without a list, nothing changes.';
    await expectCalls(
      revoked,
      [
        ['ada', 'old', name],
        ['guest', 'old', 'guest'],
      ],
      advice,
    );
  });
});
