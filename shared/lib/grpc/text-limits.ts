/** How a text is asked to be. */
export interface TextLimits {
  /** The most characters (Unicode code points) that it may have. */
  max: number;
}

/**
 * @param text - what the caller has sent in a field
 * @param limits - how long it may be; it must never be empty
 * @returns what is wrong with it, to stand behind the field's name: `must not be empty`; undefined when it is right
 */
export const textProblem = (text: string, { max }: TextLimits): string | undefined => {
  if (text === '') return 'must not be empty';
  // A character beyond U+FFFF takes two units of a JavaScript string; counting is only needed in between.
  if (text.length > 2 * max || (text.length > max && [...text].length > max)) {
    return `must not be longer than ${max.toLocaleString('en')} characters`;
  }
  return undefined;
};
