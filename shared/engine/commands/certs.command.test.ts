import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WorkbookCopy } from '#testkit/workbook-copy.ts';
import { certificatesFolder, writeCertificates } from '#shared/certificates/folder.ts';

let workbook: WorkbookCopy;
let folder: string;
beforeEach(() => {
  workbook = new WorkbookCopy();
  folder = path.join(workbook.folder, certificatesFolder);
});
afterEach(() => workbook.delete());

const lesson = (...args: string[]): string[] => ['lesson', '10', ...args];
const day = 24 * 60 * 60 * 1_000;

describe('lesson 10', () => {
  it('makes its certificates on a fresh clone, and shows each refusal in plain words', async () => {
    const { code, stdout, stderr } = await workbook.run(lesson('--solution'));
    expect(stderr).toBe('');
    expect(stdout).toContain(`[server] made certificates in ${certificatesFolder}`);
    expect(stdout).toContain('reply: Hello World');
    expect(stdout.match(/^ {2}means: .+$/gm)).toHaveLength(7);
    expect(code).toBe(0);
    if (process.platform !== 'win32') {
      expect((statSync(path.join(folder, 'server.key')).mode & 0o777).toString(8)).toBe('600');
    }
  });

  it('makes and renews them when it is told to, wherever the command is run', async () => {
    const cwd = path.join(workbook.folder, 'shared');
    const first = await workbook.run(lesson('certs'), { cwd });
    expect(first.stdout).toContain(`In ${certificatesFolder}/, for your eyes only:`);
    expect(first.code).toBe(0);
    const server = readFileSync(path.join(folder, 'server.crt'), 'utf8');
    const authority = readFileSync(path.join(folder, 'ca.crt'), 'utf8');
    expect((await workbook.run(lesson('certs'))).code).toBe(0);
    expect(readFileSync(path.join(folder, 'server.crt'), 'utf8')).not.toBe(server);
    expect(readFileSync(path.join(folder, 'ca.crt'), 'utf8')).toBe(authority);
  });

  it('says in one sentence when they have expired, and how to get new ones', async () => {
    await writeCertificates(folder, Date.now() - 10 * day);
    const server = await workbook.run(lesson('server', '--solution', '--port', '0'));
    expect(server.stdout + server.stderr).toMatch(
      /^! \S+server\.crt has expired: it was good until \S+\. Make new ones: npm run lesson:10 certs\n$/,
    );
    expect(server.code).toBe(1);
    const client = await workbook.run(lesson('client', '--solution', '--show', 'call'));
    expect(client.stdout + client.stderr).toContain('ada.crt has expired');
    expect(client.stdout + client.stderr).not.toContain('    at ');
    expect(client.code).toBe(1);
  });

  it('takes renewed ones up while the server runs', async () => {
    await workbook.run(lesson('certs'));
    const server = workbook.start(lesson('server', '--solution', '--port', '0'));
    const port = /listening on 127\.0\.0\.1:(\d+)/.exec(await server.printed(/listening on \S+:\d+\n/))![1]!;
    await workbook.run(lesson('certs'));
    await server.printed('the certificates were renewed');
    const { stdout } = await workbook.run(
      lesson('client', '--solution', '--port', port, '--show', 'call', '--user', 'guest', '--name', 'guest'),
    );
    expect(stdout).toContain('reply: Hello guest');
    server.child.kill('SIGINT');
    expect((await server.ended).code).not.toBe(1);
  });
});
