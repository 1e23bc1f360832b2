// The process that runs one half of a lesson, `server` or `client`. It loads what every lesson needs, and then waits
// until the command that has started it names the lesson.
try {
  await import('../../loading/typescript-loader.js');
  await import('./main.ts');
} catch (error) {
  const { whyNotLoaded } = await import('../../loading/missing-package.js');
  const link = await import('./command-link.ts').catch(() => undefined);
  // When the command cannot be loaded either, it says why itself, and ends.
  process.once('disconnect', () => process.exit(1));
  await (link ? link.lessonNamed : new Promise((resolve) => process.once('message', resolve)));
  process.send({ type: 'explained' });
  console.error(whyNotLoaded(error));
  (link?.leave ?? process.exit)(1);
}
