/** A program that only authors need is missing, or does not do its work. The message says what to do about it. */
export class CannotUseTool extends Error {
  override name = 'CannotUseTool';
}
