import { credentials, status } from '@grpc/grpc-js';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/user_service.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { HealthService } from '#shared/health/health.ts';
import { codeBlocks } from '#testkit/code-blocks.ts';
import { descendantsOf } from '#testkit/processes.ts';
import { hasTerminals, keys, WorkbookCopy } from '#testkit/workbook-copy.ts';
import { readmeOf } from '../../../shared/engine/lesson/lessons.ts';

const { UserService } = loadProto<ProtoGrpcType>('user_service.proto').user;
const folder = '11-stop-without-losing-a-call';
const workbook = new WorkbookCopy();
afterAll(() => workbook.delete());

const solveAll = (from?: string, to?: string): void => {
  workbook.solve('07-users/server.ts');
  workbook.solve(`${folder}/client.ts`);
  workbook.solve(`${folder}/server.ts`, from, to);
};

/** A program of its own, with the lines that the README gives for the signal, and stubs for it. */
const ownProgram = async () => {
  solveAll();
  const { text: listening } = codeBlocks(readmeOf(folder)).find(({ text }) => text.includes("'SIGTERM'"))!;
  workbook.write(
    'own.ts',
    `import { start } from './lessons/${folder}/server.ts';
const { port, stop } = await start('127.0.0.1:0', { db: ':memory:' });
const leave = async () => stop!();
${listening}
console.log('listening on 127.0.0.1:' + port);
`,
  );
  const program = workbook.startProgram('own.ts');
  onTestFinished(() => void program.child.kill('SIGKILL'));
  const [, port] = /:(\d+)/.exec(await program.printed(/listening on .*:\d+/))!;
  const address = `127.0.0.1:${port}`;
  const users = new UserService(address, credentials.createInsecure());
  const health = new HealthService(address, credentials.createInsecure());
  onTestFinished(() => {
    users.close();
    health.close();
  });
  return { program, users, health };
};

const patient = () => ({ deadline: Date.now() + 60_000 });

// Windows ends a process at once that gets a signal, and has no ps.
describe.skipIf(process.platform === 'win32')('SIGTERM', () => {
  it('has a real process say that it leaves, answer what comes until then, end its streams, and end with 0', async () => {
    const { program, users, health } = await ownProgram();
    const heard: string[] = [];
    const watch = health.Watch({ service: 'user.UserService' }, patient());
    const ended = new Promise<status>((resolve) => watch.on('status', ({ code }) => resolve(code)));
    watch.on('error', () => {});
    await new Promise<void>((resolve) => {
      watch.on('data', ({ status: serving }) => {
        heard.push(serving);
        resolve();
      });
    });
    let [made, lost] = [0, 0];
    // Whoever hears that it leaves makes no further call.
    while (heard.at(-1) === 'SERVING') {
      made += 1;
      await new Promise<void>((resolve) => {
        users.ListUsers({}, patient(), (error) => {
          if (error) lost += 1;
          resolve();
        });
        // Told twice, it leaves once.
        if (made === 20 || made === 21) program.child.kill('SIGTERM');
      });
    }
    // It is not gone yet: a probe finds it alive.
    const alive = await new Promise<string>((resolve) => {
      health.Check({ service: '' }, patient(), (error, reply) =>
        resolve(error ? status[error.code]! : reply!.status),
      );
    });
    expect(alive).toBe('SERVING');
    expect(await ended).toBe(status.UNAVAILABLE);
    expect(heard).toEqual(['SERVING', 'NOT_SERVING']);
    expect(made).toBeGreaterThanOrEqual(20);
    expect(lost).toBe(0);
    const { code, stdout, stderr } = await program.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nclosed in time\n$/);
    expect(stderr).toBe('');
  });

  it('is followed by SIGKILL for a server that does not leave, and that is said', async () => {
    const begin = '  const leave = async (): Promise<void> => {\n';
    solveAll(begin, `${begin}    for (;;);\n`);
    const { code, stdout, stderr } = await workbook.run(['lesson', '11']);
    expect(stderr).toContain('The server 1 did not leave in time, so it was ended: SIGKILL.');
    expect(stdout.match(/^\[server 1\] listening on /gm)).toHaveLength(2);
    expect(stdout).toMatch(/^\d+ calls made, /m);
    expect(code).toBe(0);
  });
});

/** @returns looks whether each process that belongs to a command has ended */
const endedWith = (pid: number): (() => void) => {
  const below = descendantsOf(pid);
  expect(
    below.flatMap(({ command }) => /half\/main\.js (\w+) 11/.exec(command)?.[1] ?? []).toSorted(),
  ).toEqual(['client', 'server', 'server']);
  return () => {
    for (const each of below) expect(() => process.kill(each.pid, 0), each.command).toThrow('ESRCH');
  };
};

describe.skipIf(process.platform === 'win32')('a pair of two servers', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('leaves no process behind when %s comes in the middle of a restart', async (signal, code) => {
    const pair = workbook.start(['lesson', '11', '--solution']);
    await pair.printed("[server 1] Watch → { status: 'NOT_SERVING' }");
    const allEnded = endedWith(pair.child.pid!);
    pair.child.kill(signal);
    expect((await pair.ended).code).toBe(code);
    allEnded();
  });

  it.skipIf(!hasTerminals)('stops at Ctrl-C in a terminal, while a server is being restarted', async () => {
    const pair = workbook.atTerminal(['lesson', '11', '--solution', '--show', 'rolling']);
    await pair.printed("[server 2] Watch → { status: 'NOT_SERVING' }");
    const allEnded = endedWith(pair.child.pid!);
    pair.type(keys.ctrlC);
    await pair.ended;
    allEnded();
  });
});
