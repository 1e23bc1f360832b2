// Loaded by `--import` before everything else: notes each module that a process loads, and which one has asked for it.
// The notes go to the file that LOADS_FILE names, a line for each: what is loaded, a tab, and for whom.
import { appendFileSync } from 'node:fs';
import module from 'node:module';
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';

const note = (loaded, by) => appendFileSync(process.env.LOADS_FILE, `${loaded}\t${by}\n`);

export const resolve = async (specifier, context, next) => {
  const resolved = await next(specifier, context);
  if (context.parentURL) note(resolved.url, context.parentURL);
  return resolved;
};

// The thread of the hooks loads this file again.
if (isMainThread) {
  module.register(import.meta.url);
  process.on('exit', () => {
    // What CommonJS has required goes past the hooks.
    for (const { filename, children } of Object.values(module.createRequire(import.meta.url).cache)) {
      for (const child of children) note(pathToFileURL(child.filename).href, pathToFileURL(filename).href);
    }
  });
}
