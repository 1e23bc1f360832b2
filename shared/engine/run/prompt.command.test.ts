import { afterAll, expect, it } from 'vitest';
import { hasTerminals, keys, WorkbookCopy } from '#testkit/workbook-copy.ts';

const workbook = new WorkbookCopy();

afterAll(() => workbook.delete());

it.skipIf(!hasTerminals)('is not drawn again for each of many lines that come above it', async () => {
  workbook.write(
    'lessons/01-unary-hello/client.ts',
    `export const questions = { name: { message: 'Your name?', initial: 'Ada' } };
export const main = async ({ ask }) => {
  const answer = ask.one('name');
  process.stdin.once('data', () => {
    for (let line = 1; line <= 200; line += 1) console.log(\`line \${line}.\`);
  });
  console.log(\`Hello \${await answer}\`);
};
`,
  );
  const { ended, printed, type } = workbook.atTerminal(['lesson', '1', 'client']);
  await printed('Your name?');
  type('B');
  await printed('line 200.');
  type(`ob${keys.enter}`);
  const { code, stdout } = await ended;
  expect(stdout.match(/line \d+/g)).toEqual(Array.from({ length: 200 }, (_, index) => `line ${index + 1}`));
  expect(stdout.match(/Your name\?/g)!.length).toBeLessThan(20);
  expect(stdout).toContain('Hello Bob');
  expect(code).toBe(0);
});
