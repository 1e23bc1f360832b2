// Lets Node.js load TypeScript: for every command, and for the process of each half of a lesson.
import module from 'node:module';

process.setSourceMapsEnabled(true);
if (typeof module.registerHooks === 'function') {
  module.registerHooks(await import('./typescript-hooks.js'));
} else {
  // Node.js before 22.15 runs hooks in a thread of their own.
  module.register('./typescript-hooks.js', import.meta.url);
}
