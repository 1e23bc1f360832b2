import { describe, expect, it } from 'vitest';
import { allLessons, readmeOf } from './lessons.ts';
import { coachedStatuses, sentenceIn, usualCause } from './status-advice.ts';

const readme = `## Run it

- \`INTERNAL\`: this one stands in another part.

## When a call ends otherwise

One line before them.

- \`UNAVAILABLE\`: the server is away: look
  at its \`terminal\`.
- \`CANCELLED\`: the client has left.

## Break it

- \`UNIMPLEMENTED\`: nor does this one count.
`;

describe('the sentence for a status', () => {
  it('is read from its part of the README, on one line and without marks', () => {
    expect(sentenceIn(readme, 'UNAVAILABLE')).toBe('the server is away: look at its terminal.');
    expect(sentenceIn(readme, 'CANCELLED')).toBe('the client has left.');
  });

  it('is found at the end of a README too, and missing where there is none', () => {
    const [upToIt] = readme.split('\n## Break it');
    expect(sentenceIn(upToIt!, 'CANCELLED')).toBe('the client has left.');
    expect(sentenceIn(readme, 'INTERNAL')).toBeUndefined();
    expect(sentenceIn(readme, 'UNIMPLEMENTED')).toBeUndefined();
    expect(sentenceIn('', 'CANCELLED')).toBeUndefined();
  });

  it('is there in every lesson, for every status', () => {
    for (const { folder } of allLessons()) {
      for (const name of coachedStatuses) {
        expect(sentenceIn(readmeOf(folder), name), `${folder}, ${name}`).toMatch(/^[^`]+\.$/);
      }
    }
  });
});

describe('what usually causes a failure', () => {
  const folder = '01-unary-hello';
  const of = (name: (typeof coachedStatuses)[number]) => sentenceIn(readmeOf(folder), name);

  it.each([
    ['UNAVAILABLE: nobody answers', 'UNAVAILABLE'],
    ['nothing, until the deadline passed (DEADLINE_EXCEEDED)', 'DEADLINE_EXCEEDED'],
    ['the call ended with INTERNAL: no bread', 'INTERNAL'],
    ['it rejects with CANCELLED', 'CANCELLED'],
    ['RESOURCE_EXHAUSTED, without a time for programs', 'RESOURCE_EXHAUSTED'],
  ] as const)('is told of %j', (came, name) => {
    expect(usualCause(folder, came, 'a reply')).toBe(of(name));
  });

  it.each([
    ['a status that the check expected', 'UNAVAILABLE: other words', 'UNAVAILABLE, with these words'],
    ['a step that is not written yet', 'UNIMPLEMENTED: Lesson 1, step 1 is not written yet: a.ts:7', ''],
    ['a status within a word', 'the name was UNAVAILABLE', ''],
    ['a word that only begins so', 'it ended with CANCELLED_BY_HAND', ''],
    ['a status that says enough', 'NOT_FOUND: no such user', 'a reply'],
    ['a message with such a word in it', "{ message: 'CANCELLED' }", "{ message: 'Hello' }"],
    ['a lesson that is not there', 'UNAVAILABLE: nobody answers', ''],
  ])('is not told of %s', (what, came, expected) => {
    const where = what === 'a lesson that is not there' ? '99-nothing' : folder;
    expect(usualCause(where, came, expected)).toBeUndefined();
  });
});
