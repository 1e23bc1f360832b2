/**
 * Ends the program silently when its output is closed, as by `head` after some lines; and when
 * nothing can be written at all, because there is nowhere to say so. Node would end it with a stack trace.
 */
export const quietWhenClosed = (): void => {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      process.exit(error.code === 'EPIPE' ? 0 : 1);
    });
  }
};
