import { expect, it } from 'vitest';
import { sequenceDiagram } from './sequence-diagram.ts';

const told = (...statements: string[]): string[] | undefined =>
  sequenceDiagram(['sequenceDiagram', ...statements.map((line) => `  ${line}`)].join('\n'));

it('tells who sends what to whom, by their names', () => {
  expect(
    told('participant C as client (stub)', 'participant S', 'C->>S: ClientHello: 1', 'S-->>C: by post'),
  ).toEqual([
    'Between client (stub), S:',
    'client (stub) → S: ClientHello: 1',
    'S - -> client (stub): by post',
  ]);
});

it('passes over comments and blank lines, and takes a statement with and without spaces', () => {
  expect(
    told(
      '%% who',
      'actor Ada',
      '',
      'participant Server as the server',
      'Ada ->>Server :hello',
      'Note over Ada,Server:%%',
    ),
  ).toEqual(['Between Ada, the server:', 'Ada → the server: hello', '(Ada and the server: %%)']);
});

it('tells a note, and whom it is about', () => {
  expect(told('participant C as client', 'participant S as server', 'Note over C, S: both')).toEqual([
    'Between client, server:',
    '(client and server: both)',
  ]);
  expect(told('participant C as client', 'Note over C,S: encrypted: all of it')).toEqual([
    'Between client:',
    '(client and S: encrypted: all of it)',
  ]);
});

it('moves blocks in, one in the other', () => {
  expect(
    told(
      'loop every second',
      'alt it is right',
      'A->>B: yes',
      'else',
      'A->>B: no',
      'end',
      'end',
      'par',
      'and B',
      'end',
    ),
  ).toEqual([
    'Again and again, every second:',
    '  Either, it is right:',
    '    A → B: yes',
    '  Or:',
    '    A → B: no',
    'At the same time:',
    'And, B:',
  ]);
});

it.each([
  ['a statement that it does not know', ['A->>B: yes', 'activate B']],
  ['an arrow that it does not know', ['A-xB: lost']],
  ['a block without an end', ['loop ever']],
  ['an end of nothing', ['end']],
  ['something else in the place of an end', ['loop ever', 'deactivate A']],
  ['more than one word before a participant', ['create participant A']],
  ['more than a participant’s name', ['participant A B']],
  ['something before a message', ['+A->>B: yes']],
  ['something before a note', ['my Note over A: yes']],
  ['something before a block', ['my loop', 'end']],
  ['a block of another name', ['loops', 'end']],
  ['an else of nothing', ['else']],
])('leaves a diagram with %s to its source', (_, statements) => {
  expect(told(...statements)).toBeUndefined();
});

it('leaves other kinds of diagrams to their source', () => {
  expect(sequenceDiagram('flowchart LR\n  A --> B')).toBeUndefined();
});
