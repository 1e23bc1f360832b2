/**
 * The process that runs one half of a lesson. Its command line: the half, the lesson's folder, and whether the other
 * half runs beside it. The command that started it says when to begin, and where.
 */
import { quietWhenClosed } from '../../terminal/quiet-when-closed.ts';
import type { Half } from '../paths.ts';
import { callLesson } from './call.ts';
import { serveLesson } from './serve.ts';

const [half, folder, mode] = process.argv.slice(2) as [Half, string, 'pair' | 'alone'];

quietWhenClosed();
await (half === 'server' ? serveLesson(folder, mode) : callLesson(folder));
