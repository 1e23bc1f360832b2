let values = 0;

/** @returns a phone number that no other call in this process has got */
export const newNumber = (): string => `+1415${2_000_000 + (values += 1)}`;

/** @returns a text that no other call in this process has got */
export const newText = (): string => `text ${(values += 1)}`;
