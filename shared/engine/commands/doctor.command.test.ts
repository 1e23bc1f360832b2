import { once } from 'node:events';
import { createServer } from 'node:net';
import { onTestFinished, describe, expect, it, type TestContext } from 'vitest';
import { WorkbookCopy, type Ended } from '#testkit/workbook-copy.ts';

const copied = (): WorkbookCopy => {
  const workbook = new WorkbookCopy();
  onTestFinished(() => workbook.delete());
  return workbook;
};

const examined = (workbook: WorkbookCopy): Promise<Ended> => workbook.run(['doctor']);

/** Takes the port of a server that runs alone, until the test ends or `free` is called. Skips the test when others have it. */
const takePort = async ({ skip }: TestContext): Promise<{ free: () => void }> => {
  const server = createServer().listen(50_051, '127.0.0.1');
  const outcome = await Promise.race([
    once(server, 'listening').then(() => 'taken' as const),
    once(server, 'error').then(() => 'held by others' as const),
  ]).catch(() => 'held by others' as const);
  if (outcome === 'held by others') skip('something else on this machine holds port 50051');
  onTestFinished(() => void server.close());
  return { free: () => server.close() };
};

/** The problems that were printed, one a line, but for the port: anything on this machine may hold it. */
const problemsIn = ({ stdout }: Ended): string[] =>
  stdout.split('\n').filter((line) => line.startsWith('problem') && !line.includes('Port 50051'));

describe('npm run doctor', () => {
  it('finds all well', async (context) => {
    const { free } = await takePort(context);
    free();
    const ended = await examined(copied());
    expect(ended.stdout).not.toContain('problem  ');
    expect(ended.stdout).toContain('No problem was found.');
    expect(ended.stderr).toBe('');
    expect(ended.code).toBe(0);
  });

  it('finds the port taken', async (context) => {
    await takePort(context);
    const { code, stdout } = await examined(copied());
    expect(stdout).toContain('problem  Port 50051 is taken. Most likely a server from another terminal');
    expect(stdout).toContain('--port 50052');
    expect(stdout).toContain('One problem was found.');
    expect(code).toBe(1);
  });

  it('tells all that it finds, each with what to do', async () => {
    const workbook = copied();
    workbook.installWithout('jose');
    workbook.write('.workbook', '');
    workbook.remove('protos/generated/hello.ts');
    const ended = await examined(workbook);
    expect(problemsIn(ended)).toEqual([
      'problem  The installed packages are not those that package.json asks for: jose is missing.',
      'problem  .workbook is a file, and the workbook needs a folder of this name.',
      expect.stringContaining('protos/generated/hello.ts is not what the contracts'),
    ]);
    for (const remedy of ['npm ci', 'Give the file another name', 'npm run generate'])
      expect(ended.stdout).toContain(remedy);
    expect(ended.code).toBe(1);
  });

  it('tells the rest when a look cannot be taken, because a package that it needs is missing', async () => {
    const workbook = copied();
    workbook.installWithout('@grpc/grpc-js');
    const ended = await examined(workbook);
    expect(ended.stdout).toContain('@grpc/grpc-js is missing');
    expect(ended.stdout).toContain('It could not be found out whether all is well with the loopback');
    expect(ended.stdout + ended.stderr).not.toMatch(/^\s+at /m);
    expect(ended.code).toBe(1);
  });

  it('takes nothing', async () => {
    const { code, stderr } = await copied().run(['doctor', 'please']);
    expect(stderr).toContain('npm run doctor takes nothing.');
    expect(code).toBe(2);
  });
});
