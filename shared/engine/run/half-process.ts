import type { ChildProcess } from 'node:child_process';
import { url as debuggerAddress } from 'node:inspector';
import type { FromHalf, ToHalf } from './half/process-messages.ts';
import type { Lesson } from '../lesson/lessons.ts';
import type { AnswersFolder, Half } from '../lesson/paths.ts';
import { startHalf } from './half-start.js';

/** How long a lesson's file may take to load, and a server to listen, in milliseconds. */
const startTimeoutMs = 15_000;

/** How long a half may take to leave once it is told to, in milliseconds. */
const stopTimeoutMs = 2_000;

/** How to start one half of a lesson. */
export interface HalfOptions {
  half: Half;
  lesson: Lesson;
  answers: AnswersFolder;
  /** Whether the other half runs beside it, and the command decides when it ends. */
  mode: 'pair' | 'alone';
  /** Whether its lines come to the command, instead of going straight to the terminal. */
  capture: boolean;
}

/** A half of a lesson, running in a process of its own. */
export class HalfProcess {
  readonly child: ChildProcess;
  /** Resolves when the process is gone: its exit code, as a shell counts it. */
  readonly exit: Promise<number>;
  readonly half: Half;
  gone = false;
  /** Whether it has printed itself why it ends. */
  explained = false;

  constructor({ half, lesson, answers, mode, capture }: HalfOptions) {
    this.half = half;
    const { child, closed } = startHalf({ lesson: lesson.number, half, answers, capture });
    this.child = child;
    this.on('explained', () => {
      this.explained = true;
    });
    this.gone = child.exitCode !== null || child.signalCode !== null;
    child.once('exit', () => {
      this.gone = true;
    });
    // Closed is later than gone: then its last lines and messages have come as well.
    this.exit = closed.then(([code, signal]) => {
      if (signal === 'SIGINT') return 130;
      return typeof code === 'number' ? code : 1;
    });
    this.send({ type: 'lesson', folder: lesson.folder, mode });
  }

  /** Calls a listener for each message of one type. */
  on<T extends FromHalf['type']>(type: T, listener: (message: Extract<FromHalf, { type: T }>) => void): void {
    this.child.on('message', (message: FromHalf) => {
      if (message.type === type) listener(message as Extract<FromHalf, { type: T }>);
    });
  }

  /**
   * Waits for the first message of one type.
   *
   * @returns the message, or `gone` when the process ended without it, or `late` when it took too long; while a
   *   person debugs the command, and may stand at a breakpoint, nothing is ever late
   */
  async first<T extends FromHalf['type']>(
    type: T,
  ): Promise<Extract<FromHalf, { type: T }> | 'gone' | 'late'> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      if (debuggerAddress() === undefined) timer = setTimeout(resolve, startTimeoutMs, 'late');
    });
    const message = new Promise<Extract<FromHalf, { type: T }>>((resolve) => this.on(type, resolve));
    const outcome = await Promise.race([message, this.exit.then(() => 'gone' as const), late]);
    clearTimeout(timer);
    return outcome;
  }

  send(message: ToHalf): void {
    if (this.child.connected) this.child.send(message, () => {});
  }

  /**
   * Tells the process to leave as a container platform does: by SIGTERM, and by SIGKILL when that was not enough.
   *
   * @param limitMs - how long it may take, in milliseconds
   * @returns whether it has left by itself
   */
  async terminate(limitMs: number): Promise<boolean> {
    if (this.gone) return true;
    // Windows has no signals: there, SIGTERM would end the process at once.
    if (process.platform === 'win32') this.send({ type: 'terminate' });
    else this.child.kill('SIGTERM');
    let killed = false;
    const insist = setTimeout(() => {
      killed = true;
      this.child.kill('SIGKILL');
    }, limitMs);
    await this.exit;
    clearTimeout(insist);
    return !killed;
  }

  /** Ends the process at once. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exit;
  }

  /** Ends the process: asks first, and insists when it does not listen. */
  async stop(): Promise<void> {
    if (this.gone) return;
    this.send({ type: 'stop' });
    const insist = setTimeout(() => this.child.kill('SIGKILL'), stopTimeoutMs);
    await this.exit;
    clearTimeout(insist);
  }
}
