/** @returns the error that a function throws */
export const thrownBy = (act: () => unknown): Error => {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('It did not fail.');
};
