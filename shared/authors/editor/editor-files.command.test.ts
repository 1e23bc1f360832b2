import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { SourceMap, type SourceMapPayload } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { readEditorFile, type Launch, type Tasks } from '#testkit/editor-file.ts';
import { WorkbookCopy } from '#testkit/workbook-copy.ts';
import type { Half } from '../../engine/lesson/paths.ts';

const workbook = new WorkbookCopy();
afterAll(() => workbook.delete());

beforeEach(() => {
  workbook.solve('01-unary-hello/server.ts');
  workbook.solve('01-unary-hello/client.ts');
});

describe('the task "Check a lesson"', () => {
  const { tasks } = readEditorFile('.vscode/tasks.json') as Tasks;
  const matchers = tasks
    .find(({ label }) => label === 'Check a lesson')!
    .problemMatcher.map(({ pattern }) => [pattern].flat());

  /** @returns what the editor lists: each matcher's expressions have to fit lines that follow each other */
  const problemsIn = (text: string): { file?: string; line?: string; message?: string }[] => {
    const lines = text.split('\n');
    return lines.flatMap((_, at) =>
      matchers.flatMap((patterns) => {
        const found = patterns.map(({ regexp }, offset) => new RegExp(regexp).exec(lines[at + offset] ?? ''));
        if (found.includes(null)) return [];
        const named = patterns.flatMap(({ regexp: _regexp, ...groups }, offset) =>
          Object.entries(groups)
            .filter(([, group]) => typeof group === 'number')
            .map(([name, group]) => [name, found[offset]![group as number]]),
        );
        return [Object.fromEntries(named)];
      }),
    );
  };

  it('lists each failure and each error of the compiler, where it is to be mended', async () => {
    workbook.solve('01-unary-hello/server.ts', '${greeting} ${name}', '${name} ${greeting}');
    workbook.solve('01-unary-hello/client.ts', 'return new', "throw new Error('no stub');\n  return new");
    const { stdout } = await workbook.run(['lesson', '1', 'check']);
    const problems = problemsIn(stdout);
    expect(problems[0]).toEqual({
      file: 'lessons/01-unary-hello/server.ts',
      message: expect.stringMatching(/\w+ \w+/),
    });
    expect(problems).toContainEqual({
      file: 'lessons/01-unary-hello/client.ts',
      line: expect.stringMatching(/^\d+$/),
      message: expect.stringContaining('Error: no stub'),
    });
    workbook.solve('01-unary-hello/server.ts', '${name}', '${name.first}');
    const { stdout: again } = await workbook.run(['lesson', '1', 'check']);
    expect(problemsIn(again)).toContainEqual({
      file: 'lessons/01-unary-hello/server.ts',
      line: '14',
      message: "Property 'first' does not exist on type 'string'.",
    });
  });

  it('lists nothing of a lesson that passes', async () => {
    const { stdout } = await workbook.run(['lesson', '1', 'check']);
    expect(problemsIn(stdout)).toEqual([]);
  });
});

interface Place {
  lineNumber: number;
  columnNumber: number;
}

interface Script {
  scriptId: string;
  url: string;
  sourceMapURL: string;
}

/** What is needed here of the messages of a debugger's protocol. */
interface Message {
  id?: number;
  method?: string;
  params?: {
    reason: string;
    sessionId: string;
    data?: Script;
    hitBreakpoints?: string[];
    callFrames: { location: Place & { scriptId: string } }[];
  };
  result?: { locations?: Place[] } | undefined;
}

/**
 * Debugs a command and all the processes that it starts as an editor does: before a file runs, it reads the file's
 * source map and sets the breakpoint; where a process stops, it notes the line in the source, and goes on.
 */
class Debugger {
  readonly command: ChildProcess;
  readonly ended: Promise<unknown>;
  /** Where it has stopped so far: `file:line`. */
  readonly stops: string[] = [];
  readonly #breakpoints: Map<string, number>;

  /** @param breakpoints - lines, counted from 1, by the files' addresses */
  constructor(args: string[], cwd: string, breakpoints: Map<string, number>) {
    this.#breakpoints = breakpoints;
    this.command = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, FORCE_COLOR: '0', NODE_OPTIONS: '--inspect-brk=127.0.0.1:0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.ended = once(this.command, 'close');
    createInterface({ input: this.command.stderr! }).on('line', (line) => {
      const address = /Debugger listening on (ws:\S+)/.exec(line)?.[1];
      if (address !== undefined) this.#attach(address);
    });
  }

  /** Resolves with the port once the command's server listens. */
  listening(): Promise<string> {
    return new Promise((resolve) => {
      createInterface({ input: this.command.stdout! }).on('line', (line) => {
        const port = /listening on .*:(\d+)$/.exec(line)?.[1];
        if (port !== undefined) resolve(port);
      });
    });
  }

