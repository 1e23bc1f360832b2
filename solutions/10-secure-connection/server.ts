import { ServerCredentials, status, type ServerUnaryCall } from '@grpc/grpc-js';
import { hello } from '#answers/01-unary-hello/server.ts';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import type { HelloRequest__Output } from '#protos/generated/hello/HelloRequest.ts';
import { own, refusal, type AccessTable } from '#shared/access/access-table.ts';
import type { Caller } from '#shared/access/caller.ts';
import {
  certificatesFolder,
  makeMissingCertificates,
  readCertificates,
} from '#shared/certificates/folder.ts';
import { userIn, type Identity } from '#shared/certificates/issue.ts';
import { serveRenewing } from '#shared/certificates/renewal.ts';
import { invalidArgument } from '#shared/grpc/error-details.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import type { Listening } from '#shared/grpc/serve.ts';
import { textProblem } from '#shared/grpc/text-limits.ts';
import type { Settings, SettingValues } from '#shared/terminal/ask.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

type HelloCall = Pick<ServerUnaryCall<HelloRequest__Output, unknown>, 'getAuthContext'>;

// Whoever connects may check who this server is. The server does not ask who they are.
export const tls = ({ certificate, key }: Identity): ServerCredentials => {
  //#region Step 1 · Serve TLS
  return ServerCredentials.createSsl(null, [{ cert_chain: certificate, private_key: key }]);
  //#endregion
};

// Mutual TLS: each side shows a certificate, and each checks the other's.
export const mutualTls = ({ certificate, key }: Identity, authority: Buffer): ServerCredentials => {
  //#region Step 2 · Ask clients for a certificate
  return ServerCredentials.createSsl(authority, [{ cert_chain: certificate, private_key: key }], true);
  //#endregion
};

// The certificate says who calls. What that user may do is for the server to know.
const admins = new Set(['ada']);

export const callerFrom = (call: HelloCall): Caller | undefined => {
  //#region Step 3 · Take the caller from the certificate
  const { sslPeerCertificate } = call.getAuthContext();
  const user = sslPeerCertificate && userIn(sslPeerCertificate);
  if (user === undefined) return undefined;
  return { id: user, role: admins.has(user) ? 'admin' : 'user' };
  //#endregion
};

// A request can claim any name; a certificate proves one. Who is no admin says hello in their own name only.
const path = Hello.service.hello.path;
const table: AccessTable = { [path]: own(({ name }: HelloRequest__Output) => name) };

export const guarded =
  (handler: HelloHandlers['hello'], callerOf: typeof callerFrom = callerFrom): HelloHandlers['hello'] =>
  (call, callback) => {
    const caller = callerOf(call);
    const why = refusal(table, path, caller, call.request);
    if (why === undefined) {
      const problem = textProblem(call.request.name, { max: 200 });
      return problem ? callback(invalidArgument('name', problem)) : handler(call, callback);
    }
    // For the log alone: it may tell what the caller must not learn.
    console.log(`refused: ${why}`);
    //#region Step 4 · Say what is missing: a name, or a right
    if (caller) callback({ code: status.PERMISSION_DENIED, details: 'You may not do this.' });
    else callback({ code: status.UNAUTHENTICATED, details: 'Show a certificate that says who you are.' });
    //#endregion
  };

export const settings = {
  clients: { message: 'Which clients may connect?', initial: 'known', choices: ['known', 'any'] },
} satisfies Settings;

type Parts = Partial<SettingValues<typeof settings>> & { guarded?: typeof guarded };

// A check may bring certificates of its own.
export const start = async (
  address: string,
  { clients, guarded: guard = guarded }: Parts = {},
  folder = certificatesFolder,
): Promise<Listening> => {
  if (await makeMissingCertificates(folder)) console.log(`made certificates in ${folder}`);
  // What runs for months outlives its certificates: new ones are taken up while it runs.
  return serveRenewing(Hello.service, { hello: guard(hello) }, address, {
    read: () => readCertificates(folder, 'server'),
    make: ({ identity, authority }) => (clients === 'any' ? tls(identity) : mutualTls(identity, authority)),
    onRenewed: () => console.log('the certificates were renewed: new connections get the new ones'),
    onRefused: (why) => console.log(`going on with the certificates from before: ${why}`),
  });
};
