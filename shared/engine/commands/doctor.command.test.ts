import { onTestFinished, describe, expect, it } from 'vitest';
import { WorkbookCopy, type Ended } from '#testkit/workbook-copy.ts';

const copied = (): WorkbookCopy => {
  const workbook = new WorkbookCopy();
  onTestFinished(() => workbook.delete());
  return workbook;
};

const examined = (workbook: WorkbookCopy): Promise<Ended> => workbook.run(['doctor']);

/** The problems that were printed, one a line, but for the port: anything on this machine may hold it. */
const problemsIn = ({ stdout }: Ended): string[] =>
  stdout.split('\n').filter((line) => line.startsWith('problem') && !line.includes('Port 50051'));

describe('npm run doctor', () => {
  it('finds all well', async () => {
    const ended = await examined(copied());
    expect(problemsIn(ended)).toEqual([]);
    expect(ended.stdout).toMatch(/No problem was found\.|Port 50051/);
    expect(ended.stderr).toBe('');
  });

  it('tells all that it finds, each with what to do', async () => {
    const workbook = copied();
    workbook.installWithout('jose');
    workbook.write('.workbook', '');
    workbook.remove('protos/generated/hello.ts');
    workbook.remove('lessons/01-unary-hello/server.ts');
    const ended = await examined(workbook);
    expect(problemsIn(ended)).toEqual([
      'problem  The installed packages are not those that package.json asks for: jose is missing.',
      'problem  .workbook is a file, and the workbook needs a folder of this name.',
      expect.stringMatching(/server\.ts cannot be read: it is not there/),
      expect.stringContaining('protos/generated/hello.ts is not what the contracts'),
    ]);
    for (const remedy of [
      'npm ci',
      'Give the file another name',
      'npm run generate',
      'npm run lesson:1 reset',
    ])
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
});
