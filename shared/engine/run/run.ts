import type { Questions } from '#shared/terminal/ask.ts';
import { HalfProcess } from './half-process.ts';
import { endUnused } from './half-start.js';
import { ownFlags, readAnswers } from './flags.ts';
import { loopback, PairServers } from './pair-servers.ts';
import { announce, complain, tellSilence } from './pair-messages.ts';
import { bringBack, changedGivenFiles } from '../lesson/given-files.ts';
import { fileOf, stepsOf, todosOf, type Lesson } from '../lesson/lessons.ts';
import { relativePath, type AnswersFolder, type Half } from '../lesson/paths.ts';

/** The port that gRPC's own examples use: that of a half which runs alone. */
export const examplePort = 50_051;
export { loopback };

/** How long a half may take to stop after Ctrl-C before it is ended, in milliseconds, beyond what a server asks for. */
const stopTimeoutMs = 1_500;

/** How to run a lesson. */
export interface RunOptions {
  answers: AnswersFolder;
  host?: string | undefined;
  port?: number | undefined;
  /** Flags that answer the client's questions ahead, as typed. */
  rest: string[];
}

/** Ends with the command, whatever ends it; and turns the signals that stop a command into an orderly stop. */
const tieToThisProcess = (
  processes: HalfProcess[],
  onSignal: (signal: NodeJS.Signals, again: boolean) => void,
): void => {
  const killAll = (): void => {
    for (const { child, gone } of processes) if (!gone) child.kill('SIGKILL');
  };
  process.on('exit', killAll);
  let signalled = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      onSignal(signal, signalled);
      signalled = true;
    });
  }
};

const exitCodes: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

const notReady = (
  lesson: Lesson,
  { half, explained }: HalfProcess,
  answers: AnswersFolder,
  outcome: 'gone' | 'late',
): void => {
  if (explained) return;
  const file = relativePath(fileOf(answers, lesson.folder, half));
  complain(
    outcome === 'late'
      ? `${file} is still not ready after 15 seconds. Does it loop at its top level, or does start() never resolve?`
      : `The ${half} ended before it was ready. Look at ${file}: what runs at its top level?`,
  );
};

/** @returns whether every step of the client is still to be written, so that there is nothing of it to run */
const clientIsUnwritten = (folder: string): boolean => {
  const ofClient = stepsOf(folder).filter(({ half }) => half === 'client');
  const todo = todosOf(folder).filter(({ half }) => half === 'client');
  return ofClient.length > 0 && todo.length === ofClient.length;
};

/**
 * Runs both halves of a lesson in one terminal, the client in front: its prompts work, and the server's lines are
 * marked. The server listens on a free port and ends after the client.
 *
 * @returns the exit code: the client's; 0 when the run met a step that is not written yet
 * @throws UsageError when the flags do not fit the client's questions
 */
