import type { Caller } from './caller.ts';

/**
 * Who may make a call. `anyone`: without a proof of who it is, too. `signed in`: any caller who is known. `admin`:
 * admins alone. `own`: admins, and those about whom the request is.
 */
export type Rule =
  | { readonly who: 'anyone' }
  | { readonly who: 'signed in' }
  | { readonly who: 'admin' }
  | {
      readonly who: 'own';
      /** Reads from a request the id of the user about whom it is; undefined when it names none. */
      readonly about: (request: never) => string | undefined;
    };

/**
 * Says who may do what: a rule for the path of each method, for example `/user.UserService/GetUser`. A method that is
 * not in it is closed to all, even to admins: a new method needs a decision.
 */
export type AccessTable = Readonly<Record<string, Rule>>;

export const anyone: Rule = { who: 'anyone' };
export const signedIn: Rule = { who: 'signed in' };
export const admin: Rule = { who: 'admin' };

/**
 * @param about - reads from a request the id of the user about whom it is
 * @returns the rule for what admins may do to everybody, and others to themselves
 */
export const own = <Request>(about: (request: Request) => string | undefined): Rule => ({
  who: 'own',
  about,
});

const ruleFor = (table: AccessTable, path: string): Rule | undefined =>
  // A path comes from the caller: `constructor` is no rule.
  Object.hasOwn(table, path) ? table[path] : undefined;

/** @returns whether a method may be called without a proof of who it is */
export const isForAnyone = (table: AccessTable, path: string): boolean =>
  ruleFor(table, path)?.who === 'anyone';

/**
 * Decides about a call, and looks at nothing but what it is given.
 *
 * @param table - who may do what
 * @param path - the method, for example `/user.UserService/GetUser`
 * @param caller - who makes the call; undefined when nobody knows
 * @param request - the request. Undefined before there is one: the answer is then about the caller alone, and each
 *   request has to be asked for as it comes
 * @returns undefined when it is allowed; otherwise why not, in words for the server's log. They may tell what the
 *   caller must not learn
 */
export const refusal = (
  table: AccessTable,
  path: string,
  caller: Caller | undefined,
  request?: unknown,
): string | undefined => {
  const rule = ruleFor(table, path);
  if (!rule) return 'the method is not in the access table';
  if (rule.who === 'anyone') return undefined;
  if (!caller) return 'nobody knows who the caller is';
  if (rule.who === 'signed in' || caller.role === 'admin') return undefined;
  if (rule.who !== 'own') return `user ${caller.id} is no admin`;
  if (request === undefined) return undefined;
  return rule.about(request as never) === caller.id
    ? undefined
    : `user ${caller.id} asks about somebody else`;
};
