import type { Reporter, RunnerTestFile, TestModule } from 'vitest/node';

/**
 * A file of tests that a change keeps from being loaded has no test that fails, and Stryker counts nothing else: such
 * a file is given one.
 */
export const unloadable: Reporter = {
  onTestModuleEnd(module: TestModule) {
    const errors = module.errors();
    if (errors.length === 0) return;
    // Vitest's types leave it out.
    const { task: file } = module as unknown as { task: RunnerTestFile };
    file.tasks.push({
      type: 'test',
      mode: 'run',
      name: 'the tests can be loaded',
      file,
      suite: file,
      result: { state: 'fail', errors },
    } as unknown as (typeof file.tasks)[number]);
  },
};
