import { afterEach, describe, expect, it, vi } from 'vitest';
import { printing } from '../../check/kit/captured-output.ts';
import { faults, type Fault } from '../../wire/faults.ts';
import { wire, type WireEvent } from '../../wire/wire-events.ts';
import { tell } from './command-link.ts';
import { printFault } from './print-fault.ts';
import { logServer } from './server-log.ts';

// The link belongs to a process that runs a half: here there is no command that has started one.
vi.mock('./command-link.ts', () => ({ tell: vi.fn() }));

afterEach(() => vi.mocked(tell).mockClear());

const place = (line: number) => ({ file: 'lessons/01-x/server.ts', line, lesson: 1 });
const fault: Fault = { kind: 'thrown', message: 'Error: no bread', places: [place(7), place(12)] };
const printed = (of: Fault): string[] => {
  const lines: string[] = [];
  printFault(of, (line) => lines.push(line));
  return lines;
};

describe('a fault', () => {
  it('is printed with the lines that led there', () => {
    expect(printed(fault)).toEqual(['! Error: no bread', '    called from lessons/01-x/server.ts:12']);
    expect(tell).not.toHaveBeenCalled();
  });

  it('that is a step still to be written needs no such lines, and the command is told of it', () => {
    expect(printed({ ...fault, kind: 'unwritten', message: 'Step 1' })).toEqual(['! Step 1']);
    expect(tell).toHaveBeenCalledExactlyOnceWith({ type: 'unfinished' });
  });
});

it('the log of a server says what goes over the wire, and a fault once', () => {
  const lines = printing();
  logServer();
  const happens = (kind: WireEvent['kind'], value?: unknown): void =>
    wire.publish({ call: 1, method: 'hello', kind, value, order: 1 });
  happens('began', {});
  happens('request', { name: 'Ada' });
  happens('metadata', {});
  happens('reply', { otp: '123456' });
  happens('half-close');
  happens('cancelled');
  happens('status', 'NOT_FOUND: no bread');
  faults.publish({ ...fault, places: [place(7)] });
  happens('status', "INTERNAL: The server's handler threw Error: no bread");
  happens('status', 'OK');
  expect(lines).toEqual([
    "hello ← { name: 'Ada' }",
    "hello → { otp: '(not logged)' }",
    'hello · the client has finished sending',
    'hello · cancelled: the client has gone',
    'hello · ended with NOT_FOUND: no bread',
    '! Error: no bread',
    'hello · ended with INTERNAL',
    'hello · ended with OK',
  ]);
});

it('the log of a server whose calls are too many says only what goes wrong, and that once', () => {
  const lines = printing();
  logServer(new Set(['often']));
  const happens = (method: string, kind: WireEvent['kind'], value?: unknown): void =>
    wire.publish({ call: 1, method, kind, value, order: 1 });
  for (let times = 0; times < 3; times += 1) {
    happens('often', 'request', {});
    happens('often', 'reply', {});
    happens('often', 'status', 'OK');
    happens('often', 'status', 'NOT_FOUND: no bread');
    faults.publish({ ...fault, message: `Error: no water ${times % 2}`, places: [place(7)] });
  }
  happens('seldom', 'status', 'OK');
  const ofThisLog = lines.filter((line) => !/often [←→]|often · ended with OK/.test(line));
  // The log of the test before listens too.
  expect(ofThisLog.filter((line) => line === 'often · ended with NOT_FOUND: no bread')).toHaveLength(4);
  expect(ofThisLog.filter((line) => line === '! Error: no water 0')).toHaveLength(3);
  expect(ofThisLog.filter((line) => line === '! Error: no water 1')).toHaveLength(2);
  expect(ofThisLog.filter((line) => line === 'seldom · ended with OK')).toHaveLength(2);
  expect(lines.filter((line) => line.startsWith('often ←'))).toHaveLength(3);
});