  #attach(address: string): void {
    const link = new WebSocket(address);
    let last = 0;
    const waiting = new Map<number, (message: Message) => void>();
    const send = (method: string, params = {}): Promise<Message> =>
      new Promise((resolve) => {
        last += 1;
        waiting.set(last, resolve);
        link.send(JSON.stringify({ id: last, method, params }));
      });
    const maps = new Map<string, { file: string; lineAt: (place: Place) => number | undefined }>();

    const setBreakpoint = async ({ scriptId, url, sourceMapURL }: Script): Promise<void> => {
      const line = this.#breakpoints.get(url);
      if (line === undefined) return;
      const text = Buffer.from(sourceMapURL.slice(sourceMapURL.indexOf(',') + 1), 'base64').toString();
      const map = new SourceMap(JSON.parse(text) as SourceMapPayload);
      const lineAt = ({ lineNumber, columnNumber }: Place): number | undefined => {
        const entry = map.findEntry(lineNumber, columnNumber);
        return 'originalLine' in entry ? entry.originalLine + 1 : undefined;
      };
      maps.set(scriptId, { file: path.basename(url), lineAt });
      const start = { scriptId, lineNumber: 0, columnNumber: 0 };
      const { result } = await send('Debugger.getPossibleBreakpoints', { start });
      const place = result?.locations?.find((each) => lineAt(each) === line);
      await send('Debugger.setBreakpoint', { location: { scriptId, ...place } });
    };

    link.on('open', async () => {
      await send('NodeRuntime.notifyWhenWaitingForDisconnect', { enabled: true });
      // Where --inspect-brk holds a thread as well, it waits for this. tsx has its files translated in a thread.
      await send('NodeWorker.enable', { waitForDebuggerOnStart: true });
      await send('Debugger.enable');
      await send('Debugger.setInstrumentationBreakpoint', {
        instrumentation: 'beforeScriptWithSourceMapExecution',
      });
      await send('Runtime.runIfWaitingForDebugger');
    });
    link.on('message', async (data: Buffer) => {
      const { id, method, params, result } = JSON.parse(String(data)) as Message;
      if (id !== undefined) waiting.get(id)?.({ result });
      if (method === 'NodeRuntime.waitingForDisconnect') link.close();
      if (method === 'NodeWorker.attachedToWorker') {
        const message = JSON.stringify({ id: 1, method: 'Runtime.runIfWaitingForDebugger' });
        await send('NodeWorker.sendMessageToWorker', { sessionId: params!.sessionId, message });
      }
      if (method !== 'Debugger.paused') return;
      if (params!.reason === 'instrumentation') await setBreakpoint(params!.data!);
      if (params!.hitBreakpoints?.length) {
        const { location } = params!.callFrames[0]!;
        const { file, lineAt } = maps.get(location.scriptId)!;
        this.stops.push(`${file}:${lineAt(location)}`);
      }
      await send('Debugger.resume');
    });
    // A process that is ended takes its debugger's link with it.
    link.on('error', () => {});
  }
}

describe('debugging', () => {
  const { configurations } = readEditorFile('.vscode/launch.json') as Launch;

  const marks = { server: 'callback(null,', client: 'const stub = connect(' };
  const lineOf = (half: Half): number => {
    const lines = workbook.read(`lessons/01-unary-hello/${half}.ts`).split('\n');
    return lines.findIndex((line) => line.includes(marks[half])) + 1;
  };

  it.each(configurations)('$name stops at a breakpoint, in its line', async ({ program, args }) => {
    const alone = args[2] as Half | undefined;
    const stopping = alone === undefined ? (['client', 'server'] as const) : [alone];
    const fill = (text: string): string =>
      text.replace('${workspaceFolder}', workbook.folder).replace('${input:lesson}', '1');
    const breakpoints = stopping.map((half): [string, number] => [
      pathToFileURL(path.join(workbook.folder, 'lessons', '01-unary-hello', `${half}.ts`)).href,
      lineOf(half),
    ]);
    const command = [fill(program), ...args.map(fill), ...(alone ? ['--port', '0'] : [])];
    const debugged = new Debugger(command, workbook.folder, new Map(breakpoints));
    onTestFinished(() => void debugged.command.kill());
    if (alone === 'server') {
      const port = await debugged.listening();
      await workbook.run(['lesson', '1', 'client', '--port', port]);
      debugged.command.kill();
    }
    await debugged.ended;
    expect(debugged.stops).toEqual(stopping.map((half) => `${half}.ts:${lineOf(half)}`));
  });
});
