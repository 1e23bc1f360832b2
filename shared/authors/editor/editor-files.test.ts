import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readEditorFile, type Launch, type Tasks } from '#testkit/editor-file.ts';
import { allLessons } from '../../engine/lesson/lessons.ts';
import { inWorkbook } from '../../engine/lesson/paths.ts';

const tasks = readEditorFile('.vscode/tasks.json') as Tasks;
const launch = readEditorFile('.vscode/launch.json') as Launch;
const { recommendations } = readEditorFile('.vscode/extensions.json') as { recommendations: string[] };

describe('in the editor', () => {
  it.each([
    ['.vscode/tasks.json', tasks],
    ['.vscode/launch.json', launch],
  ])('the pick list of %s offers every lesson: add a line for one that is new', (_file, { inputs }) => {
    expect(inputs.map(({ id }) => id)).toEqual(['lesson']);
    expect(inputs[0]!.options).toEqual(
      allLessons().map(({ number, title }) => ({ label: `${number} · ${title}`, value: String(number) })),
    );
  });

  it.each(tasks.tasks)('the task "$label" runs a script that package.json has', ({ command, args }) => {
    const { scripts } = JSON.parse(readFileSync(inWorkbook('package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const name = args[0] === 'run' ? args[1]! : args[0]!;
    expect(command).toBe('npm');
    for (const { value } of tasks.inputs[0]!.options) {
      expect(scripts).toHaveProperty([name.replace('${input:lesson}', value)]);
    }
  });

  it.each(launch.configurations)('"$name" starts what the npm scripts start', ({ program, args }) => {
    const { scripts } = JSON.parse(readFileSync(inWorkbook('package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const file = program.replace('${workspaceFolder}/', '');
    const [command, number] = args;
    for (const { value } of launch.inputs[0]!.options) {
      expect(scripts[`lesson:${value}`]).toBe(
        `node ${file} ${command} ${number!.replace('${input:lesson}', value)}`,
      );
    }
  });

  it('what no search and no import leads to is there under that name', () => {
    const settings = readEditorFile('.vscode/settings.json') as {
      'search.exclude': Record<string, boolean>;
      'typescript.preferences.autoImportFileExcludePatterns': string[];
    };
    const folders = [
      ...Object.keys(settings['search.exclude']),
      ...settings['typescript.preferences.autoImportFileExcludePatterns'],
    ];
    expect(folders).not.toEqual([]);
    expect(folders.filter((folder) => !existsSync(inWorkbook(folder)))).toEqual([]);
  });

  it('the container installs the workbook, and no extension that is not recommended', () => {
    const container = readEditorFile('.devcontainer/devcontainer.json') as {
      postCreateCommand: string;
      customizations: { vscode: { extensions: string[] } };
    };
    expect(container.postCreateCommand).toBe('npm ci');
    expect(recommendations).toEqual(expect.arrayContaining(container.customizations.vscode.extensions));
  });
});
