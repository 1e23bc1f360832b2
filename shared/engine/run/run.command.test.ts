import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { WorkbookCopy } from '#testkit/workbook-copy.ts';

const workbook = new WorkbookCopy();
beforeEach(() => workbook.restoreLessons());
afterAll(() => workbook.delete());

/** Starts the server of a lesson's solution. @returns it, and its port */
const serverOf = async (lesson: string, cwd = workbook.folder) => {
  const server = workbook.start(solutionAt(lesson, 'server', 0), { cwd });
  const text = await server.printed(/listening on .*:\d+/);
  return { server, port: /:(\d+)/.exec(text)![1]! };
};
const solutionAt = (lesson: string, half: string, port: unknown): string[] =>
  `lesson ${lesson} ${half} --solution --port ${String(port)}`.split(' ');

/** @returns a port that is taken until the test ends, and how to free it */
const takenPort = async (): Promise<{ port: number; free: () => void }> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { port: (address as { port: number }).port, free: () => server.close() };
};

describe('running a pair', () => {
  it('shows the call of an untouched lesson 1, and what to write first', async () => {
    const { code, stdout, stderr } = await workbook.run(['lesson', '1']);
    expect(stderr).toContain('Lesson 1, step 1 is not written yet: lessons/01-unary-hello/server.ts:');
    expect(stdout).toContain("[server] hello ← { name: 'World', greeting: 'Hello' }");
    expect(stdout).toContain('Next: lesson 1, step 1 · Answer the call');
    expect(stdout).toMatch(/write {2}lessons\/01-unary-hello\/server\.ts:\d+, in place of TODO 1/);
    expect(code).toBe(0);
  });

  it('works, and is graded, whatever the environment says to grpc-js', async () => {
    // Nobody listens there, and it is no file either.
    const nowhere = 'http://127.0.0.1:9';
    const env = { grpc_proxy: nowhere, http_proxy: nowhere, GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: nowhere };
    const { stdout } = await workbook.run(['lesson', '10', '--solution', '--show', 'call'], { env });
    expect(stdout).toContain('reply: Hello');
    const graded = await workbook.run(['check', '10', '--solution'], { env });
    expect(graded.stdout).toContain('6 of 6 steps passed.');
  });

  it("exits with the client's code, and shows where the handler threw", async () => {
    workbook.solve(
      '01-unary-hello/server.ts',
      'callback(null,',
      "if (name) throw new TypeError('no bread');\n  callback(null,",
    );
    workbook.solve('01-unary-hello/client.ts');
    const { code, stdout, stderr } = await workbook.run(['lesson', '1']);
    expect(stdout).toMatch(/\[server\] ! TypeError: no bread \(lessons\/01-unary-hello\/server\.ts:\d+\)/);
    expect(stderr).toContain("INTERNAL: The server's handler threw TypeError: no bread");
    expect(stdout + stderr).not.toMatch(/node_modules|shared\/workbook/);
    expect(code).toBe(1);
  });

  it('says what usually causes a status, and not of a step that is still to be written', async () => {
    workbook.solve(
      '02-server-streaming/client.ts',
      'heard === enough) break',
      'heard === enough) call.cancel()',
    );
    const unwritten = await workbook.run(['lesson', '2']);
    expect(unwritten.stderr).toContain('UNIMPLEMENTED: Lesson 2, step 1 is not written yet');
    expect(unwritten.stderr).not.toContain('Usually');
    workbook.solve('02-server-streaming/server.ts');
    const { code, stderr } = await workbook.run(['lesson', '2', '--enough', '1']);
    expect(stderr).toMatch(
      /^CANCELLED: Cancelled on client\nUsually, in this lesson: the client cancelled .+\n$/,
    );
    expect(code).toBe(1);
  });

  it.each([
    ['throws', "throw new Error('at the top');", /server\.ts:1 could not be loaded: Error: at the top/],
    ['exits', 'process.exit(0);', /ended by process.exit\(0\) in the lesson's code/],
  ])('says so when the file %s while it is loaded', async (_what, line, expected) => {
    workbook.write(
      'lessons/01-unary-hello/server.ts',
      `${line}\n${workbook.read('lessons/01-unary-hello/server.ts')}`,
    );
    const { code, stderr } = await workbook.run(['lesson', '1']);
    expect(stderr).toMatch(expected);
    expect(code).toBe(1);
  });

  it('says what silence may mean when both halves wait for each other', async () => {
    workbook.solve('03-client-streaming/server.ts');
    workbook.solve('03-client-streaming/client.ts', '  requests.end();', '');
    const running = workbook.start(['lesson', '3']);
    await running.printed('Nothing has happened for 10 seconds.');
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
  });

  it('leaves no process behind when it is interrupted, and exits with 130', async () => {
    const running = workbook.start(['lesson', '2', '--solution']);
    const text = await running.printed('Hello World 1');
    running.child.kill('SIGINT');
    const { code } = await running.ended;
    expect(code).toBe(130);
    const port = Number(/listening on 127\.0\.0\.1:(\d+)/.exec(text)![1]);
    const client = await workbook.run(solutionAt('1', 'client', port));
    expect(client.stderr).toContain(`Nobody is listening at 127.0.0.1:${port}`);
  });
});

describe('running a half alone', () => {
  it('takes calls on the port it is given, from any folder, until it is interrupted', async () => {
    const { server, port } = await serverOf('1', tmpdir());
    const client = await workbook.run([...solutionAt('1', 'client', port), '--name', 'Node']);
    expect(client).toEqual({ code: 0, stdout: 'Hello Node\n', stderr: '' });
    server.child.kill('SIGINT');
    expect((await server.ended).code).toBe(130);
  });

  it('says whom to suspect when the port is taken', async () => {
    const { port, free } = await takenPort();
    const { code, stderr } = await workbook.run(solutionAt('1', 'server', port));
    free();
    expect(stderr).toContain(
      `Port ${port} is already taken. Most likely a server from another terminal is still running`,
    );
    expect(stderr).toContain(`--port ${port + 1}`);
    expect(code).toBe(1);
  });
});
