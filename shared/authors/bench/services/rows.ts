import { access, createUser, nextNumber, phoneOtp, sendOtp, users } from './account-rows.ts';
import { chat, chatHistory } from './chat-rows.ts';
import { fanOut } from './fan-out-rows.ts';
import { biHello, callHello, hello, world } from './hello-rows.ts';
import { reply, type Row } from './load.ts';
import { once, repeat } from '../sample.ts';
import { knownCode } from './server-process.ts';

/** Every row of the table, in order. */
export const rows: Row[] = [
  hello('unary hello, 1 in flight', ['workbook', 'bare'], 'calls', (stub, effort) =>
    repeat(callHello(stub), effort),
  ),
  hello('unary hello, 100 in flight', ['workbook', 'bare'], 'calls', (stub, effort) =>
    repeat(callHello(stub), effort, 100),
  ),
  hello('the same under the workbook’s watch', ['watched', 'bare'], 'calls', (stub, effort) =>
    repeat(callHello(stub), effort, 100),
  ),
  hello('server stream of 3, 100 in flight', ['workbook', 'bare'], 'messages', (stub, effort) => {
    const read = async (): Promise<void> => {
      let came = 0;
      for await (const message of stub.parrotHello(world)) came += message ? 1 : 0;
      if (came !== 3) throw new Error(`${came} of 3 replies came`);
    };
    return repeat(read, effort, 100, 3);
  }),
  hello('client stream of 100, 10 in flight', ['workbook', 'bare'], 'messages', (stub, effort) => {
    const send = () =>
      reply((done) => {
        const call = stub.clientHello(done);
        for (let count = 0; count < 100; count += 1) call.write(world);
        call.end();
      });
    return repeat(send, effort, 10, 100);
  }),
  biHello('bidi, ping-pong', 1),
  biHello('bidi, 100 in flight', 100),
  chat('chat acknowledgements, ping-pong', 1),
  chat('chat acknowledgements, 100 in flight', 100),
  chatHistory,
  ...[1, 10, 100, 1_000].map(fanOut),
  users('users: create, 10 in flight', 10, async (stub) => () => createUser(stub)),
  users('users: get, 10 in flight', 10, async (stub) => {
    const { id } = await createUser(stub);
    return () => reply((done) => stub.GetUser({ id }, done));
  }),
  users('users: list a page of 50, 10 in flight', 10, async (stub) => {
    for (let count = 0; count < 60; count += 1) await createUser(stub);
    return () => reply((done) => stub.ListUsers({ page_size: 50 }, done));
  }),
  access,
  phoneOtp('phone OTP: send, 10 in flight', (stub, effort) =>
    repeat(() => sendOtp(stub, nextNumber()), effort, 10),
  ),
  phoneOtp('phone OTP: verify, 10 in flight', async (stub, { scale }) => {
    const sent = Array.from({ length: Math.ceil(500 * scale) }, nextNumber);
    for (const number of sent) await sendOtp(stub, number);
    return once(sent.length, async (note) => {
      const left = [...sent];
      const worker = async (): Promise<void> => {
        for (let phone_number = left.pop(); phone_number !== undefined; phone_number = left.pop()) {
          const began = performance.now();
          const { success } = await reply<{ success: boolean }>((done) =>
            stub.VerifyOTP({ phone_number: phone_number!, otp: knownCode }, done as never),
          );
          if (!success) throw new Error('the right code was refused');
          note(performance.now() - began);
        }
      };
      await Promise.all(Array.from({ length: 10 }, worker));
    });
  }),
];
