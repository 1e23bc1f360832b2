import { quietWhenClosed } from '../../terminal/closed-pipe.ts';
import { lessonNamed } from './command-link.ts';

quietWhenClosed();
if (process.argv[2] === 'server') {
  const { serveLesson } = await import('./server.ts');
  const { folder, mode } = await lessonNamed;
  await serveLesson(folder, mode);
} else {
  const { callLesson } = await import('./client.ts');
  const { folder } = await lessonNamed;
  await callLesson(folder);
}
