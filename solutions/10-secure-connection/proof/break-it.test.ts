import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { expect, onTestFinished, test } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import { certificatesFolder, readCertificates } from '#shared/certificates/folder.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { experimentsOf, failedSteps, type RunningServer } from '#testkit/experiment.ts';

const { change, check, client, pair, server, workbook } = experimentsOf('10-secure-connection');
const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

const makeCertificates = () => workbook.run(['lesson', '10', 'certs']);

/** What a client is told that shows one thing to a server that runs by itself. */
const show = async ({ there }: RunningServer, what: string): Promise<string> =>
  (await client(there, ['--show', what]).ended).stdout;

/** A connection to a server, which stays open: the name of whom a call over it greets, and the certificate shown. */
const connectionTo = ({ there }: RunningServer) => {
  const { identity, authority } = readCertificates(path.join(workbook.folder, certificatesFolder), 'ada');
  const stub = new Hello(
    `127.0.0.1:${there[1]}`,
    credentials.createSsl(authority, identity.key, identity.certificate),
    { 'grpc.ssl_target_name_override': 'localhost', 'grpc.use_local_subchannel_pool': 1 },
  );
  onTestFinished(() => stub.close());
  return () =>
    new Promise<{ message: string; shown: string }>((resolve, reject) => {
      const deadline = Date.now() + 30_000;
      const call = stub.hello({ greeting: 'Hello', name: 'World' }, { deadline }, (error, reply) => {
        if (error) return reject(error);
        const { sslPeerCertificate } = call.getAuthContext()!;
        resolve({ message: reply!.message, shown: sslPeerCertificate!.fingerprint256 });
      });
    });
};

test('Renew while the server runs', async () => {
  const running = await server();
  const open = connectionTo(running);
  const before = await open();
  await makeCertificates();
  await running.printed('the certificates were renewed: new connections get the new ones');
  expect(await open()).toEqual(before);
  const { message, shown } = await connectionTo(running)();
  expect(message).toBe('Hello World');
  expect(shown).not.toBe(before.shown);
});

test('Break a key', async () => {
  const running = await server();
  const empty = "fs.writeFileSync('.workbook/certificates/server.key','')";
  expect(spawnSync(process.execPath, ['-e', empty], { cwd: workbook.folder }).status).toBe(0);
  const why = /\S+server\.key is damaged: it should hold a private key, as PEM\./;
  await running.printed(new RegExp(`going on with the certificates from before: ${why.source}`));
  expect(await show(running, 'call')).toContain('reply: Hello World');
  await running.stop();

  const { code, stderr } = await workbook.run(['lesson', '10', 'server', '--port', '0']);
  expect(stderr).toMatch(why);
  expect(code).toBe(1);
  expect((await makeCertificates()).code).toBe(0);
  await server();
});

test('Let anybody in', async () => {
  const known = await server();
  expect(await show(known, 'no-certificate')).toContain('seen:  UNAVAILABLE');
  expect(await show(known, 'call')).toContain('reply: Hello World');
  expect((await known.stop()).stdout).not.toContain('UNAUTHENTICATED');

  const any = await server(['--clients', 'any']);
  expect(await show(any, 'no-certificate')).toContain('seen:  UNAUTHENTICATED');
  expect(await show(any, 'call')).toContain('seen:  UNAUTHENTICATED');
  const { stdout } = await any.stop();
  expect(stdout.match(/refused: nobody knows who the caller is/g)).toHaveLength(2);
  expect(stdout.match(/hello · ended with UNAUTHENTICATED/g)).toHaveLength(2);
});

test('Look away', async () => {
  change('client', [
    'return credentials.createSsl(authority);',
    'return credentials.createSsl(authority, null, null, { rejectUnauthorized: false });',
  ]);
  const expired = await pair(['--show', 'expired']);
  expect(expired.stdout).toContain('seen:  UNIMPLEMENTED');
  expect(expired.stdout).not.toContain('certificate has expired');
  // It would talk to anybody: the client of this one trusts another authority.
  const other = await pair(['--clients', 'any', '--show', 'authority']);
  expect(other.stdout).toContain('seen:  UNAUTHENTICATED');
  expect(failedSteps(await check())).toContain(5);
});

test('Trust the Web', async () => {
  change('client', ['createSsl(authority, identity.key,', 'createSsl(null, identity.key,']);
  const { code, stdout } = await pair(['--show', 'call']);
  expect(stdout).toContain('seen:  UNAVAILABLE: self-signed certificate in certificate chain\n');
  expect(code).toBe(1);
});

test('Show a certificate for another use', async () => {
  change('client', [
    'readCertificates(certificatesFolder, user)',
    "readCertificates(certificatesFolder, 'server')",
  ]);
  const { code, stdout } = await pair(['--show', 'call']);
  // Which of the two words it is, is chance.
  expect(stdout).toContain('seen:  UNAVAILABLE: ');
  expect(stdout).toContain('the server closed the connection without a word');
  expect(stdout).toContain('[server] listening');
  expect(stdout).not.toMatch(/\[server\] (?:hello|refused|!)/);
  expect(code).toBe(1);
});

test('Call by another name', async () => {
  change('client', ["const localhost = 'localhost';", "const localhost = '127.0.0.1';"]);
  const { stdout, stderr } = await pair(['--show', 'call']);
  if (Number.parseInt(process.versions.node) <= 24) {
    expect(stdout).toContain('reply: Hello World');
    expect(stderr).toContain('DEP0123');
  } else {
    expect(stdout).toContain('seen:  UNAVAILABLE');
  }
});
