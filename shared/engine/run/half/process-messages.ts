import type { Questions } from '#shared/terminal/ask.ts';

/** What the process of a half tells the command that runs it. */
export type FromHalf =
  /**
   * The lesson's file is loaded; a client says what it will ask, a server what can be set. Each is a flag. A server says
   * as well how many of it a pair has.
   */
  | { type: 'loaded'; questions: Questions; servers?: number }
  /** The server takes calls; it may take that long to stop, in milliseconds. */
  | { type: 'listening'; port: number; stopMs: number }
  /** The client wants a server to be restarted: told to leave before that, or killed. */
  | { type: 'restart'; address: string; how: 'told' | 'killed' }
  /** The workbook's own lines stand in for something that is not written yet. */
  | { type: 'stand-in'; message: string }
  /** It has printed itself why it ends now. */
  | { type: 'explained' }
  /** A prompt has opened, or has closed. */
  | { type: 'asking'; open: boolean }
  /** The client has shown a line of the server. */
  | { type: 'shown' }
  /** A step was reached that is not written yet. */
  | { type: 'unfinished' };

/** What a command tells the process of a half. */
export type ToHalf =
  /** The lesson's folder, and whether the other half runs beside it: then the command decides when this one ends. */
  | { type: 'lesson'; folder: string; mode: 'pair' | 'alone' }
  | { type: 'start'; address: string; given: Record<string, string[]>; addresses?: string[] }
  /** A server that the client wanted to be restarted is back, or it will not be. */
  | { type: 'restarted'; address: string; isBack: boolean }
  /** What SIGTERM says, where there are no signals. */
  | { type: 'terminate' }
  /** A line of the server, to be shown by the client because a prompt may be open there. */
  | { type: 'line'; line: string }
  | { type: 'stop' };
