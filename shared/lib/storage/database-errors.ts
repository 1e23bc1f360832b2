// Apart from the database itself, which is large: every server of a lesson has to know this error when it sees it.

/** A database could not be opened. The message says why, in a sentence for the person who started the server. */
export class CannotOpenDatabase extends Error {
  override name = 'CannotOpenDatabase';
}
