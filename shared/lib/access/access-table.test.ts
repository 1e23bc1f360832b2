import { describe, expect, it } from 'vitest';
import { admin, anyone, isForAnyone, own, refusal, signedIn, type AccessTable } from './access-table.ts';
import type { Caller } from './caller.ts';

const table: AccessTable = {
  '/a.A/Open': anyone,
  '/a.A/Talk': signedIn,
  '/a.A/Get': own(({ id }: { id: string }) => id),
  '/a.A/List': admin,
};
const ada: Caller = { id: 'ada', phone: '+14155550123', role: 'user' };
const root: Caller = { id: 'root', phone: '+14155550100', role: 'admin' };

describe('the access table', () => {
  it.each<[string, Caller | undefined, unknown, boolean]>([
    ['/a.A/Open', undefined, {}, true],
    ['/a.A/Open', ada, {}, true],
    ['/a.A/Talk', undefined, {}, false],
    ['/a.A/Talk', ada, {}, true],
    ['/a.A/Talk', root, {}, true],
    ['/a.A/Get', undefined, { id: 'ada' }, false],
    ['/a.A/Get', ada, { id: 'ada' }, true],
    ['/a.A/Get', ada, { id: 'grace' }, false],
    ['/a.A/Get', ada, { id: '' }, false],
    ['/a.A/Get', ada, {}, false],
    ['/a.A/Get', root, { id: 'grace' }, true],
    ['/a.A/List', undefined, {}, false],
    ['/a.A/List', ada, {}, false],
    ['/a.A/List', root, {}, true],
    ['/a.A/Missing', root, {}, false],
    ['/a.A/open', root, {}, false],
    ['constructor', root, {}, false],
    ['__proto__', root, {}, false],
  ])('decides about %s by %o with %o', (path, caller, request, allowed) => {
    expect(refusal(table, path, caller, request) === undefined).toBe(allowed);
  });

  it('looks at the caller alone while there is no request', () => {
    expect(refusal(table, '/a.A/Get', ada)).toBeUndefined();
    expect(refusal(table, '/a.A/Get', undefined)).toBeDefined();
    expect(refusal(table, '/a.A/List', ada)).toBeDefined();
    expect(refusal(table, '/a.A/Missing', root)).toBeDefined();
  });

  it('tells the log why', () => {
    expect(refusal(table, '/a.A/Missing', root)).toBe('the method is not in the access table');
    expect(refusal(table, '/a.A/List', undefined)).toBe('nobody knows who the caller is');
    expect(refusal(table, '/a.A/List', ada)).toBe('user ada is no admin');
    expect(refusal(table, '/a.A/Get', ada, { id: 'grace' })).toBe('user ada asks about somebody else');
  });

  it('says which methods need no proof', () => {
    expect(Object.keys(table).filter((path) => isForAnyone(table, path))).toEqual(['/a.A/Open']);
    expect(isForAnyone(table, 'constructor')).toBe(false);
  });
});
