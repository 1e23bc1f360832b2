import { quietWhenClosed } from '../../terminal/closed-output.ts';
import { lessonNamed } from './link.ts';

quietWhenClosed();
if (process.argv[2] === 'server') {
  const { serveLesson } = await import('./serve.ts');
  const { folder, mode } = await lessonNamed;
  await serveLesson(folder, mode);
} else {
  const { callLesson } = await import('./call.ts');
  const { folder } = await lessonNamed;
  await callLesson(folder);
}
