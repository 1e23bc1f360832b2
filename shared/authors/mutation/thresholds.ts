/** How many of a hundred changes the tests have to notice. */
export const thresholds = { solutions: 92, engine: 85 } as const;
