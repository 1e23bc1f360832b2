/**
 * The process that runs one half of a lesson. Its command line: the half, the lesson's folder, and whether the other
 * half runs beside it. The command that started it says when to begin, and where.
 */
import { quietWhenClosed } from '../../terminal/closed-output.ts';
import type { Half } from '../../lesson/paths.ts';

const [half, folder, mode] = process.argv.slice(2) as [Half, string, 'pair' | 'alone'];

quietWhenClosed();
if (half === 'server') await (await import('./serve.ts')).serveLesson(folder, mode);
else await (await import('./call.ts')).callLesson(folder);
