import { expect, it } from 'vitest';
import { importProblems, wrongImports } from './imports.ts';

it('finds nothing in the workbook', () => {
  expect(importProblems()).toEqual([]);
});

it.each([
  [
    'shared/lib/grpc/serve.ts',
    "import { x } from '../../engine/lesson/step-marks.ts';",
    'Imports run one way: lib ← loading ← lesson',
  ],
  ['shared/engine/check/grade.ts', "const x = await import('../report/map.ts');", 'Imports run one way'],
  ['shared/engine/run/run.ts', "new URL('../cli/launch.js', import.meta.url)", 'Imports run one way'],
  ['shared/engine/cli/cli.ts', "import '../../authors/cli.ts';", 'nobody imports authors/.'],
  ['shared/engine/wire/x.test.ts', "import '../../authors/cli.ts';", 'nobody imports authors/.'],
  [
    'shared/lib/sms/x.ts',
    "import { x } from '#testkit/fake-prompt.ts';",
    'only tests and authors import testkit/.',
  ],
])('refuses in %s: %s', (file, source, why) => {
  const [problem] = wrongImports(file, source);
  expect(problem).toContain(`${file} imports shared/`);
  expect(problem).toContain(why);
});

it.each([
  ['shared/engine/check/grade.ts', "import { x } from '../lesson/steps.ts';"],
  ['shared/engine/wire/timeline.ts', "import { x } from '#shared/grpc/serve.ts';"],
  ['shared/lib/sms/x.test.ts', "import { x } from '#testkit/fake-prompt.ts';"],
  ['shared/authors/bench/commands/commands-bench.ts', "import { x } from '#testkit/workbook-copy.ts';"],
])('takes in %s: %s', (file, source) => {
  expect(wrongImports(file, source)).toEqual([]);
});
