// Lets Node.js load TypeScript, by way of tsx: for every command, and for the process of each half of a lesson.
import module from 'node:module';

// Old versions of Node.js run a loader's hooks in a thread of their own. `import 'tsx'` would load tsx in both threads,
// and so add half to the time in which a process comes up. Its hooks for import are all that the workbook needs.
const inThread = typeof module.registerHooks === 'function';
if (inThread) {
  await import('tsx');
} else {
  process.setSourceMapsEnabled(true);
  module.register('tsx/esm', { parentURL: import.meta.url, data: {} });
}
