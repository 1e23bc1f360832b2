import { describe, expect, it } from 'vitest';
import { maskedFields } from './field-mask.ts';

const rules = {
  writable: ['name', 'email'],
  outputOnly: ['id', 'create_time', 'create_time.nanos'],
} as const;
const half = { name: 'Ada', email: '' };

describe('a field mask', () => {
  it.each([
    ['nothing', null, ['name']],
    ['no path', [], ['name']],
    ['one field', ['email'], ['email']],
    ['fields in any order, and twice', ['email', 'name', 'email'], ['name', 'email']],
    ['everything', ['*'], ['name', 'email']],
    ['everything, and one field', ['name', '*'], ['name', 'email']],
    ['only what the server sets', ['id', 'create_time', 'create_time.nanos'], []],
    ['both kinds', ['id', 'email'], ['email']],
  ])('that names %s', (_what, paths, fields) => {
    expect(maskedFields(paths && { paths }, half, rules)).toEqual({ fields, problem: undefined });
  });

  it.each([
    '',
    'nick',
    'Name',
    'user.name',
    'name.first',
    'id.first',
    'create_time.hours',
    '*.name',
    'name,email',
    '__proto__',
  ])('that names %j, which is no field', (path) => {
    expect(maskedFields({ paths: ['name', path, 'x'] }, half, rules).problem).toBe(
      `names ${JSON.stringify(path)}, which is no field`,
    );
  });

  it('that names far too much is not repeated in full', () => {
    const problemOf = (path: string): string | undefined =>
      maskedFields({ paths: [path] }, half, rules).problem;
    const forty = 'a'.repeat(40);
    expect(problemOf(forty)).toBe(`names "${forty}", which is no field`);
    expect(problemOf(`${forty}a`)).toBe(`names "${forty}…", which is no field`);
    expect(problemOf('😀'.repeat(1_000))!.length).toBeLessThan(100);
  });
});
