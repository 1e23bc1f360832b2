import path from 'node:path';
import { expect, it } from 'vitest';
import { folderInTheWay } from './unusable-folder.js';

it.each([['C#'], ['what?'], ['a*b'], ['my%20books']])(
  'is in the way when it is %j, wherever it stands',
  (name) => {
    for (const folder of [path.join(path.sep, name, 'workbook'), path.join(path.sep, 'home', name)]) {
      expect(folderInTheWay(folder)).toBe(
        `The folder "${name}", in which the workbook lies, has a ${/[#?*%]/.exec(name)![0]} in its name, and the checks cannot work with that. Give it another name: ${folder}`,
      );
    }
  },
);

it.each([['mein Übungsbuch (1)'], ['[x]{y}!$&+,;=@~^']])('is not when it is %j', (name) => {
  expect(folderInTheWay(path.join(path.sep, 'home', name))).toBeUndefined();
});