export const runPair = async (lesson: Lesson, { answers, rest }: RunOptions): Promise<number> => {
  const { folder } = lesson;
  const standIn = answers === 'lessons' && clientIsUnwritten(folder);
  const processes: HalfProcess[] = [];
  let [unfinished, hasStandIn] = [false, false];
  let showLine: (line: string, stream: 'stdout' | 'stderr') => void;
  const servers = new PairServers(
    { lesson, answers },
    {
      onBegun: (server) => {
        processes.push(server);
        server.on('unfinished', () => {
          unfinished = true;
        });
        server.on('stand-in', ({ message }) => {
          if (hasStandIn) return;
          hasStandIn = true;
          announce(`${message}. Until then the workbook's own server calls your handlers.`);
        });
      },
      onLine: (line, stream) => showLine(line, stream),
      onGone: (name, code) => {
        if (client.gone || stoppedBy) return;
        complain(`The ${name} ended by itself (exit code ${code}) while the client was still running.`);
      },
      onKilled: (name) => complain(`The ${name} did not leave in time, so it was ended: SIGKILL.`),
    },
  );
  const client = new HalfProcess({
    half: 'client',
    lesson,
    answers: standIn ? 'solutions' : answers,
    mode: 'pair',
    capture: false,
  });
  processes.push(client);
  endUnused();

  let stoppedBy: NodeJS.Signals | undefined;
  tieToThisProcess(processes, (signal, again) => {
    stoppedBy = signal;
    // The client gets a terminal's Ctrl-C by itself; a signal sent to this process alone must be passed on.
    if (!client.gone) client.child.kill(again ? 'SIGKILL' : signal);
  });

  // Where a prompt may be open, only the client may write to the terminal; what it leaves unshown is shown here.
  const promptsPossible = process.stdin.isTTY && process.stdout.isTTY;
  const unshown: string[] = [];
  client.on('shown', () => unshown.shift());
  void client.exit.then(() => {
    for (const line of unshown.splice(0)) console.log(line);
  });
  const silenceTimer = tellSilence(lesson, client);
  showLine = (line, stream) => {
    silenceTimer.refresh();
    if (promptsPossible && !client.gone && client.child.connected) {
      unshown.push(line);
      client.send({ type: 'line', line });
    } else if (stream === 'stdout') console.log(line);
    else console.error(line);
  };
  client.on('unfinished', () => {
    unfinished = true;
  });
  client.on('restart', ({ address, how }) => {
    void servers.restart(address, how).then((isBack) => client.send({ type: 'restarted', address, isBack }));
  });

  const end = async (code: number): Promise<number> => {
    await Promise.all([client.stop(), servers.stop()]);
    if (stoppedBy) return exitCodes[stoppedBy] ?? 1;
    const sentence = code === 1 && answers === 'lessons' ? bringBack(await changedGivenFiles()) : undefined;
    if (sentence !== undefined) complain(sentence);
    return code;
  };

  const [serverLoaded, clientLoaded] = await Promise.all([servers.first.loaded, client.first('loaded')]);
  for (const [half, outcome] of [
    [servers.first.server, serverLoaded],
    [client, clientLoaded],
  ] as const) {
    if (typeof outcome !== 'string') continue;
    if (!stoppedBy) notReady(lesson, half, answers, outcome);
    return end(1);
  }
  const ofServer = serverLoaded as Exclude<typeof serverLoaded, string>;
  let given: Record<string, string[]>;
  try {
    // The flags of both halves; each takes its own.
    const questions = {
      ...(clientLoaded as { questions: Questions }).questions,
      ...ofServer.questions,
    };
    given = readAnswers(rest, questions, `npm run lesson:${lesson.number}`, [ownFlags.solution]);
  } catch (error) {
    await end(2);
    throw error;
  }

  servers.addUpTo(ofServer.servers ?? 1);
  const notThere = await servers.listen(given);
  if (notThere) {
    if (!stoppedBy) notReady(lesson, notThere[0], answers, notThere[1]);
    return end(1);
  }

  if (standIn) announce("Your client is not written yet, so the workbook's own client makes the call.");
  const { addresses } = servers;
  client.send({ type: 'start', address: addresses[0]!, addresses, given });
  const code = await client.exit;
  const result = await end(unfinished ? 0 : code);
  if (answers === 'lessons' && !stoppedBy && result === 0) {
    // Loaded when all is over: the halves must not wait for it.
    const { nextStepIn } = await import('../report/next-step.ts');
    console.log(`\n${nextStepIn(lesson)}`);
  }
  return result;
};

/**
 * Runs one half of a lesson alone: the other one runs in another terminal.
 *
 * @returns the exit code of the half
 * @throws UsageError when the flags do not fit the client's questions
 */
export const runHalf = async (
  lesson: Lesson,
  half: Half,
  { answers, host, port, rest }: RunOptions,
): Promise<number> => {
  const running = new HalfProcess({ half, lesson, answers, mode: 'alone', capture: false });
  // A server says how long it may take to stop; a client never takes longer than this.
  let stopMs = 1_000;
  running.on('listening', (message) => {
    stopMs = message.stopMs;
  });
  let stoppedBy: NodeJS.Signals | undefined;
  tieToThisProcess([running], (signal, again) => {
    stoppedBy = signal;
    // A terminal's Ctrl-C reaches the half by itself.
    if (signal !== 'SIGINT' || again || !process.stdin.isTTY) running.child.kill(again ? 'SIGKILL' : signal);
    setTimeout(() => {
      if (running.gone) return;
      complain(`The ${half} did not stop by itself, so it is ended now. Does a handler loop without end?`);
      running.child.kill('SIGKILL');
    }, stopTimeoutMs + stopMs).unref();
  });
  running.on('stand-in', ({ message }) => {
    announce(`${message}. Until then the workbook's own server calls your handlers.`);
  });
  const loaded = await running.first('loaded');
  if (typeof loaded === 'string') {
    if (!stoppedBy) notReady(lesson, running, answers, loaded);
    await running.stop();
    return stoppedBy ? (exitCodes[stoppedBy] ?? 1) : 1;
  }
  let given: Record<string, string[]>;
  try {
    const flags = [ownFlags.solution, ownFlags.port, ownFlags.host];
    given = readAnswers(rest, loaded.questions, `npm run lesson:${lesson.number} ${half}`, flags);
  } catch (error) {
    await running.stop();
    throw error;
  }
  running.send({ type: 'start', address: `${host ?? loopback}:${port ?? examplePort}`, given });
  const code = await running.exit;
  return stoppedBy ? (exitCodes[stoppedBy] ?? code) : code;
};
